//! References only files know, written as those the engine reads: parts of tables, and cells of several sheets.

use std::borrow::Cow;

use super::WorkbookFile;
use super::tables::closing;

impl WorkbookFile {
    /// A formula's text with `Table1[Column]` as `Sheet!$A$2:$A$9` and `Sheet1:Sheet3!A1` as `(Sheet1!A1,…)`, for a
    /// cell in a zero-based row. What names no table or sheet stays.
    pub(super) fn plain_references<'a>(&self, text: &'a str, sheet: usize, row: u32) -> Cow<'a, str> {
        if !text.contains(['[', ':']) || (self.tables.is_empty() && !text.contains('!')) {
            return Cow::Borrowed(text);
        }
        let mut reader = Reader { file: self, sheet, row, rest: text, out: String::new(), calls: Vec::new() };
        reader.run();
        if reader.out == text { Cow::Borrowed(text) } else { Cow::Owned(reader.out) }
    }

    fn place_of_sheet(&self, title: &str) -> Option<usize> {
        self.sheets.iter().position(|of| of.title.to_lowercase() == title.to_lowercase())
    }
}

struct Reader<'a, 'b> {
    file: &'a WorkbookFile,
    sheet: usize,
    row: u32,
    rest: &'b str,
    out: String,
    /// Functions whose arguments are being read.
    calls: Vec<&'b str>,
}

impl<'b> Reader<'_, 'b> {
    fn run(&mut self) {
        while let Some(c) = self.rest.chars().next() {
            match c {
                '"' => {
                    let end = self.rest[1..].find('"').map_or(self.rest.len(), |at| at + 2);
                    self.copy(end);
                }
                '\'' => {
                    let title = quoted(self.rest);
                    if !self.sheets(title) {
                        self.copy(title);
                    }
                }
                '[' => {
                    let end = closing(&self.rest[1..]).map_or(self.rest.len(), |at| at + 2);
                    if !self.table("", end) {
                        self.copy(end);
                    }
                }
                '(' => {
                    self.calls.push("");
                    self.copy(1);
                }
                ')' => {
                    self.calls.pop();
                    self.copy(1);
                }
                c if is_word(c) => self.word(),
                c => self.copy(c.len_utf8()),
            }
        }
    }

    fn copy(&mut self, bytes: usize) {
        let (head, rest) = self.rest.split_at(bytes);
        self.out.push_str(head);
        self.rest = rest;
    }

    fn word(&mut self) {
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let (word, after) = self.rest.split_at(end);
        if after.starts_with('(') {
            self.calls.push(word.trim_start_matches("_xlfn.").trim_start_matches("_xlws."));
            return self.copy(end + 1);
        }
        if after.starts_with('[')
            && let Some(close) = closing(&after[1..])
        {
            let bytes = end + close + 2;
            if !self.table(word, bytes) {
                self.copy(bytes);
            }
            return;
        }
        let second = after.strip_prefix(':').and_then(|second| {
            let length = second.find(|c| !is_word(c)).unwrap_or(second.len());
            second[length..].starts_with('!').then_some(end + 1 + length)
        });
        if !second.is_some_and(|length| self.sheets(length)) {
            self.copy(end);
        }
    }

    /// Replaces a structured reference of so many bytes; without a table's name the one around the cell is meant.
    fn table(&mut self, name: &str, bytes: usize) -> bool {
        let within =
            |table: &&super::FileTable| table.sheet == self.sheet && (table.first.0..=table.last.0).contains(&self.row);
        let named = |table: &&super::FileTable| table.name.to_lowercase() == name.to_lowercase();
        let found =
            if name.is_empty() { self.file.tables.iter().find(within) } else { self.file.tables.iter().find(named) };
        let Some(table) = found else { return false };
        let inside = &self.rest[name.len() + 1..bytes - 1];
        match table.cells(inside, self.row) {
            Some(cells) => {
                self.out.push_str(&written(&self.file.sheets[table.sheet].title));
                self.out.push_str(&cells);
            }
            None if name.is_empty() => return false,
            // The row is none of the table's.
            None if inside.to_lowercase().contains("#this row") => self.out.push_str("#VALUE!"),
            None => self.out.push_str("#REF!"),
        }
        self.rest = &self.rest[bytes..];
        true
    }

    /// Replaces `First:Last!A1:B2`, of which the sheets take so many bytes.
    fn sheets(&mut self, bytes: usize) -> bool {
        let (titles, after) = self.rest.split_at(bytes);
        let Some(after) = after.strip_prefix('!') else { return false };
        let plain = titles.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\''));
        let titles = plain.map_or(Cow::Borrowed(titles), |inner| Cow::Owned(inner.replace("''", "'")));
        // Titles hold no colons.
        let Some((first, last)) = titles.split_once(':') else { return false };
        let place = |title: &str| self.file.place_of_sheet(title);
        let (Some(first), Some(last)) = (place(first), place(last)) else { return false };
        let is_cells = |c: char| c.is_ascii_alphanumeric() || matches!(c, '$' | ':');
        let end = after.find(|c| !is_cells(c)).unwrap_or(after.len());
        let cells = &after[..end];
        let between = &self.file.sheets[first.min(last)..=first.max(last)];
        let each: Vec<String> = between.iter().map(|of| format!("{}{cells}", written(&of.title))).collect();
        // Stacks keep the shape of each range; elsewhere one reference of several parts stands for all.
        let apart = self.calls.last().is_some_and(|call| matches!(*call, "VSTACK" | "HSTACK"));
        let all = each.join(",");
        self.out.push_str(&if apart { all } else { format!("({all})") });
        self.rest = &after[end..];
        true
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '\\' | '$')
}

