//! Texts of single languages: amounts in Thai words, readings of Japanese characters.

use super::args::not_found;
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "BAHTTEXT(number)",
        "An amount of baht and satang in Thai words.",
        "=BAHTTEXT(1234)",
        Body::Each(baht_text),
    ),
    declare(
        "PHONETIC(text)",
        "How a Japanese text is read; the text itself, since cells keep no readings beside their texts.",
        "=PHONETIC(\"東京\")",
        Body::Each(|args| {
            Ok(match args.value(0) {
                text @ Value::Text(_) => text.clone(),
                // Readings belong to texts: anything else has none.
                _ => Value::text(""),
            })
        }),
    ),
];

const DIGITS: [&str; 10] = ["ศูนย์", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า"];
/// Of the first six places.
const PLACES: [&str; 6] = ["", "สิบ", "ร้อย", "พัน", "หมื่น", "แสน"];
const MILLION: &str = "ล้าน";
/// Every double below has its satang exactly.
const MOST: f64 = 1e13;

fn baht_text(args: &Args<'_>) -> Outcome {
    let number = args.number(0)?;
    if number.abs() >= MOST {
        return Err(not_found("amounts from ten million million on have no words here"));
    }
    let satang = crate::value::format::round_decimal(number.abs(), 2) * 100.0;
    let satang = satang.round() as u64;
    let mut out = String::new();
    if number < 0.0 && satang > 0 {
        out.push_str("ลบ");
    }
    if satang >= 100 || satang == 0 {
        push_words(&mut out, satang / 100);
        out.push_str("บาท");
    }
    match satang % 100 {
        0 => out.push_str("ถ้วน"),
        part => {
            push_words(&mut out, part);
            out.push_str("สตางค์");
        }
    }
    Ok(Value::text(out))
}

/// A whole number in words. Millions are counted like ones; a last one after anything else is a word of its own, as is
/// the two of twenty.
fn push_words(out: &mut String, number: u64) {
    let (millions, rest) = (number / 1_000_000, number % 1_000_000);
    if millions > 0 {
        push_words(out, millions);
        out.push_str(MILLION);
    }
    if number == 0 {
        out.push_str(DIGITS[0]);
    }
    for place in (0..PLACES.len()).rev() {
        let digit = (rest / 10_u64.pow(place as u32) % 10) as usize;
        match (place, digit) {
            (_, 0) => continue,
            (0, 1) if number > 1 => out.push_str("เอ็ด"),
            (1, 1) => {}
            (1, 2) => out.push_str("ยี่"),
            _ => out.push_str(DIGITS[digit]),
        }
        out.push_str(PLACES[place]);
    }
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn amounts_in_thai_words() {
        check(&[
            // Excel's own example, and what Excel users report of last ones.
            ("BAHTTEXT(1234)", "\"หนึ่งพันสองร้อยสามสิบสี่บาทถ้วน\""),
            ("BAHTTEXT(0)", "\"ศูนย์บาทถ้วน\""),
            ("BAHTTEXT(1)", "\"หนึ่งบาทถ้วน\""),
            ("BAHTTEXT(11)", "\"สิบเอ็ดบาทถ้วน\""),
            ("BAHTTEXT(21)", "\"ยี่สิบเอ็ดบาทถ้วน\""),
            ("BAHTTEXT(101)", "\"หนึ่งร้อยเอ็ดบาทถ้วน\""),
            ("BAHTTEXT(2001)", "\"สองพันเอ็ดบาทถ้วน\""),
            ("BAHTTEXT(1101)", "\"หนึ่งพันหนึ่งร้อยเอ็ดบาทถ้วน\""),
            ("BAHTTEXT(5001000000)", "\"ห้าพันเอ็ดล้านบาทถ้วน\""),
            ("BAHTTEXT(10056518)", "\"สิบล้านห้าหมื่นหกพันห้าร้อยสิบแปดบาทถ้วน\""),
            ("BAHTTEXT(1.5)", "\"หนึ่งบาทห้าสิบสตางค์\""),
            ("BAHTTEXT(0.29)", "\"ยี่สิบเก้าสตางค์\""),
            ("BAHTTEXT(-20.011)", "\"ลบยี่สิบบาทหนึ่งสตางค์\""),
            ("BAHTTEXT(-0.001)", "\"ศูนย์บาทถ้วน\""),
            ("BAHTTEXT(1E+15)", "#N/A"),
            ("PHONETIC(\"東京\")", "\"東京\""),
            ("PHONETIC(5)", "\"\""),
        ]);
    }
}
