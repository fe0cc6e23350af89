//! What goes to the clipboard and comes from it: tab-separated text and HTML tables, as Excel and Google Sheets
//! write and read them, and our own form, which carries formulas.

use serde::{Deserialize, Serialize};

/// The clipboard type of our own form.
pub const OWN_TYPE: &str = "application/x-equipoise+json";

/// Cells as copied here: what each holds, and where the first one stood, so that formulas can shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Copied {
    /// Row and column of the first cell, as A1 counts them.
    pub origin: (u32, u32),
    /// The rows of the lines, where an order or a filter of one's own lies between them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<u32>,
    /// The columns of a line, where others lay between them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cols: Vec<u32>,
    /// Line by line, what the editor of each cell would show.
    pub cells: Vec<Vec<String>>,
    /// The number formats cells have of their own, as documents name them; none where none has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub styles: Vec<Vec<Option<String>>>,
}

/// Lines of cells as tab-separated text; cells with tabs, quotes or newlines are quoted.
pub fn to_tsv(cells: &[Vec<String>]) -> String {
    let quoted = |text: &String| {
        if text.contains(['\t', '\n', '\r', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.clone() }
    };
    cells.iter().map(|line| line.iter().map(quoted).collect::<Vec<_>>().join("\t")).collect::<Vec<_>>().join("\r\n")
}

/// Reads tab-separated text. A last line break ends the last line rather than starting another.
pub fn from_tsv(text: &str) -> Vec<Vec<String>> {
    let mut lines = vec![Vec::new()];
    let mut cell = String::new();
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            _ if quoted => cell.push(character),
            '\t' => push_cell(&mut lines, &mut cell),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                push_cell(&mut lines, &mut cell);
                lines.push(Vec::new());
            }
            _ => cell.push(character),
        }
    }
    push_cell(&mut lines, &mut cell);
    if lines.len() > 1 && lines.last().is_some_and(|line| line.len() == 1 && line[0].is_empty()) {
        lines.pop();
    }
    lines
}

fn push_cell(lines: &mut [Vec<String>], cell: &mut String) {
    if let Some(line) = lines.last_mut() {
        line.push(std::mem::take(cell));
    }
}

/// How a cell of another spreadsheet holds what it shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Held {
    /// Nothing is said of it.
    AsShown,
    /// As text, whatever it looks like.
    Text,
    /// As this number, with more digits perhaps.
    Number(f64),
}

/// What Excel writes of cells that hold texts.
const TEXT_FORMAT: &str = r#"mso-number-format:"\@""#;

/// Lines of cells as an HTML table. `is_text` says of a line and column whether its cell holds text that looks like a
/// number: Excel and Google Sheets take it for one where they are not told.
pub fn to_html(cells: &[Vec<String>], is_text: impl Fn(usize, usize) -> bool) -> String {
    let escape =
        |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>");
    let written = |at: usize, col: usize, cell: &str| {
        let cell = escape(cell);
        if !is_text(at, col) {
            return format!("<td>{cell}</td>");
        }
        let cell = cell.replace('\'', "&#39;");
        format!("<td style='{TEXT_FORMAT}' data-sheets-value='{{\"1\":2,\"2\":\"{cell}\"}}'>{cell}</td>")
    };
    let lines: String = cells
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let cells: String = line.iter().enumerate().map(|(col, cell)| written(at, col, cell)).collect();
            format!("<tr>{cells}</tr>")
        })
        .collect();
    format!("<table>{lines}</table>")
}

/// Reads the first table of an HTML text; `None` when it has none. A merged cell holds its text in its first place and
/// leaves the others blank. `entry` makes of what a cell shows and how it holds it what is entered.
pub fn from_html(html: &str, entry: &dyn Fn(String, Held) -> String) -> Option<Vec<Vec<String>>> {
    let lower = html.to_ascii_lowercase();
    let start = lower.find("<table")?;
    let classes = text_classes(&lower[..start]);
    let end = lower[start..].find("</table").map_or(html.len(), |at| start + at);
    let (mut rest, mut table, mut cell) = (&html[start..end], Table::new(entry), None::<Merged>);
    while let Some(open) = rest.find('<') {
        if let Some(cell) = &mut cell {
            cell.text.push_str(&rest[..open]);
        }
        let Some(close) = rest[open..].find('>') else { break };
        let as_written = &rest[open + 1..open + close];
        let tag = as_written.to_ascii_lowercase();
        rest = &rest[open + close + 1..];
        let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        match name.as_str() {
            "tr" => {
                table.put(cell.take());
                table.begin_line();
            }
            "td" | "th" => {
                table.put(cell.take());
                let (cols, lines) = (span(&tag, "colspan"), span(&tag, "rowspan"));
                let is_text = tag.contains(TEXT_FORMAT) || classes.iter().any(|class| is_of(&tag, class));
                let held = if is_text { Held::Text } else { sheets_value(as_written) };
                cell = Some(Merged { text: String::new(), held, cols, lines });
            }
            "/td" | "/th" | "/tr" => table.put(cell.take()),
            "br" | "br/" => {
                if let Some(cell) = &mut cell {
                    cell.text.push('\u{2028}');
                }
            }
            _ => {}
        }
    }
    if let Some(cell) = &mut cell {
        cell.text.extend(rest.split('<').next());
    }
    table.put(cell);
    table.close_line();
    table.lines.retain(|line| !line.is_empty());
    (!table.lines.is_empty()).then_some(table.lines)
}

