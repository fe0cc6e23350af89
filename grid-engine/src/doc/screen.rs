//! A non-recursive look at an update's bytes before anything decodes them.
//!
//! The document library decodes nested values recursively (a 16 kB frame overflows the stack, which
//! nothing can catch) and trusts declared counts. So this walk, whose memory does not depend on what
//! the bytes claim, lets only through what our schema writes: plain values set in known root maps.
//! The format is the lib0 update encoding, version 1.

use std::collections::{BTreeMap, HashMap};

use super::causality::{Id, Reference, is_acyclic};
use super::root::Root;
use crate::refs::RoomId;

/// Largest update: those of a turn go on to peers as one.
pub(super) const MAX_BYTES: usize = 16 << 20;
/// Largest frame, in bytes, by which a peer sends a server one update.
pub const MAX_SENT: usize = 4 << 20;
/// An update without changes and deletions.
pub const NOTHING: [u8; 2] = [0, 0];
/// Largest stored state: some five million cells.
pub(super) const MAX_STATE_BYTES: usize = 256 << 20;
/// Objects in a cell's value are never deeper: a measure with a formula is two levels.
pub(super) const MAX_DEPTH: usize = 4;
/// Longest text a person may enter, in bytes.
pub(super) const MAX_TEXT: usize = 4096;
/// Row and column ids, joined, are well below; names of ranges are capped at it.
const MAX_KEY: usize = 256;
/// Decoding costs quadratic time in the number of writers.
const MAX_WRITERS: u64 = 10_000;
/// Client ids are whole numbers that JavaScript holds exactly.
const MAX_CLIENT: u64 = (1 << 53) - 1;
/// Clocks are subtracted as signed 32-bit numbers.
const MAX_CLOCK: u64 = i32::MAX as u64;

/// What an acceptable update mentions.
#[derive(Debug, Default)]
pub(super) struct Screened {
    /// Roots in which it sets keys for the first time.
    pub roots: Vec<Root>,
    /// By writer: first and next clock of what it brings.
    pub writers: BTreeMap<u64, (u64, u64)>,
    /// By writer: the clock that must be known for everything it refers to, deletions included.
    pub needs: BTreeMap<u64, u64>,
}

/// Something an update says, in the order of its bytes.
pub(super) enum Said<'a> {
    Block { id: Id, length: u64, place: Place<'a>, value: Written<'a> },
    Deletion { writer: u64, clocks: std::ops::Range<u64> },
}

/// Where a block's value goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    Key(Root, &'a str),
    /// To the key of an earlier block.
    After(Id),
    /// Swept away already.
    Nowhere,
}

/// Whole numbers up to here are numbers of cells, too.
const EXACT: u64 = 1 << 53;

/// What a block sets its key to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Written<'a> {
    /// Deleted again by its author.
    Nothing,
    Number(f64),
    Bool(bool),
    Text(&'a str),
    /// An object, as it is encoded: whole, no deeper than [`MAX_DEPTH`], and not read yet.
    Record(&'a [u8]),
    /// What no key holds: nothing at all, a list.
    Other,
}

/// What is wrong with an update's bytes, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    pub reason: &'static str,
    pub at: usize,
}

impl Flaw {
    /// Its stable, dotted name.
    pub fn code(self) -> &'static str {
        match self.reason {
            TOO_DEEP => "update.depth",
            TOO_MANY | MANY_WRITERS => "update.count",
            _ => "update.malformed",
        }
    }
}

/// Walks an update of at most `max` bytes for a room; the error says what is wrong at which byte.
pub(super) fn screen_update(room: RoomId, bytes: &[u8], max: usize) -> Result<Screened, String> {
    if bytes.len() > max {
        return Err(format!("{} bytes are more than the {max} it may have", bytes.len()));
    }
    let seen = read_update(room, bytes, &mut |_| {});
    seen.map_err(|flaw| format!("{} (byte {})", flaw.reason, flaw.at))
}

/// The same for bytes of any size; `hear` is told everything the update says, which counts only when all of it is
/// acceptable.
pub(super) fn read_update<'a>(room: RoomId, bytes: &'a [u8], hear: &mut dyn FnMut(Said<'a>)) -> Result<Screened, Flaw> {
    let mut reader = Reader { bytes, at: 0 };
    let result = walk(room, &mut reader, hear);
    result.map_err(|reason| Flaw { reason, at: reader.at })
}

