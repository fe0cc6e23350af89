//! Units of measure: CONVERT.

use super::args::not_found;
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, Value};

pub(super) const FUNCTIONS: &[Declared] = &[declare(
    "CONVERT(number, from, to)",
    "A measure in another unit of the same kind: \"kg\" to \"lbm\", \"C\" to \"F\".",
    "=CONVERT(1,\"lbm\",\"kg\")",
    Body::Each(convert),
)];

/// What is measured, the unit all others are multiples of, and each unit's size in it. Units that take prefixes come
/// after the semicolon. Source: NIST Special Publication 811, appendix B.
const UNITS: &[(&str, &str)] = &[
    (
        "mass",
        "sg 14593.902937206 lbm 453.59237 u 1.660538782e-24 ozm 28.349523125 grain 0.06479891 cwt 45359.237 \
         shweight 45359.237 uk_cwt 50802.34544 lcwt 50802.34544 hweight 50802.34544 stone 6350.29318 ton 907184.74 \
         uk_ton 1016046.9088 LTON 1016046.9088 brton 1016046.9088; g 1",
    ),
    (
        "length",
        "mi 1609.344 Nmi 1852 in 0.0254 ft 0.3048 yd 0.9144 ell 1.143 ly 9460730472580800 survey_mi 1609.347218694 \
         Picapt 0.000352777777777778 Pica 0.000352777777777778 pica 0.00423333333333333; m 1 ang 1e-10 \
         parsec 30856775812815500 pc 30856775812815500",
    ),
    ("time", "yr 31557600 day 86400 d 86400 hr 3600 mn 60 min 60; s 1 sec 1"),
    ("pressure", "psi 6894.75729316836 Torr 133.322368421053; Pa 1 p 1 atm 101325 at 101325 mmHg 133.322"),
    ("force", "lbf 4.4482216152605 pond 0.00980665; N 1 dyn 1e-5 dy 1e-5 pond 0.00980665"),
    (
        "energy",
        "HPh 2684519.53769617 hh 2684519.53769617 flb 1.3558179483314 BTU 1055.05585262 btu 1055.05585262; J 1 e 1e-7 \
         c 4.184 cal 4.1868 eV 1.602176487e-19 ev 1.602176487e-19 Wh 3600 wh 3600",
    ),
    ("power", "HP 745.69987158227 h 745.69987158227 PS 735.49875; W 1 w 1"),
    ("magnetism", "; T 1 ga 1e-4"),
    (
        "volume",
        "tsp 0.00000492892159375 tspm 0.000005 tbs 0.00001478676478125 oz 0.0000295735295625 cup 0.0002365882365 \
         pt 0.000473176473 us_pt 0.000473176473 uk_pt 0.00056826125 qt 0.000946352946 uk_qt 0.0011365225 \
         gal 0.003785411784 uk_gal 0.00454609 ang3 1e-30 ang^3 1e-30 barrel 0.158987294928 bushel 0.03523907016688 \
         ft3 0.028316846592 ft^3 0.028316846592 in3 0.000016387064 in^3 0.000016387064 m3 1 m^3 1 \
         mi3 4168181825.44058 mi^3 4168181825.44058 yd3 0.764554857984 yd^3 0.764554857984 \
         Nmi3 6352182208 Nmi^3 6352182208 GRT 2.8316846592 regton 2.8316846592 MTON 1.13267386368; l 0.001 L 0.001 \
         lt 0.001",
    ),
    (
        "area",
        "uk_acre 4046.8564224 us_acre 4046.87260987425 ft2 0.09290304 ft^2 0.09290304 in2 0.00064516 in^2 0.00064516 \
         m2 1 m^2 1 mi2 2589988.110336 mi^2 2589988.110336 Nmi2 3429904 Nmi^2 3429904 Morgen 2500 yd2 0.83612736 \
         yd^2 0.83612736 ang2 1e-20 ang^2 1e-20; ar 100 ha 10000",
    ),
    ("information", "; bit 1 byte 8"),
    (
        "speed",
        "admkn 0.514773333333333 kn 0.514444444444444 mph 0.44704; m/s 1 m/sec 1 m/h 0.000277777777777778 \
         m/hr 0.000277777777777778",
    ),
];