/// Bytes of the quoted title at the start.
fn quoted(text: &str) -> usize {
    let mut at = 1;
    while let Some(end) = text[at..].find('\'') {
        at += end + 1;
        if !text[at..].starts_with('\'') {
            return at;
        }
        at += 1;
    }
    text.len()
}

/// A sheet's title as formulas write it, with its `!`.
fn written(title: &str) -> String {
    format!("'{}'!", title.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::super::{FileSheet, FileTable};
    use super::*;

    #[test]
    fn what_only_files_know_is_written_out() {
        let sheet = |title: &str| FileSheet { title: title.into(), ..FileSheet::default() };
        let table = FileTable {
            name: "Sales".into(),
            sheet: 1,
            first: (0, 0),
            last: (9, 1),
            has_headers: true,
            has_totals: false,
            columns: vec!["Item".into(), "Qty".into()],
        };
        let file = WorkbookFile {
            sheets: vec![sheet("Jan"), sheet("Feb"), sheet("It's March")],
            tables: vec![table],
            ..WorkbookFile::default()
        };
        for (text, expected) in [
            ("SUM(Sales[Qty])", "SUM('Feb'!$B$2:$B$10)"),
            ("sales[[#This Row],[Qty]]*2", "'Feb'!$B5*2"),
            ("[@Qty]*2", "'Feb'!$B5*2"),
            ("Sales[Nothing]", "#REF!"),
            ("Other[Qty]", "Other[Qty]"),
            ("Sales[#Totals]", "#REF!"),
            ("\"Sales[Qty]\"&A1", "\"Sales[Qty]\"&A1"),
            ("[1]Sheet1!A1", "[1]Sheet1!A1"),
            ("SUM(Jan:Feb!A1)", "SUM(('Jan'!A1,'Feb'!A1))"),
            ("SUM(Feb:Jan!A1:B2,3)", "SUM(('Jan'!A1:B2,'Feb'!A1:B2),3)"),
            ("SUM('Feb:It''s March'!$A:$A)", "SUM(('Feb'!$A:$A,'It''s March'!$A:$A))"),
            ("_xlfn.VSTACK(Jan:Feb!A1:B2)", "_xlfn.VSTACK('Jan'!A1:B2,'Feb'!A1:B2)"),
            ("SUM(Jan!A1:B2)", "SUM(Jan!A1:B2)"),
            ("'It''s March'!A1", "'It''s March'!A1"),
            ("SUM(A1:B2)", "SUM(A1:B2)"),
        ] {
            assert_eq!(file.plain_references(text, 1, 4), expected, "{text}");
        }
    }
}