/// Checks an encoded state vector's declared count.
pub(super) fn screen_state_vector(bytes: &[u8]) -> Result<(), String> {
    let mut reader = Reader { bytes, at: 0 };
    let writers = reader.count(2)?;
    if writers > MAX_WRITERS {
        return Err(MANY_WRITERS.to_owned());
    }
    for _ in 0..writers {
        reader.number(MAX_CLIENT)?;
        reader.number(MAX_CLOCK)?;
    }
    reader.end().map_err(str::to_owned)
}

const TOO_DEEP: &str = "values are nested too deep";
const TOO_MANY: &str = "a count is larger than what follows";
const MANY_WRITERS: &str = "too many writers";

fn walk<'a>(room: RoomId, reader: &mut Reader<'a>, hear: &mut dyn FnMut(Said<'a>)) -> Result<Screened, &'static str> {
    let mut seen = Screened::default();
    let mut names = HashMap::new();
    let mut references = Vec::new();
    let writers = reader.count(3)?;
    if writers > MAX_WRITERS {
        return Err(MANY_WRITERS);
    }
    for _ in 0..writers {
        let blocks = reader.count(2)?;
        let client = reader.number(MAX_CLIENT)?;
        let first = reader.number(MAX_CLOCK)?;
        let mut clock = first;
        for _ in 0..blocks {
            let (length, place, value) = walk_block(room, reader, &mut seen, &mut names)?;
            match place {
                Place::After(to) if to.0 != client => references.push(Reference { from: (client, clock), to }),
                Place::After((_, earlier)) if earlier >= clock => return Err("a block refers to a later one"),
                _ => {}
            }
            hear(Said::Block { id: (client, clock), length, place, value });
            clock += length;
            if clock > MAX_CLOCK {
                return Err("a clock runs over");
            }
        }
        if seen.writers.insert(client, (first, clock)).is_some() {
            return Err("a writer occurs twice");
        }
    }
    let deleters = reader.count(2)?;
    for _ in 0..deleters {
        let client = reader.number(MAX_CLIENT)?;
        let ranges = reader.count(2)?;
        let mut last = 0;
        for _ in 0..ranges {
            let start = reader.number(MAX_CLOCK)?;
            let length = reader.number(MAX_CLOCK)?;
            if length == 0 || start < last || start + length > MAX_CLOCK {
                return Err("a deletion range is empty, out of order or too long");
            }
            last = start + length;
            hear(Said::Deletion { writer: client, clocks: start..last });
        }
        seen.need(client, last);
    }
    reader.end()?;
    if !is_acyclic(&seen.writers, &references) {
        return Err("blocks refer to each other in a circle");
    }
    Ok(seen)
}

pub(super) const ORIGIN: u8 = 0b1000_0000;
const RIGHT_ORIGIN: u8 = 0b0100_0000;
pub(super) const KEY: u8 = 0b0010_0000;
pub(super) const GC: u8 = 0;
pub(super) const DELETED: u8 = 1;
pub(super) const ANY: u8 = 8;
const SKIP: u8 = 10;

/// One block: its length in clock ticks, where it goes, and what it says.
fn walk_block<'a>(
    room: RoomId,
    reader: &mut Reader<'a>,
    seen: &mut Screened,
    names: &mut HashMap<&'a str, Root>,
) -> Result<(u64, Place<'a>, Written<'a>), &'static str> {
    let mut place = Place::Nowhere;
    let mut value = Written::Nothing;
    let info = reader.byte()?;
    let length = match info {
        GC => reader.number(MAX_CLOCK)?,
        SKIP => return Err("it leaves changes out"),
        _ => {
            // Keys of a map have an earlier value to their left at most; anything else is a list or a text.
            if info & RIGHT_ORIGIN != 0 {
                return Err("only keys of maps may be set");
            }
            if info & ORIGIN != 0 {
                let client = reader.number(MAX_CLIENT)?;
                let clock = reader.number(MAX_CLOCK - 1)?;
                seen.need(client, clock + 1);
                place = Place::After((client, clock));
            } else {
                if reader.number(1)? != 1 {
                    return Err("nested maps are not part of the schema");
                }
                let name = reader.text(MAX_KEY)?;
                let root = match names.get(name) {
                    Some(root) => *root,
                    None => {
                        let root = Root::parse(name).filter(|root| root.belongs(room));
                        let root = root.ok_or("a root that this room does not have")?;
                        seen.roots.push(root);
                        names.insert(name, root);
                        root
                    }
                };
                if info & KEY == 0 {
                    return Err("only keys of maps may be set");
                }
                place = Place::Key(root, reader.text(MAX_KEY)?);
            }
            match info & 0b0001_1111 {
                DELETED => reader.number(MAX_CLOCK)?,
                ANY => {
                    value = walk_value(reader)?;
                    1
                }
                _ => return Err("nested documents, lists, texts and binaries are not part of the schema"),
            }
        }
    };
    if length == 0 { Err("an empty block") } else { Ok((length, place, value)) }
}