const PREFIXES: &str = "Y 1e24 Z 1e21 E 1e18 P 1e15 T 1e12 G 1e9 M 1e6 k 1e3 h 1e2 da 1e1 e 1e1 d 1e-1 c 1e-2 m 1e-3 \
                        u 1e-6 n 1e-9 p 1e-12 f 1e-15 a 1e-18 z 1e-21 y 1e-24";
const BINARY_PREFIXES: &str = "Yi 1208925819614629174706176 Zi 1180591620717411303424 Ei 1152921504606846976 \
                               Pi 1125899906842624 Ti 1099511627776 Gi 1073741824 Mi 1048576 ki 1024";

/// The pairs of a name and a number in a list.
fn pairs(list: &str) -> impl Iterator<Item = (&str, f64)> {
    let mut words = list.split_whitespace();
    std::iter::from_fn(move || Some((words.next()?, words.next()?.parse().ok()?)))
}

/// What a unit measures and its size.
fn unit(name: &str) -> Option<(&'static str, f64)> {
    for &(kind, list) in UNITS {
        let (plain, prefixed) = list.split_once(';').unwrap_or((list, ""));
        let exact = pairs(plain).chain(pairs(prefixed)).find(|(unit, _)| *unit == name);
        if let Some((_, size)) = exact {
            return Some((kind, size));
        }
    }
    for &(kind, list) in UNITS {
        let (_, prefixed) = list.split_once(';').unwrap_or((list, ""));
        let binary = if kind == "information" { BINARY_PREFIXES } else { "" };
        for (unit, size) in pairs(prefixed) {
            let Some(prefix) = name.strip_suffix(unit) else { continue };
            if let Some((_, factor)) = pairs(binary).chain(pairs(PREFIXES)).find(|(known, _)| *known == prefix) {
                return Some((kind, size * factor));
            }
        }
    }
    None
}

/// A temperature in kelvin, and back.
fn kelvin(unit: &str, value: f64, back: bool) -> Option<f64> {
    let (scale, zero) = match unit {
        "K" | "kel" => (1.0, 0.0),
        "C" | "cel" => (1.0, 273.15),
        "F" | "fah" => (1.0 / 1.8, 459.67 / 1.8),
        "Rank" => (1.0 / 1.8, 0.0),
        "Reau" => (1.25, 273.15),
        _ => return None,
    };
    Some(if back { (value - zero) / scale } else { value * scale + zero })
}

fn convert(args: &Args<'_>) -> Outcome {
    let (number, from, to) = (args.number(0)?, args.text(1)?, args.text(2)?);
    let unknown = |name: &str| -> CellError { not_found(&format!("there is no unit ‘{name}’")) };
    if let Some(temperature) = kelvin(&from, number, false) {
        return kelvin(&to, temperature, true).map(Value::number).ok_or_else(|| unknown(&to));
    }
    let ((kind, size), (other, target)) =
        (unit(&from).ok_or_else(|| unknown(&from))?, unit(&to).ok_or_else(|| unknown(&to))?);
    if kind != other {
        return Err(not_found(&format!("‘{from}’ measures {kind}, ‘{to}’ {other}")));
    }
    Ok(Value::number(number * size / target))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn measures_in_other_units() {
        check(&[
            ("CONVERT(1,\"lbm\",\"kg\")", "0.45359237"),
            ("CONVERT(68,\"F\",\"C\")", "20"),
            ("CONVERT(2.5,\"ft\",\"sec\")", "#N/A"),
            ("CONVERT(1,\"mi\",\"km\")", "1.609344"),
            ("CONVERT(1,\"kibyte\",\"bit\")", "8192"),
            ("CONVERT(1,\"day\",\"hr\")", "24"),
            ("CONVERT(1,\"what\",\"m\")", "#N/A"),
        ]);
    }
}
