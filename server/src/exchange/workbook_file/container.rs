//! The zip archive a workbook file is, and its table of contents.

use std::io::{Cursor, Read};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use zip::ZipArchive;

use super::DefinedName;

/// Largest file read. Excel itself writes a million rows of ten numbers into less.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;
/// Most bytes all parts of a file may unpack to, so that a small file cannot fill the memory.
const MAX_UNPACKED_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// How files of Word, Excel before 2007, and encrypted ones begin.
const COMPOUND_FILE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Reads a file whole.
pub fn load(path: &Path) -> Result<Vec<u8>, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > MAX_FILE_BYTES {
        let (is, most) = (size >> 20, MAX_FILE_BYTES >> 20);
        return Err(format!("the file has {is} MB, more than the {most} MB that are read: split it"));
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

/// The parts of a file.
pub struct Container<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
}

/// What the parts are for.
pub struct Index {
    pub sheets: Vec<SheetPart>,
    pub names: Vec<DefinedName>,
}

/// A worksheet and the part that holds it.
pub struct SheetPart {
    pub title: String,
    pub path: String,
}

impl<'a> Container<'a> {
    /// Opens a file after a look at what it is and how much it unpacks to.
    pub fn open(bytes: &'a [u8]) -> Result<Self, String> {
        Self::open_within(bytes, MAX_UNPACKED_BYTES)
    }

    fn open_within(bytes: &'a [u8], most: u64) -> Result<Self, String> {
        if bytes.starts_with(&COMPOUND_FILE) {
            return Err("the file is encrypted, or of Excel before 2007: save it as .xlsx without a password".into());
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| format!("this is no .xlsx file, or only a part of one ({error}): save it again"))?;
        let mut left = most;
        for place in 0..archive.len() {
            let part =
                archive.by_index(place).map_err(|error| format!("the file is damaged ({error}): save it again"))?;
            let name = part.name().map(std::borrow::Cow::into_owned).unwrap_or_default();
            let size = std::io::copy(&mut part.take(left + 1), &mut std::io::sink())
                .map_err(|error| format!("its part {name} is damaged ({error}): save the file again"))?;
            left = left
                .checked_sub(size)
                .ok_or_else(|| format!("the file unpacks to more than {} MB: split it", most >> 20))?;
        }
        Ok(Self { archive })
    }

    /// The bytes of a part.
    pub fn part(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let missing = |error| format!("its part {path} is missing or damaged ({error}): save the file again");
        let place = self.archive.index_for_name(path).or_else(|| {
            let same = |name: &str| name.replace('\\', "/").trim_start_matches('/').eq_ignore_ascii_case(path);
            (0..self.archive.len())
                .find(|&place| self.archive.name_for_index(place).and_then(Result::ok).is_some_and(|name| same(&name)))
        });
        let mut part = self
            .archive
            .by_index(place.ok_or_else(|| missing("there is none".to_owned()))?)
            .map_err(|error| missing(error.to_string()))?;
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).map_err(|error| missing(error.to_string()))?;
        Ok(bytes)
    }

    /// Reads which sheets and names there are.
    pub fn index(&mut self) -> Result<Index, String> {
        let workbook = self.targets("_rels/.rels", "")?.into_iter().find(|target| target.kind == "officeDocument");
        let workbook = workbook.map_or_else(|| "xl/workbook.xml".to_owned(), |target| target.path);
        let (folder, name) = workbook.rsplit_once('/').unwrap_or(("", &workbook));
        let targets = self.targets(&format!("{folder}/_rels/{name}.rels"), folder)?;
        let xml = self.part(&workbook)?;
        read_workbook(&xml, &targets).map_err(|error| format!("its part {workbook} is damaged ({error})"))
    }

    /// The parts of a kind that a part refers to.
    pub fn related(&mut self, path: &str, kind: &str) -> Result<Vec<String>, String> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let relations = format!("{folder}/_rels/{name}.rels");
        if self.archive.index_for_name(&relations).is_none() {
            return Ok(Vec::new());
        }
        let targets = self.targets(&relations, folder)?;
        Ok(targets.into_iter().filter(|target| target.kind == kind).map(|target| target.path).collect())
    }

    fn targets(&mut self, path: &str, folder: &str) -> Result<Vec<Target>, String> {
        let xml = self.part(path)?;
        let mut targets = Vec::new();
        each_element(&xml, &mut |element, _| {
            if element.local_name().as_ref() == "Relationship" {
                let (id, kind) = (attribute(element, "Id")?, attribute(element, "Type")?);
                let to = attribute(element, "Target")?.unwrap_or_default().replace('\\', "/");
                let path = match to.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None if folder.is_empty() => to,
                    None => within(folder, &to),
                };
                let kind = kind.unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
                targets.push(Target { id: id.unwrap_or_default(), kind, path });
            }
            Ok(())
        })
        .map_err(|error| format!("its part {path} is damaged ({error})"))?;
        Ok(targets)
    }
}

