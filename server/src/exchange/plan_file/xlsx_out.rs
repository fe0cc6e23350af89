//! Sheets as an Excel workbook.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use grid_engine::value::{NumberFormat, Value};
use grid_engine::workbook::FileFormula;
use rust_xlsxwriter::{Format, FormatAlign, FormatUnderline, Formula, Workbook, Worksheet, XlsxError};

use super::{Page, PageCell, Pages};

/// Excel's limits of a sheet.
const MAX_ROWS: usize = 1_048_576;
const MAX_COLS: usize = 16_384;
/// Width of a column in characters: keys as long as their longest, numbers with room for millions.
const NARROWEST: f64 = 10.0;
const WIDEST: f64 = 40.0;

/// Writes the pages; formulas stay formulas where Excel can state them and carry their values with them.
///
/// Errors: a sheet is larger than Excel's.
pub fn write(pages: &Pages) -> Result<Vec<u8>, String> {
    let mut file = Workbook::new();
    let mut formats = Formats::new();
    for page in &pages.sheets {
        let cols = page.formats.len();
        if page.rows.len() >= MAX_ROWS || cols > MAX_COLS {
            return Err(format!(
                "{} has {} rows and {cols} columns; a sheet of Excel has at most {MAX_ROWS} and {MAX_COLS}: take it as CSV",
                page.title,
                page.rows.len()
            ));
        }
        write_page(file.add_worksheet(), page, &mut formats).map_err(|error| format!("{}: {error}", page.title))?;
    }
    for (name, formula) in &pages.names {
        // Names follow Excel's rule here too. One it refuses all the same leaves formulas that use it without their name:
        // better than no file.
        let _ = file.define_name(name.as_ref(), formula);
    }
    file.save_to_buffer().map_err(|error| error.to_string())
}

fn write_page(sheet: &mut Worksheet, page: &Page, formats: &mut Formats) -> Result<(), XlsxError> {
    sheet.set_name(&page.title)?;
    // What a formula with an empty text as its result shows until it is calculated again.
    sheet.set_formula_result_default("");
    let above = u32::from(!page.headings.is_empty());
    for (col, heading) in (0_u16..).zip(&page.headings) {
        sheet.write_string_with_format(0, col, heading, &formats.heading)?;
    }
    if above > 0 {
        sheet.set_freeze_panes(above, page.keys as u16)?;
        if !page.rows.is_empty() {
            sheet.autofilter(0, 0, page.rows.len() as u32, (page.headings.len() - 1) as u16)?;
        }
    }
    for (col, (place, format)) in (0_u16..).zip(page.formats.iter().enumerate()) {
        let texts = page.rows.iter().filter_map(|row| row.get(place)?.value.as_text());
        let longest = texts.map(|text| text.chars().count()).chain(page.headings.get(place).map(|h| h.len())).max();
        sheet.set_column_width(col, (longest.unwrap_or(0) as f64 + 2.0).clamp(NARROWEST, WIDEST))?;
        if let Some(format) = formats.of(*format) {
            sheet.set_column_format(col, format)?;
        }
    }
    // Formulas first: one that fills several cells writes all of them, and their values come over it.
    let cells = || {
        let rows = (above..).zip(&page.rows);
        rows.flat_map(|(row, cells)| (0_u16..).zip(cells).map(move |(col, cell)| (row, col, cell)))
    };
    for (row, col, cell) in cells() {
        if let Some(formula) = &cell.formula {
            write_formula(sheet, (row, col), formula, cell, formats.cell(page, col, cell))?;
        }
    }
    for (row, col, cell) in cells().filter(|(_, _, cell)| cell.formula.is_none()) {
        write_value(sheet, (row, col), &cell.value, formats.cell(page, col, cell))?;
    }
    Ok(())
}

fn write_formula(
    sheet: &mut Worksheet,
    (row, col): (u32, u16),
    formula: &FileFormula,
    cell: &PageCell,
    format: &Format,
) -> Result<(), XlsxError> {
    let result = match &cell.value {
        Value::Array(array) => result_of(array.first()),
        value => result_of(value),
    };
    // The library takes a brace at the end for that of an array formula.
    let text = if formula.text.ends_with('}') { format!("{} ", formula.text) } else { formula.text.clone() };
    let stated = Formula::new(text).set_result(result);
    let (rows, cols) = formula.fills;
    if rows > 1 || cols > 1 {
        let (last_row, last_col) = (row + rows - 1, col + cols as u16 - 1);
        sheet.write_dynamic_array_formula_with_format(row, col, last_row, last_col, stated, format)?;
    } else if formula.is_array {
        sheet.write_dynamic_formula_with_format(row, col, stated, format)?;
    } else {
        sheet.write_formula_with_format(row, col, stated, format)?;
    }
    Ok(())
}