/// The classes of cells that hold texts, from the style sheet Excel writes before the table.
fn text_classes(head: &str) -> Vec<&str> {
    let rules = head.split('}').filter_map(|rule| rule.rsplit_once('{'));
    let of_texts = rules.filter(|(_, look)| look.contains(TEXT_FORMAT));
    of_texts.filter_map(|(class, _)| class.trim().rsplit_once('.').map(|(_, name)| name)).collect()
}

/// Whether a cell is of a class.
fn is_of(tag: &str, class: &str) -> bool {
    let Some((_, classes)) = tag.split_once("class=") else { return false };
    let classes = classes.trim_start_matches(['"', '\'']);
    classes.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').next() == Some(class)
}

/// What Google Sheets says a cell holds: `{"1":2,"2":"007"}` a text, `{"1":3,"3":1234.5678}` a number.
fn sheets_value(tag: &str) -> Held {
    let Some((_, value)) = tag.split_once("data-sheets-value=") else { return Held::AsShown };
    let value = value.replace("&quot;", "\"");
    let value = value.trim_start_matches(['"', '\'']);
    if value.starts_with("{\"1\":2") {
        return Held::Text;
    }
    let number = value.strip_prefix("{\"1\":3,\"3\":").and_then(|rest| rest.split([',', '}']).next()?.parse().ok());
    number.map_or(Held::AsShown, Held::Number)
}

/// A cell of an HTML table, and how many columns and lines it covers.
struct Merged {
    text: String,
    held: Held,
    cols: usize,
    lines: usize,
}

/// The lines read so far.
struct Table<'a> {
    entry: &'a dyn Fn(String, Held) -> String,
    lines: Vec<Vec<String>>,
    /// For how many lines after the current one each column is covered by a cell above.
    covered: Vec<usize>,
    /// The same for the current line: cells that begin in it cover only those after it.
    taken: Vec<usize>,
}

impl<'a> Table<'a> {
    fn new(entry: &'a dyn Fn(String, Held) -> String) -> Self {
        Self { entry, lines: Vec::new(), covered: Vec::new(), taken: Vec::new() }
    }

    fn begin_line(&mut self) {
        self.close_line();
        self.lines.push(Vec::new());
        self.taken = self.covered.clone();
        self.covered.iter_mut().for_each(|left| *left = left.saturating_sub(1));
    }

    /// A cell goes to the first place of its line that no cell above covers.
    fn put(&mut self, cell: Option<Merged>) {
        let Some(cell) = cell else { return };
        if self.lines.is_empty() {
            self.lines.push(Vec::new());
        }
        let Some(line) = self.lines.last_mut() else { return };
        while self.taken.get(line.len()).is_some_and(|left| *left > 0) {
            line.push(String::new());
        }
        let at = line.len();
        line.push((self.entry)(plain(&cell.text), cell.held));
        line.resize(at + cell.cols, String::new());
        if cell.lines > 1 {
            self.covered.resize(self.covered.len().max(at + cell.cols), 0);
            self.covered[at..at + cell.cols].fill(cell.lines - 1);
        }
    }

    /// What cells above cover at the end of the line is blank.
    fn close_line(&mut self) {
        let width = self.taken.iter().rposition(|left| *left > 0).map_or(0, |last| last + 1);
        if let Some(line) = self.lines.last_mut().filter(|line| line.len() < width) {
            line.resize(width, String::new());
        }
    }
}

/// How many columns or lines a cell says it covers.
fn span(tag: &str, attribute: &str) -> usize {
    // A sheet has no more columns than this.
    const MOST: usize = 1024;
    tag.split_once(attribute)
        .map(|(_, rest)| rest.trim_start_matches(['=', '"', '\'', ' ']))
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>())
        .and_then(|digits| digits.parse().ok())
        .map_or(1, |count: usize| count.clamp(1, MOST))
}