/// A path as seen from a folder: `../` leaves it.
fn within(folder: &str, path: &str) -> String {
    let (mut folders, mut path) = (folder, path);
    while let Some(rest) = path.strip_prefix("../") {
        folders = folders.rsplit_once('/').map_or("", |(above, _)| above);
        path = rest;
    }
    if folders.is_empty() { path.to_owned() } else { format!("{folders}/{path}") }
}

/// A part another one refers to.
struct Target {
    id: String,
    kind: String,
    path: String,
}

fn read_workbook(xml: &[u8], targets: &[Target]) -> Result<Index, quick_xml::Error> {
    // Names count all sheets, charts among them; only worksheets are read.
    let mut places: Vec<Option<usize>> = Vec::new();
    let mut index = Index { sheets: Vec::new(), names: Vec::new() };
    each_element(xml, &mut |element, text| {
        match element.local_name().as_ref() {
            "sheet" => {
                let id = attribute(element, "id")?.unwrap_or_default();
                let target = targets.iter().find(|target| target.id == id && target.kind == "worksheet");
                places.push(target.map(|_| index.sheets.len()));
                if let Some(target) = target {
                    let title = attribute(element, "name")?.unwrap_or_default();
                    index.sheets.push(SheetPart { title, path: target.path.clone() });
                }
            }
            "definedName" => {
                let name = attribute(element, "name")?.unwrap_or_default();
                let place = attribute(element, "localSheetId")?.and_then(|id| id.parse::<usize>().ok());
                let sheet = place.and_then(|place| places.get(place).copied().flatten());
                if !name.starts_with("_xlnm.") {
                    index.names.push(DefinedName { name, sheet, text: text.to_owned() });
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(index)
}

pub type Visit<'a> = dyn FnMut(&BytesStart<'_>, &str) -> Result<(), quick_xml::Error> + 'a;

/// Visits every element with the text directly after its start.
pub fn each_element(xml: &[u8], visit: &mut Visit<'_>) -> Result<(), quick_xml::Error> {
    let mut reader = Reader::from_reader(xml);
    let (mut buffer, mut open, mut text) = (Vec::new(), None::<BytesStart<'static>>, String::new());
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer)?;
        match &event {
            Event::Text(part) => {
                text.push_str(&part.xml10_content());
                continue;
            }
            Event::GeneralRef(entity) => {
                push_entity(entity, &mut text)?;
                continue;
            }
            _ => {}
        }
        if let Some(element) = open.take() {
            visit(&element, &text)?;
        }
        text.clear();
        match event {
            Event::Start(element) => open = Some(element.into_owned()),
            Event::Empty(element) => visit(&element, "")?,
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// An attribute's value, by its name without prefix.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, quick_xml::Error> {
    for attribute in element.attributes() {
        let attribute = attribute?;
        if attribute.key.local_name().as_ref() == name {
            return Ok(Some(attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned()));
        }
    }
    Ok(None)
}

/// Appends the character an entity such as `&lt;` or `&#10;` stands for; an unknown one is left out.
pub fn push_entity(entity: &BytesRef<'_>, text: &mut String) -> Result<(), quick_xml::Error> {
    if let Some(character) = entity.resolve_char_ref()? {
        text.push(character);
    } else if let Some(known) = quick_xml::escape::resolve_predefined_entity(entity.as_ref()) {
        text.push_str(known);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    #[test]
    fn c3_a_small_file_that_unpacks_to_too_much_is_refused() {
        let mut bomb = ZipWriter::new(Cursor::new(Vec::new()));
        for part in ["a.xml", "b.xml"] {
            bomb.start_file(part, SimpleFileOptions::default()).unwrap();
            bomb.write_all(&vec![0; 3 << 20]).unwrap();
        }
        let bomb = bomb.finish().unwrap().into_inner();
        assert!(bomb.len() < 20_000, "{}", bomb.len());
        let refused = Container::open_within(&bomb, 5 << 20).err();
        assert_eq!(refused.as_deref(), Some("the file unpacks to more than 5 MB: split it"));
        assert!(Container::open_within(&bomb, 6 << 20).is_ok());
    }

    #[test]
    fn c3_what_is_no_workbook_is_told_apart() {
        for (bytes, words) in
            [(&COMPOUND_FILE[..], "encrypted"), (b"item,quantity", "no .xlsx file"), (b"", "no .xlsx file")]
        {
            let refused = Container::open(bytes).err().unwrap();
            assert!(refused.contains(words), "{refused}");
        }
    }
}
