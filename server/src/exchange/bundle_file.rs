//! A frozen version as one file, to keep elsewhere and to verify without a server.
//!
//! gzip over: a line naming the format, a line of JSON (what is known of the version, the hash it is chained to), then
//! each part as a line of JSON with its name and length, followed by its bytes. Nothing may follow.

use std::io::{BufRead, Read, Write};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use grid_engine::plan::VersionInfo;
use serde::{Deserialize, Serialize};

const FORMAT: &str = "equipoise bundle 1";
/// Inflated, in bytes: a plan of some million cells stays below. A file that inflates to more is not one of ours.
const MAX_BYTES: u64 = 1 << 30;
/// Longest line of JSON.
const MAX_LINE: u64 = 1 << 20;
const MAX_PARTS: usize = 10_000;

/// What a file holds.
#[derive(Debug)]
pub struct BundleFile {
    pub info: VersionInfo,
    /// Hash of the version before it, empty for the first.
    pub previous: String,
    pub parts: Vec<(String, Vec<u8>)>,
}

/// Why a file is not a bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error("this is not a bundle: {0}")]
    NotABundle(String),
    #[error("the bundle is damaged in {place}: {reason}")]
    Damaged { place: String, reason: String },
}

#[derive(Serialize, Deserialize)]
struct Head {
    version: VersionInfo,
    previous: String,
}

#[derive(Serialize, Deserialize)]
struct PartHead {
    part: String,
    bytes: u64,
}

impl BundleFile {
    /// The file's bytes.
    ///
    /// # Errors
    /// When memory or the encoder fails.
    pub fn write(&self) -> std::io::Result<Vec<u8>> {
        let mut out = GzEncoder::new(Vec::new(), Compression::default());
        writeln!(out, "{FORMAT}")?;
        let head = Head { version: self.info.clone(), previous: self.previous.clone() };
        writeln!(out, "{}", serde_json::to_string(&head)?)?;
        for (name, bytes) in &self.parts {
            let head = PartHead { part: name.clone(), bytes: bytes.len() as u64 };
            writeln!(out, "{}", serde_json::to_string(&head)?)?;
            out.write_all(bytes)?;
            writeln!(out)?;
        }
        out.finish()
    }

    /// Reads a file's bytes.
    ///
    /// # Errors
    /// Says which part is damaged. Whether the parts are those that were frozen is for the hash to say.
    pub fn read(bytes: &[u8]) -> Result<Self, BundleError> {
        Self::read_up_to(bytes, MAX_BYTES)
    }

    /// Reads a file's bytes, unless it unpacks to more than `most`.
    ///
    /// # Errors
    /// See [`read`](Self::read).
    pub fn read_up_to(bytes: &[u8], most: u64) -> Result<Self, BundleError> {
        let mut input = std::io::BufReader::new(GzDecoder::new(bytes).take(most));
        let first = line(&mut input, "the first line").map_err(|error| BundleError::NotABundle(error.to_string()))?;
        if first.as_deref() != Some(FORMAT) {
            return Err(BundleError::NotABundle(format!("it does not begin with \"{FORMAT}\"")));
        }
        let head: Head = parse(line(&mut input, "the head")?.as_deref().unwrap_or_default(), "the head")?;
        let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
        loop {
            let place =
                parts.last().map_or_else(|| "the first part".to_owned(), |(name, _)| format!("what follows {name}"));
            let Some(text) = line(&mut input, &place)? else { break };
            let part: PartHead = parse(&text, &place)?;
            let damaged = |reason: &str| BundleError::Damaged { place: part.part.clone(), reason: reason.to_owned() };
            if parts.len() >= MAX_PARTS {
                return Err(damaged("there are too many parts"));
            }
            let mut bytes = Vec::new();
            let read =
                (&mut input).take(part.bytes).read_to_end(&mut bytes).map_err(|error| damaged(&error.to_string()))?;
            let mut end = [0];
            let whole = read as u64 == part.bytes && input.read_exact(&mut end).is_ok() && end == *b"\n";
            if !whole {
                return Err(damaged("it is cut short"));
            }
            parts.push((part.part, bytes));
        }
        let unpacked = input.into_inner();
        let damaged = |reason: String| BundleError::Damaged { place: "the end of the file".to_owned(), reason };
        if unpacked.limit() == 0 {
            return Err(damaged(format!("it unpacks to more than the {} MB that are read", MAX_BYTES >> 20)));
        }
        let more = unpacked.into_inner().into_inner().len();
        if more > 0 {
            return Err(damaged(format!("{more} bytes follow that belong to no part")));
        }
        Ok(Self { info: head.version, previous: head.previous, parts })
    }
}