/// Text of HTML: white space runs are one space, entities are characters, `br` (marked U+2028) a newline.
fn plain(text: &str) -> String {
    let collapsed = text.split([' ', '\n', '\r', '\t']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(collapsed.len());
    let mut rest = collapsed.as_str();
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|&end| end < 12);
        let decoded = end.and_then(|end| entity(&rest[1..end]));
        match (end, decoded) {
            (Some(end), Some(character)) => {
                out.push(character);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out.replace('\u{a0}', " ")
        .replace(" \u{2028}", "\n")
        .replace("\u{2028} ", "\n")
        .replace('\u{2028}', "\n")
        .trim()
        .to_owned()
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn table(lines: &[&[&str]]) -> Vec<Vec<String>> {
        lines.iter().map(|line| line.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    /// What a cell shows, and how it holds it.
    fn held(html: &str) -> Vec<String> {
        let told = |text: String, held: Held| format!("{text} {held:?}");
        from_html(html, &told).into_iter().flatten().flatten().collect()
    }

    fn shown(html: &str) -> Option<Vec<Vec<String>>> {
        from_html(html, &|text, _| text)
    }

    #[test]
    fn texts_that_look_like_numbers_and_numbers_in_full_are_told() {
        let excel = "<html><style><!--table {}\n.xl65\n\t{mso-style-parent:style0;}\n.xl66\n\t{mso-number-format:\"\\@\";}--></style>\
            <table><tr><td class=xl65 x:num>8</td><td class=xl66>007</td><td style='mso-number-format:\"\\@\"'>008</td></tr></table>";
        assert_eq!(held(excel), ["8 AsShown", "007 Text", "008 Text"]);
        let google = "<table><td data-sheets-value='{\"1\":3,\"3\":1234.5678}'>1,234.57</td>\
            <td data-sheets-value=\"{&quot;1&quot;:2,&quot;2&quot;:&quot;007&quot;}\">007</td>\
            <td data-sheets-value='{\"1\":4,\"4\":1}'>TRUE</td></table>";
        assert_eq!(held(google), ["1,234.57 Number(1234.5678)", "007 Text", "TRUE AsShown"]);
        let ours = to_html(&table(&[&["007", "7"]]), |_, col| col == 0);
        assert_eq!(held(&ours), ["007 Text", "7 AsShown"]);
    }

    #[test]
    fn text_of_other_spreadsheets_is_read() {
        assert_eq!(from_tsv("1\t2\r\n3\t4\r\n"), table(&[&["1", "2"], &["3", "4"]]));
        assert_eq!(from_tsv("\"a \"\"b\"\"\tc\"\td\n\t"), table(&[&["a \"b\"\tc", "d"], &["", ""]]));
        assert_eq!(from_tsv("5\" pipe"), table(&[&["5\" pipe"]]));
    }

    #[test]
    fn tables_of_other_spreadsheets_are_read() {
        let excel = "<html><body><!--StartFragment--><table border=0>\n <tr>\n  <td class=xl65 align=right>1,300</td>\n  \
                     <td colspan=2>A &amp; B<br>next&nbsp;line</td></tr><tr><td>&#8364;</td></table>";
        assert_eq!(shown(excel).unwrap(), table(&[&["1,300", "A & B\nnext line", ""], &["€"]]));
        assert_eq!(shown("<p>no table</p>"), None);
    }

    #[test]
    fn merged_cells_keep_their_place() {
        for (html, expected) in [
            (
                "<table><tr><td>a<td rowspan=2>m<td>b</tr><tr><td>c<td>d</tr></table>",
                table(&[&["a", "m", "b"], &["c", "", "d"]]),
            ),
            (
                "<table><tr><td rowspan='3' colspan=2>m<td>b<tr><td>c<tr><td>d<tr><td>e</table>",
                table(&[&["m", "", "b"], &["", "", "c"], &["", "", "d"], &["e"]]),
            ),
            (
                "<table><tr><td>a<td rowspan=2>m</tr><tr><td>c</tr><tr><td>d<td>e</tr></table>",
                table(&[&["a", "m"], &["c", ""], &["d", "e"]]),
            ),
        ] {
            assert_eq!(shown(html), Some(expected), "{html}");
        }
    }

    proptest! {
        #[test]
        fn what_is_copied_is_what_is_pasted(cells in prop::collection::vec(
            prop::collection::vec("[a-z\"\t\n=1-9<&]{0,6}", 2..4), 1..4)
        ) {
            let width = cells[0].len();
            let cells: Vec<Vec<String>> = cells.into_iter().map(|mut line| { line.resize(width, String::new()); line }).collect();
            prop_assert_eq!(from_tsv(&to_tsv(&cells)), cells);
        }

        #[test]
        fn no_html_breaks_the_reader(html in "(<table|<tr>|<td>|</td>|<td colspan=9>|<td rowspan=3>|&#x|&amp|;|[a-zé ]|<|>){0,20}") {
            let _ = shown(&html);
        }
    }
}
