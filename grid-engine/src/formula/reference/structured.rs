//! Structured references: `Demand[Consensus, plan]`, `[@Stock:-1]`.

use super::super::ast::Expr;
use super::super::parse::Parser;
use super::super::{FormulaError, MeasureRef, Names, When};
use super::Place;
use crate::refs::SheetId;

/// Reads the inside of `sheet@version[…]`.
pub fn parse(
    parser: &Parser<'_>,
    place: Place<'_>,
    sheet: Option<SheetId>,
    version: Option<&str>,
    inside: &str,
) -> Result<Expr, FormulaError> {
    let inside = inside.trim();
    let (own_row, rest) = match inside.strip_prefix('@') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, inside),
    };
    let (name, when) = split_name(rest);
    let when = when.map(str::trim).filter(|when| !when.is_empty());
    let default = if own_row { When::Here(0) } else { When::All };
    let when = match when {
        None => default,
        Some(text) => read_when(text).ok_or_else(|| {
            parser.error_before(format!(
                "‘{text}’ is no time: use a bucket such as 2026-03, @, a step such as -1, all, history or plan"
            ))
        })?,
    };
    let home = sheet.unwrap_or(place.at.sheet);
    let measure = place.names.measure_by_name(home, &name).ok_or_else(|| {
        let title = place.names.sheet_title(home).unwrap_or("this sheet");
        parser.error_before(format!("{title} has no measure ‘{name}’"))
    })?;
    Ok(Expr::Measure(MeasureRef { sheet, version: version.map(Into::into), measure, own_row, when }))
}

/// The unescaped measure name up to the first `,` or `:`, and what follows.
fn split_name(text: &str) -> (String, Option<&str>) {
    // Excel also writes `[@[Net price]]`.
    if let Some((name, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        return (name.trim().to_owned(), rest.trim_start().strip_prefix([',', ':']));
    }
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            ',' | ':' => return (name.trim().to_owned(), Some(&text[at + 1..])),
            '\'' => name.extend(chars.next().map(|(_, c)| c)),
            _ => name.push(c),
        }
    }
    (name.trim().to_owned(), None)
}

/// Reads `@`, `@-1`, `-1`, `+2`, `2026-03`, `all`, `history` or `plan`.
pub fn read_when(text: &str) -> Option<When> {
    match text.to_ascii_lowercase().as_str() {
        "all" => return Some(When::All),
        "history" => return Some(When::History),
        "plan" => return Some(When::Plan),
        "@" => return Some(When::Here(0)),
        _ => {}
    }
    let step = text.strip_prefix('@').unwrap_or(text).trim();
    if step.starts_with(['-', '+']) {
        return step.parse().ok().map(When::Here);
    }
    text.to_ascii_uppercase().parse().ok().map(When::At)
}

/// The text people read; `#REF!` in place of a sheet or measure that is gone.
pub fn write(out: &mut String, names: &dyn Names, home: SheetId, reference: &MeasureRef) {
    let MeasureRef { sheet, version, measure, own_row, when } = reference;
    let title = sheet.map(|sheet| names.sheet_title(sheet));
    let name = names.measure_name(sheet.unwrap_or(home), *measure);
    let (Some(name), false) = (name, title == Some(None)) else {
        out.push_str("#REF!");
        return;
    };
    if let Some(title) = title.flatten() {
        super::super::print::push_title(out, title);
    }
    if let Some(version) = version {
        out.push('@');
        super::super::print::push_title(out, version);
    }
    out.push('[');
    if *own_row {
        out.push('@');
    }
    for c in name.chars() {
        if matches!(c, '[' | ']' | ',' | ':' | '@' | '\'') {
            out.push('\'');
        }
        out.push(c);
    }
    let when = match (when, own_row) {
        (When::Here(0), true) | (When::All, false) => None,
        (When::Here(0), false) => Some("@".to_owned()),
        (When::Here(step), true) => Some(format!("{step:+}")),
        (When::Here(step), false) => Some(format!("@{step:+}")),
        (When::At(bucket), _) => Some(bucket.to_string()),
        (When::All, true) => Some("all".to_owned()),
        (When::History, _) => Some("history".to_owned()),
        (When::Plan, _) => Some("plan".to_owned()),
    };
    if let Some(when) = when {
        out.push_str(if *own_row { ":" } else { ", " });
        out.push_str(&when);
    }
    out.push(']');
}
