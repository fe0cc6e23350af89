//! The zip archive a workbook file is, and its table of contents.

use std::io::{Cursor, Read};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::DefinedName;

/// Largest file read. Excel itself writes a million rows of ten numbers into less.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;
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

/// Most bytes a file may unpack to, so that a small one cannot fill the memory. A sheet of a million formulas and their
/// values has some 80 MB.
#[derive(Clone, Copy, Debug)]
pub struct Unpacked {
    part: u64,
    all: u64,
}

impl Unpacked {
    /// For a program that reads one file.
    pub const ALONE: Self = Self { part: 512 << 20, all: 1 << 30 };
    /// For a server that does other work meanwhile.
    pub const SERVING: Self = Self { part: 256 << 20, all: 512 << 20 };

    /// Takes a part's size off what is left of all, or says what is too large.
    fn take(&self, name: &str, size: u64, left: &mut u64) -> Result<(), String> {
        if size > self.part {
            let (is, most) = (megabytes(size), self.part >> 20);
            return Err(format!("its part {name} unpacks to {is}, more than the {most} MB that are read: split it"));
        }
        *left = left.checked_sub(size).ok_or_else(|| {
            let most = self.all >> 20;
            format!(
                "the file unpacks to more than the {most} MB that are read, its part {name} to {}: split it",
                megabytes(size)
            )
        })?;
        Ok(())
    }
}

/// A size in words; rounded up, so that what is beyond a limit never reads as the limit.
fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1 << 20))
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
    /// Opens a file after a look at what it is and how much it unpacks to: by its own table of contents, and, as that may
    /// not be true, by unpacking every part.
    pub fn open(bytes: &'a [u8], most: Unpacked) -> Result<Self, String> {
        if bytes.starts_with(&COMPOUND_FILE) {
            return Err("the file is encrypted, or of Excel before 2007: save it as .xlsx without a password".into());
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| format!("this is no .xlsx file, or only a part of one ({error}): save it again"))?;
        let (mut told, mut left) = (most.all, most.all);
        for place in 0..archive.len() {
            let part = archive.by_index(place).map_err(unreadable)?;
            most.take(&name_of(&part), part.size(), &mut told)?;
        }
        for place in 0..archive.len() {
            let part = archive.by_index(place).map_err(unreadable)?;
            let name = name_of(&part);
            let size = std::io::copy(&mut part.take(most.part.min(left) + 1), &mut std::io::sink())
                .map_err(|error| format!("its part {name} is damaged ({error}): save the file again"))?;
            most.take(&name, size, &mut left)?;
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

fn unreadable(error: ZipError) -> String {
    format!("the file is damaged ({error}): save it again")
}

fn name_of<R: Read>(part: &ZipFile<'_, R>) -> String {
    part.name().map(std::borrow::Cow::into_owned).unwrap_or_default()
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
    let (mut open, mut text) = (None::<BytesStart<'_>>, String::new());
    loop {
        let event = reader.read_event()?;
        match &event {
            Event::Text(part) => {
                // What stands after an element's end is nobody's.
                if open.is_some() {
                    text.push_str(&part.xml10_content());
                }
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
            Event::Start(element) => open = Some(element),
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
        let most = |part: u64, all: u64| Unpacked { part: part << 20, all: all << 20 };
        let refused = |bytes: &[u8], most| Container::open(bytes, most).err();
        let together = "the file unpacks to more than the 5 MB that are read, its part b.xml to 3 MB: split it";
        assert_eq!(refused(&bomb, most(3, 5)).as_deref(), Some(together));
        let alone = "its part a.xml unpacks to 3 MB, more than the 2 MB that are read: split it";
        assert_eq!(refused(&bomb, most(2, 6)).as_deref(), Some(alone));
        assert_eq!(refused(&bomb, most(3, 6)), None);
        // A table of contents that says less than there is does not get around it.
        let (size, lie) = ((3_u32 << 20).to_le_bytes(), 1_u32.to_le_bytes());
        let mut lying = bomb;
        while let Some(at) = lying.windows(4).position(|bytes| bytes == size) {
            lying[at..at + 4].copy_from_slice(&lie);
        }
        let found = refused(&lying, most(2, 6)).unwrap();
        assert!(found.starts_with("its part a.xml"), "{found}");
    }

    #[test]
    fn c3_what_is_no_workbook_is_told_apart() {
        for (bytes, words) in
            [(&COMPOUND_FILE[..], "encrypted"), (b"item,quantity", "no .xlsx file"), (b"", "no .xlsx file")]
        {
            let refused = Container::open(bytes, Unpacked::SERVING).err().unwrap();
            assert!(refused.contains(words), "{refused}");
        }
    }
}
