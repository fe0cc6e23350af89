//! The tables of a file's sheets, and which cells their parts are.

use grid_engine::refs::a1::column_letters;

use super::container::{Container, attribute, each_element};
use super::sheet_xml::position;

/// A table of a sheet, by zero-based places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTable {
    /// By which formulas know it.
    pub name: String,
    /// The number of its sheet.
    pub sheet: usize,
    /// Top left and bottom right, with headings and totals.
    pub first: (u32, u32),
    pub last: (u32, u32),
    pub has_headers: bool,
    pub has_totals: bool,
    pub columns: Vec<String>,
}

/// A part of a table's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    All,
    Data,
    Headers,
    Totals,
    ThisRow,
}

/// Reads the tables of a sheet.
pub fn read(contents: &mut Container<'_>, path: &str, sheet: usize) -> Result<Vec<FileTable>, String> {
    let mut tables = Vec::new();
    for part in contents.related(path, "table")? {
        let xml = contents.part(&part)?;
        let mut table = FileTable { sheet, has_headers: true, ..FileTable::default() };
        each_element(&xml, &mut |element, _| {
            match element.local_name().as_ref() {
                "table" => {
                    table.name = attribute(element, "displayName")?.unwrap_or_default();
                    let at = attribute(element, "ref")?.unwrap_or_default();
                    let (first, last) = at.split_once(':').unwrap_or((&at, &at));
                    (table.first, table.last) =
                        (position(first).unwrap_or_default(), position(last).unwrap_or_default());
                    table.has_headers = attribute(element, "headerRowCount")?.is_none_or(|count| count != "0");
                    table.has_totals = attribute(element, "totalsRowCount")?.is_some_and(|count| count != "0");
                }
                "tableColumn" => table.columns.push(attribute(element, "name")?.unwrap_or_default()),
                _ => {}
            }
            Ok(())
        })
        .map_err(|error| format!("its part {part} is damaged ({error}): save the file again"))?;
        if !table.name.is_empty() {
            tables.push(table);
        }
    }
    Ok(tables)
}

impl FileTable {
    /// The A1 text of a structured reference's inside, for a formula in a zero-based row; `None` where the table has
    /// no such part.
    ///
    /// Source: Excel's help, "Using structured references with Excel tables"; files write `@` as `[#This Row]`.
    pub fn cells(&self, inside: &str, row: u32) -> Option<String> {
        let (mut parts, mut columns) = (Vec::new(), None);
        let inside = inside.trim();
        let (inside, own) = inside.strip_prefix('@').map_or((inside, false), |rest| (rest, true));
        parts.extend(own.then_some(Part::ThisRow));
        let items = if inside.starts_with('[') { items(inside)? } else { vec![Item::Single(unescaped(inside.trim()))] };
        for item in items {
            match item {
                Item::Single(text) if text.is_empty() => {}
                Item::Single(text) => match special(&text) {
                    Some(part) => parts.push(part),
                    None => columns = Some((self.column(&text)?, self.column(&text)?)),
                },
                Item::Span(from, to) => columns = Some((self.column(&from)?, self.column(&to)?)),
            }
        }
        let (left, right) = columns.unwrap_or((self.first.1, self.last.1));
        let (left, right) = (column_letters(left.min(right)), column_letters(left.max(right)));
        if parts == [Part::ThisRow] {
            let rows = self.rows(&[Part::Data])?;
            let (row, one) = ((rows.0..=rows.1).contains(&row).then_some(row + 1)?, left == right);
            return Some(if one { format!("${left}{row}") } else { format!("${left}{row}:${right}{row}") });
        }
        let (top, bottom) = self.rows(if parts.is_empty() { &[Part::Data] } else { &parts })?;
        Some(format!("${left}${}:${right}${}", top + 1, bottom + 1))
    }

    fn column(&self, name: &str) -> Option<u32> {
        let same = |column: &String| column.replace("_x000a_", "\n").to_lowercase() == name.to_lowercase();
        Some(self.first.1 + self.columns.iter().position(same)? as u32)
    }