/// A key's value, without recursion: `open` holds how many values each level still expects.
fn walk_value<'a>(reader: &mut Reader<'a>) -> Result<Written<'a>, &'static str> {
    if reader.count(1)? != 1 {
        return Err("a key has one value");
    }
    let start = reader.at;
    let mut value = None;
    let mut open = [(0_u64, false); MAX_DEPTH + 1];
    open[0] = (1, false);
    let mut depth = 0;
    loop {
        let (left, keyed) = open[depth];
        if left == 0 {
            if depth == 0 {
                return Ok(match value {
                    Some(Written::Record(_)) => Written::Record(&reader.bytes[start..reader.at]),
                    Some(value) => value,
                    None => Written::Other,
                });
            }
            depth -= 1;
            continue;
        }
        open[depth].0 -= 1;
        if keyed {
            reader.text(MAX_KEY)?;
        }
        let part = match reader.byte()? {
            // Undefined, null, the truth values.
            127 | 126 => Written::Other,
            120 => Written::Bool(true),
            121 => Written::Bool(false),
            125 => Written::Number(reader.signed()?),
            124 => Written::Number(f64::from(f32::from_be_bytes(reader.bytes()?))),
            123 => Written::Number(f64::from_be_bytes(reader.bytes()?)),
            // A whole number that no cell can hold as it is.
            122 => match i64::from_be_bytes(reader.bytes()?) {
                number if number.unsigned_abs() > EXACT => Written::Other,
                number => Written::Number(number as f64),
            },
            119 => Written::Text(reader.text(MAX_TEXT)?),
            kind @ (117 | 118) => {
                let keyed = kind == 118;
                let count = reader.count(if keyed { 2 } else { 1 })?;
                depth += 1;
                *open.get_mut(depth).ok_or(TOO_DEEP)? = (count, keyed);
                if keyed { Written::Record(&[]) } else { Written::Other }
            }
            _ => return Err("a value of a kind that cells do not have"),
        };
        // What follows is part of it.
        value.get_or_insert(part);
    }
}

impl Screened {
    fn need(&mut self, client: u64, clock: u64) {
        let known = self.needs.entry(client).or_default();
        *known = clock.max(*known);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

const SHORT: &str = "the bytes end too early";

impl<'a> Reader<'a> {
    fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    fn byte(&mut self) -> Result<u8, &'static str> {
        let byte = *self.bytes.get(self.at).ok_or(SHORT)?;
        self.at += 1;
        Ok(byte)
    }

    fn skip(&mut self, length: usize) -> Result<(), &'static str> {
        if length > self.left() {
            return Err(SHORT);
        }
        self.at += length;
        Ok(())
    }

    fn number(&mut self, max: u64) -> Result<u64, &'static str> {
        let mut number = 0_u64;
        // Eight bytes of seven bits hold every number allowed here.
        for shift in (0..56).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return if number <= max { Ok(number) } else { Err("a number is out of range") };
            }
        }
        Err("a number has too many digits")
    }

    /// A signed whole number: the first byte has six bits and the sign. What is longer overflows the decoder.
    fn signed(&mut self) -> Result<f64, &'static str> {
        let first = self.byte()?;
        let sign = if first & 0x40 == 0 { 1.0 } else { -1.0 };
        let mut number = u64::from(first & 0x3f);
        let mut more = first >= 0x80;
        for shift in (6..62).step_by(7) {
            if !more {
                break;
            }
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            more = byte >= 0x80;
        }
        if more { Err("a number has too many digits") } else { Ok(sign * number as f64) }
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let start = self.at;
        self.skip(N)?;
        self.bytes[start..self.at].try_into().map_err(|_| SHORT)
    }

    /// How many things follow that take at least `least` bytes each.
    fn count(&mut self, least: usize) -> Result<u64, &'static str> {
        let count = self.number(MAX_CLOCK)?;
        if count > (self.left() / least) as u64 { Err(TOO_MANY) } else { Ok(count) }
    }

    fn text(&mut self, max: usize) -> Result<&'a str, &'static str> {
        let length = self.number(MAX_CLOCK)? as usize;
        let start = self.at;
        self.skip(length)?;
        if length > max {
            return Err("a text is too long");
        }
        std::str::from_utf8(&self.bytes[start..start + length]).map_err(|_| "a text is not UTF-8")
    }

    fn end(&self) -> Result<(), &'static str> {
        if self.left() == 0 { Ok(()) } else { Err("bytes after the end") }
    }
}