/// The next line without its end; `None` at the end of the file.
fn line(input: &mut impl BufRead, place: &str) -> Result<Option<String>, BundleError> {
    let damaged = |reason: String| BundleError::Damaged { place: place.to_owned(), reason };
    let mut bytes = Vec::new();
    input.take(MAX_LINE).read_until(b'\n', &mut bytes).map_err(|error| damaged(error.to_string()))?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.pop() != Some(b'\n') {
        return Err(damaged("a line does not end".to_owned()));
    }
    String::from_utf8(bytes).map(Some).map_err(|error| damaged(error.to_string()))
}

fn parse<T: for<'a> Deserialize<'a>>(text: &str, place: &str) -> Result<T, BundleError> {
    serde_json::from_str(text)
        .map_err(|error| BundleError::Damaged { place: place.to_owned(), reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use grid_engine::plan::{Headline, VersionKind, VersionState};
    use grid_engine::refs::{Id, PersonId};

    fn bundle() -> BundleFile {
        BundleFile {
            info: VersionInfo {
                id: Id::of_name("march"),
                name: "March".into(),
                kind: VersionKind::Consensus,
                state: VersionState::Proposed,
                comment: String::new(),
                by: PersonId(Id::of_name("dana")),
                by_name: "Dana".into(),
                at: 1,
                hash: "ab".into(),
                headline: Headline::default(),
                history: Vec::new(),
                log: None,
                logs: Vec::new(),
                seals: Vec::new(),
            },
            previous: String::new(),
            parts: vec![
                ("summary".into(), b"{}".to_vec()),
                ("room:book".into(), vec![0, 10, 255]),
                ("x".into(), vec![]),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let read = BundleFile::read(&bundle().write().unwrap()).unwrap();
        assert_eq!((read.parts, read.info), (bundle().parts, bundle().info));
    }

    #[test]
    fn other_files_are_refused_and_damage_is_placed() {
        let refused = |bytes: &[u8]| BundleFile::read(bytes).unwrap_err().to_string();
        assert!(refused(b"PK\x03\x04").starts_with("this is not a bundle"));
        assert!(refused(b"").starts_with("this is not a bundle"));
        let gzip = |text: &[u8]| {
            let mut out = GzEncoder::new(Vec::new(), Compression::default());
            out.write_all(text).unwrap();
            out.finish().unwrap()
        };
        assert!(refused(&gzip(b"something else\n")).contains("does not begin with"));
        assert!(refused(&gzip(b"equipoise bundle 1\n{}\n")).contains("damaged in the head"));
        let mut plain = Vec::new();
        GzDecoder::new(bundle().write().unwrap().as_slice()).read_to_end(&mut plain).unwrap();
        let cut = refused(&gzip(&plain[..plain.len() - 25]));
        assert_eq!(cut, "the bundle is damaged in room:book: it is cut short");
        let written = bundle().write().unwrap();
        for more in [b"x".as_slice(), &gzip(b"another\n"), &written] {
            let said = refused(&[&written, more].concat());
            let bytes = more.len();
            assert_eq!(
                said,
                format!("the bundle is damaged in the end of the file: {bytes} bytes follow that belong to no part")
            );
        }
        assert!(refused(&written[..written.len() / 2]).contains("bundle"));
    }
}