    /// First and last row of some parts, which lie side by side.
    fn rows(&self, parts: &[Part]) -> Option<(u32, u32)> {
        let (headers, totals) = (u32::from(self.has_headers), u32::from(self.has_totals));
        let data = (self.first.0 + headers, self.last.0.checked_sub(totals)?);
        let rows = |part: &Part| match part {
            Part::All => Some((self.first.0, self.last.0)),
            Part::Data => (data.0 <= data.1).then_some(data),
            Part::Headers => self.has_headers.then_some((self.first.0, self.first.0)),
            Part::Totals => self.has_totals.then_some((self.last.0, self.last.0)),
            Part::ThisRow => None,
        };
        let spans = parts.iter().map(rows).collect::<Option<Vec<_>>>()?;
        Some((spans.iter().map(|span| span.0).min()?, spans.iter().map(|span| span.1).max()?))
    }
}

fn special(text: &str) -> Option<Part> {
    Some(match text.to_ascii_lowercase().as_str() {
        "#all" => Part::All,
        "#data" => Part::Data,
        "#headers" => Part::Headers,
        "#totals" => Part::Totals,
        "#this row" => Part::ThisRow,
        _ => return None,
    })
}

enum Item {
    Single(String),
    Span(String, String),
}

/// `[#Headers],[From]:[To]`, cut up.
fn items(text: &str) -> Option<Vec<Item>> {
    let (mut items, mut rest) = (Vec::new(), text.trim());
    loop {
        let (first, after) = bracketed(rest)?;
        rest = after.trim_start();
        if let Some(after) = rest.strip_prefix(':') {
            let (last, after) = bracketed(after.trim_start())?;
            items.push(Item::Span(first, last));
            rest = after.trim_start();
        } else {
            items.push(Item::Single(first));
        }
        match rest.strip_prefix(',') {
            Some(after) => rest = after.trim_start(),
            None => return rest.is_empty().then_some(items),
        }
    }
}

/// What stands in the brackets at the start, and what follows them.
fn bracketed(text: &str) -> Option<(String, &str)> {
    let inside = text.strip_prefix('[')?;
    let end = closing(inside)?;
    Some((unescaped(inside[..end].trim()), &inside[end + 1..]))
}

/// Where the bracket that is open at the start closes; `'` takes the meaning from the next character.
pub fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut escaped) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\'' => escaped = true,
            '[' => depth += 1,
            ']' if depth == 0 => return Some(at),
            ']' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn unescaped(text: &str) -> String {
    let (mut out, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        if c == '\'' { out.extend(chars.next()) } else { out.push(c) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_cells() {
        let table = FileTable {
            name: "Sales".into(),
            sheet: 0,
            first: (2, 1),
            last: (8, 3),
            has_headers: true,
            has_totals: true,
            columns: ["Item", "Net price", "Odd [x]#'1"].map(String::from).to_vec(),
        };
        for (inside, expected) in [
            ("Item", Some("$B$4:$B$8")),
            ("item", Some("$B$4:$B$8")),
            ("Net price", Some("$C$4:$C$8")),
            ("Odd '[x']'#''1", Some("$D$4:$D$8")),
            ("", Some("$B$4:$D$8")),
            ("#All", Some("$B$3:$D$9")),
            ("#Data", Some("$B$4:$D$8")),
            ("#Headers", Some("$B$3:$D$3")),
            ("[#Totals],[Item]", Some("$B$9:$B$9")),
            ("[#Headers],[#Data],[Item]:[Net price]", Some("$B$3:$C$8")),
            ("[Item]:[Net price]", Some("$B$4:$C$8")),
            ("[#This Row],[Item]", Some("$B6")),
            ("[#This Row], [Item]:[Net price]", Some("$B6:$C6")),
            ("#This Row", Some("$B6:$D6")),
            ("@Item", Some("$B6")),
            ("@[Net price]", Some("$C6")),
            ("Other", None),
            ("[Item", None),
        ] {
            assert_eq!(table.cells(inside, 5).as_deref(), expected, "{inside}");
        }
        assert_eq!(table.cells("[#This Row],[Item]", 2), None);
        let bare = FileTable { has_totals: false, ..table };
        assert_eq!((bare.cells("#Totals", 5), bare.cells("Item", 5).as_deref()), (None, Some("$B$4:$B$9")));
    }
}