fn result_of(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        Value::Text(text) => text.to_string(),
        Value::Error(error) => error.kind.code().to_owned(),
        Value::Blank | Value::Array(_) => String::new(),
    }
}

fn write_value(sheet: &mut Worksheet, at: (u32, u16), value: &Value, format: &Format) -> Result<(), XlsxError> {
    let (row, col) = at;
    match value {
        Value::Blank => return Ok(()),
        Value::Number(number) => sheet.write_number_with_format(row, col, *number, format)?,
        Value::Bool(truth) => sheet.write_boolean_with_format(row, col, *truth, format)?,
        Value::Text(text) => sheet.write_string_with_format(row, col, text.as_str(), format)?,
        Value::Error(error) => sheet.write_string_with_format(row, col, error.kind.code(), format)?,
        Value::Array(array) => return write_value(sheet, at, array.first(), format),
    };
    Ok(())
}

/// Excel's formats for ours, made once.
struct Formats {
    heading: Format,
    plain: Format,
    known: Vec<(NumberFormat, Format)>,
    /// With the words of styles.
    styled: HashMap<(NumberFormat, String), Format>,
}

/// The colours of styles on a white ground: of text, and of ground.
const COLOURS: [(&str, u32, u32); 8] = [
    ("red", 0x00b4_2318, 0x00fb_d9d5),
    ("orange", 0x00b5_4708, 0x00fd_e1c4),
    ("yellow", 0x008a_6100, 0x00fd_f0b6),
    ("green", 0x0006_7647, 0x00cd_eed9),
    ("teal", 0x000b_6b63, 0x00c8_eeea),
    ("blue", 0x0024_38b8, 0x00d5_dcfb),
    ("purple", 0x0069_38b5, 0x00e6_daf8),
    ("grey", 0x005a_6375, 0x00e2_e5eb),
];

/// A format with the words of a style.
fn with_words(format: Format, style: &str) -> Format {
    let colour = |name: &str| COLOURS.into_iter().find(|(known, ..)| *known == name);
    style.split(' ').fold(format, |format, word| match word {
        "bold" | "heading" => format.set_bold(),
        "italic" => format.set_italic(),
        "underline" => format.set_underline(FormatUnderline::Single),
        "strike" => format.set_font_strikethrough(),
        "left" => format.set_align(FormatAlign::Left),
        "center" => format.set_align(FormatAlign::Center),
        "right" => format.set_align(FormatAlign::Right),
        _ => {
            let ink = word.strip_prefix("ink-").and_then(colour);
            let fill = word.strip_prefix("fill-").and_then(colour);
            match (ink, fill) {
                (Some((_, ink, _)), _) => format.set_font_color(ink),
                (_, Some((_, _, fill))) => format.set_background_color(fill),
                _ => format,
            }
        }
    })
}

impl Formats {
    fn new() -> Self {
        let known = [
            (NumberFormat::Whole, "#,##0"),
            (NumberFormat::Decimal, "#,##0.00"),
            (NumberFormat::Percent, "0.0%"),
            (NumberFormat::Money, "#,##0"),
            (NumberFormat::Price, "#,##0.00"),
            (NumberFormat::Date, "yyyy-mm-dd"),
            (NumberFormat::Text, "@"),
        ];
        Self {
            heading: Format::new().set_bold().set_text_wrap(),
            plain: Format::new(),
            known: known.into_iter().map(|(format, code)| (format, Format::new().set_num_format(code))).collect(),
            styled: HashMap::new(),
        }
    }

    fn of(&self, format: NumberFormat) -> Option<&Format> {
        self.known.iter().find(|(known, _)| *known == format).map(|(_, format)| format)
    }

    fn cell(&mut self, page: &Page, col: u16, cell: &PageCell) -> &Format {
        let number = cell.format.or_else(|| page.formats.get(usize::from(col)).copied()).unwrap_or_default();
        let Some(style) = &cell.style else { return self.of(number).unwrap_or(&self.plain) };
        let plain = self.of(number).unwrap_or(&self.plain).clone();
        match self.styled.entry((number, style.clone())) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(with_words(plain, style)),
        }
    }
}
