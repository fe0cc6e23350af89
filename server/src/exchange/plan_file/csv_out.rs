//! A sheet as CSV: values, in full precision and with a decimal point, for programs and for spreadsheets.

use grid_engine::value::Value;

use super::Page;

/// Writes a page, UTF-8 with the mark by which Excel knows it.
///
/// Texts that a spreadsheet would take for formulas get an apostrophe before them: a file that came from other people must
/// calculate nothing. Errors: the page is too large for memory.
pub fn write(page: &Page) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::WriterBuilder::new().flexible(true).from_writer(b"\xef\xbb\xbf".to_vec());
    if !page.headings.is_empty() {
        out.write_record(page.headings.iter().map(|heading| harmless(heading)))?;
    }
    for row in &page.rows {
        // A record without any field is none.
        let is_empty = row.is_empty();
        out.write_record(row.iter().map(|cell| text_of(&cell.value)).chain(is_empty.then(String::new)))?;
    }
    out.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Blank => String::new(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        Value::Text(text) => harmless(text),
        Value::Error(error) => error.kind.code().to_owned(),
        Value::Array(array) => text_of(array.first()),
    }
}

fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::exchange::plan_file::PageCell;

    #[test]
    fn b6_formulas_in_texts_do_not_leave() {
        let cell = |value: Value| PageCell { value, formula: None, format: None, style: None, is_spilled: false };
        let row = vec![
            cell("=HYPERLINK(\"http://x\")".into()),
            cell("@SUM(A1)".into()),
            cell("-1+2".into()),
            cell((-1.5).into()),
            cell("say \"a,b\"".into()),
            cell(Value::Blank),
        ];
        let headings = vec!["+Key".to_owned(), "Ü".to_owned()];
        let page = Page { title: "T".into(), headings, keys: 1, formats: Vec::new(), rows: vec![row] };
        let text = String::from_utf8(write(&page).unwrap()).unwrap();
        let expected = "\u{feff}'+Key,Ü\n\"'=HYPERLINK(\"\"http://x\"\")\",'@SUM(A1),'-1+2,-1.5,\"say \"\"a,b\"\"\",\n";
        assert_eq!(text, expected);
    }
}
