//! Judging an update before it is applied: what it would touch, in the words of sheets and cells.

use std::collections::{BTreeMap, HashMap};
use std::panic::catch_unwind;

use yrs::encoding::read::Cursor;
use yrs::updates::decoder::Decode;
use yrs::{Any, Update};

use super::causality::Id;
use super::draft_rows::Tombstone;
use super::epoch::EPOCH;
use super::fitness::Setting;
use super::ledger::{Journal, KeyNumber, Ledger};
use super::root::{CLEARED, Root, parse_cell_key, parse_note_key, parse_width_key};
use super::schema::{Input, Measure, Note, SheetInfo};
use super::screen::{Place, Said, Written, read_update};
use super::stored::parse_record;
use super::validation::Validation;
use crate::refs::{CellRef, ColId, MeasureId, PersonId, RoomId, RowId, SheetId};

/// Changes of one update: the largest a peer may send ([`super::MAX_SENT`]) has room for fewer new values, and
/// each costs some microseconds.
const MAX_BLOCKS: usize = 100_000;
/// Keys one update may clear.
const MAX_CLEARED: usize = 100_000;
/// An update that deletes more of what is gone already is a whole history, not somebody's step.
const MAX_GONE: usize = 1000;
/// Clock ticks of one update: runs of deleted changes take many, and a few bytes can claim two billion.
const MAX_TICKS: u64 = 200_000;
/// Bytes of one record: a list of 200 choices, each as long as a text may be, has room.
const MAX_RECORD: usize = 1 << 20;

/// An update that was looked at and can be staged: see [`super::Documents::examine`].
pub struct Examined {
    pub(super) update: Update,
    pub(super) roots: Vec<Root>,
    blocks: Vec<(Id, u64, Option<Key>)>,
    deleted: Vec<Id>,
    /// What is new in it, by writer: the first clock and the one after the last.
    pub writers: Vec<(u64, u64, u64)>,
    /// What it would change, each key once.
    pub touches: Vec<Touch>,
    /// Cells in which something of another writer stood.
    pub overwrites: Vec<Overwrite>,
}

/// An update meets what another writer has entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overwrite {
    pub cell: CellRef,
    /// The writer of what stands in the cell.
    pub writer: u64,
    /// Whether whoever made the update knew of it.
    pub was_seen: bool,
    /// The update clears what the other had overwritten meanwhile: it changes nothing.
    pub is_void: bool,
}

/// One key an update would change.
#[derive(Clone, Debug, PartialEq)]
pub struct Touch {
    pub target: Target,
    pub to: Entered,
}

/// What a key is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A cell; with a person that one's contribution to it.
    Cell(CellRef, Option<PersonId>),
    Style(CellRef),
    Note(CellRef),
    /// A row's position.
    Row(RowId),
    /// Whether a row is deleted.
    RowDeletion(RowId),
    Column(ColId),
    ColumnDeletion(ColId),
    Width(ColId),
    /// What a column or measure accepts.
    Validation(MeasureId),
    /// A defined name.
    Name,
    /// What a planning sheet's measure is.
    Measure(MeasureId),
    /// A sheet's entry in the list of sheets.
    Sheet(SheetId),
    /// What a sheet says of itself.
    Setting(Setting),
    /// Parts, and what nobody writes.
    Structure,
    /// What holds nothing, and says that its writer took something away.
    Mark,
    /// A key that its map does not have.
    Stray,
}

/// What a key is set to.
#[derive(Clone, Debug, PartialEq)]
pub enum Entered {
    /// Cleared or deleted.
    Nothing,
    Input(Input),
    /// An object.
    Record(Box<Record>),
    /// What nothing of ours holds.
    Other,
}

/// An object, read as what its place holds and by the code that reads it there: fields that are not known are passed over.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    Note(Note),
    /// What marks a row or column as deleted, and who it says it is by.
    Deletion(PersonId),
    Validation(Validation),
    Measure(Measure),
    Sheet(SheetInfo),
    /// A defined name and the stored formula it stands for.
    Name {
        name: String,
        formula: String,
    },
    /// None of these, or with a field that is missing, of a wrong type or not known: what is wrong.
    Unread(String),
}

/// Why an update was not acceptable, as bytes or for what a record says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unfit {
    /// Stable and dotted, e.g. `update.malformed`.
    pub code: &'static str,
    pub reason: String,
}

impl Examined {
    /// Whether it says nothing that is not known.
    pub fn is_empty(&self) -> bool {
        self.writers.is_empty() && self.deleted.is_empty()
    }
}

/// A key that an update names, known to the ledger or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Known(KeyNumber),
    Fresh(Root, String),
}

/// Looks at an update; the ledger stays as it is.
pub(super) fn examine(room: RoomId, bytes: &[u8], ledger: &Ledger) -> Result<Examined, Unfit> {
    let mut heard = Vec::new();
    let mut deletions = Vec::new();
    let screened = read_update(room, bytes, &mut |said| match said {
        Said::Block { id, length, place, value } => heard.push((id, length, place, value)),
        Said::Deletion { writer, clocks } => deletions.push((writer, clocks)),
    });
    let screened =
        screened.map_err(|flaw| Unfit { code: flaw.code(), reason: format!("{} (byte {})", flaw.reason, flaw.at) })?;
    let gap = || Unfit { code: "update.gap", reason: "it builds on changes that have not arrived".to_owned() };
    if screened.writers.iter().any(|(&writer, &(first, _))| first > ledger.known(writer)) {
        return Err(gap());
    }
    let next = |writer: u64| screened.writers.get(&writer).map_or(0, |&(_, next)| next).max(ledger.known(writer));
    if screened.needs.iter().any(|(&writer, &need)| need > next(writer)) {
        return Err(gap());
    }
    let mut found = Resolved::new(ledger, &heard);
    let too_much = || Unfit {
        code: "update.count",
        reason: format!("it changes more than {MAX_BLOCKS} things at once: split it"),
    };
    let mut ticks = 0;
    // With the block that has the last word on a key, and what its writer had seen there.
    let mut writes: Vec<Write<'_>> = Vec::new();
    let mut places: HashMap<Key, usize> = HashMap::new();
    let mut blocks = Vec::new();
    let mut writers: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    for (at, &((writer, clock), length, place, value)) in heard.iter().enumerate() {
        let known = ledger.known(writer).max(clock);
        let fresh = (clock + length).saturating_sub(known);
        if fresh == 0 {
            continue;
        }
        writers.entry(writer).or_insert((known, known)).1 = clock + length;
        ticks += fresh;
        if blocks.len() >= MAX_BLOCKS || ticks > MAX_TICKS {
            return Err(too_much());
        }
        let key = found.key(at);
        if key.is_none() && matches!(place, Place::After(_)) {
            let reason = "it goes on from what is not there any more: begin with an empty document".to_owned();
            return Err(Unfit { code: "room.epoch", reason });
        }
        // A run of deletions that is known in part goes on where it began, whatever it says.
        if known > clock && key != ledger.key_of((writer, known - 1)).map(Key::Known) {
            let reason = format!("change {known} of writer {writer} goes on elsewhere than it began");
            return Err(Unfit { code: "update.malformed", reason });
        }
        blocks.push(((writer, known), fresh, key.clone()));
        let Some(key) = key else { continue };
        let (to, id) = (value, (writer, clock));
        let seen = if let Place::After(earlier) = place { Some(earlier) } else { None };
        match places.get(&key) {
            Some(&place) => (writes[place].1, writes[place].2) = (to, id),
            None => {
                places.insert(key.clone(), writes.len());
                writes.push((key, to, id, seen));
            }
        }
    }
    let mut deleted = Vec::new();
    let mut gone = Vec::new();
    let by_block: BTreeMap<Id, usize> = writes.iter().enumerate().map(|(at, (_, _, id, _))| (*id, at)).collect();
    for (writer, clocks) in deletions {
        // What the update brings and deletes itself.
        let own = clocks.start.max(ledger.known(writer))..clocks.end;
        if !own.is_empty() {
            let taken_back = by_block.range((writer, own.start)..(writer, own.end));
            taken_back.for_each(|(_, at)| writes[*at].1 = Written::Nothing);
        }
        gone.extend(ledger.dead(writer, clocks.clone()).take((MAX_GONE + 1).saturating_sub(gone.len())));
        for id in ledger.alive(writer, clocks) {
            deleted.push(id);
            if deleted.len() > MAX_CLEARED {
                return Err(too_much());
            }
            let Some(number) = ledger.key_of(id) else { continue };
            places.entry(Key::Known(number)).or_insert_with_key(|key| {
                writes.push((key.clone(), Written::Nothing, id, Some(id)));
                writes.len() - 1
            });
        }
    }
    let overwrites = overwrites(room, ledger, &writes, &writers, &gone);
    let undecodable = |reason: String| Unfit { code: "update.malformed", reason };
    let update = catch_unwind(|| Update::decode_v1(bytes))
        .map_err(|_| undecodable("it cannot be decoded".to_owned()))?
        .map_err(|error| undecodable(error.to_string()))?;
    let touches = writes.into_iter().filter_map(|(key, to, ..)| {
        let (root, key) = match &key {
            Key::Known(number) => ledger.key(*number).map(|(root, key)| (*root, &**key))?,
            Key::Fresh(root, key) => (*root, key.as_str()),
        };
        let target = target(room, root, key);
        Some(Touch { target, to: entered(target, key, to) })
    });
    let touches = touches.collect();
    let writers = writers.into_iter().map(|(writer, (first, next))| (writer, first, next)).collect();
    Ok(Examined { update, roots: screened.roots, blocks, deleted, writers, touches, overwrites })
}

/// A key, what it is set to by which block, and what the writer had seen there.
type Write<'a> = (Key, Written<'a>, Id, Option<Id>);

/// Where an update meets what another writer has entered.
fn overwrites(
    room: RoomId,
    ledger: &Ledger,
    writes: &[Write<'_>],
    writers: &BTreeMap<u64, (u64, u64)>,
    gone: &[Id],
) -> Vec<Overwrite> {
    let of_another = |number: KeyNumber| ledger.standing(number).filter(|(writer, _)| !writers.contains_key(writer));
    let met = |number: KeyNumber, was_seen: &dyn Fn(Id) -> bool, is_void: bool| {
        let stood = of_another(number)?;
        let (root, key) = ledger.key(number)?;
        let Target::Cell(cell, None) = target(room, *root, key) else { return None };
        Some(Overwrite { cell, writer: stood.0, was_seen: was_seen(stood), is_void })
    };
    let mut found = Vec::new();
    let mut written = std::collections::HashSet::new();
    for (key, _, _, seen) in writes {
        if let Key::Known(number) = key {
            written.insert(*number);
            found.extend(met(*number, &|stood| *seen == Some(stood), false));
        }
    }
    if gone.len() <= MAX_GONE {
        let cleared = gone.iter().filter_map(|id| ledger.key_of(*id));
        found.extend(
            cleared.filter(|number| written.insert(*number)).filter_map(|number| met(number, &|_| false, true)),
        );
    }
    found
}

impl Examined {
    /// Writes into the ledger what this update brings.
    pub(super) fn enter(&self, ledger: &mut Ledger, journal: &mut Journal) {
        for ((writer, _), length, key) in &self.blocks {
            let number = key.as_ref().map(|key| match key {
                Key::Known(number) => *number,
                Key::Fresh(root, key) => ledger.number(*root, key),
            });
            ledger.enter(*writer, number, *length, journal);
        }
        self.deleted.iter().for_each(|id| ledger.delete(*id, journal));
    }
}

type Heard<'a> = (Id, u64, Place<'a>, Written<'a>);

/// The keys of an update's blocks, looked up along the blocks they refer to.
struct Resolved<'a> {
    ledger: &'a Ledger,
    heard: &'a [Heard<'a>],
    /// By writer: the blocks in the order of their clocks.
    by_writer: HashMap<u64, Vec<usize>>,
    keys: Vec<Option<Option<Key>>>,
    fresh: HashMap<(Root, &'a str), Key>,
}

impl<'a> Resolved<'a> {
    fn new(ledger: &'a Ledger, heard: &'a [Heard<'a>]) -> Self {
        let mut by_writer: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, ((writer, _), ..)) in heard.iter().enumerate() {
            by_writer.entry(*writer).or_default().push(at);
        }
        let keys = vec![None; heard.len()];
        Self { ledger, heard, by_writer, keys, fresh: HashMap::new() }
    }

    fn key(&mut self, block: usize) -> Option<Key> {
        let mut chain = vec![block];
        let mut found = None;
        while let Some(&at) = chain.last() {
            if let Some(key) = &self.keys[at] {
                found.clone_from(key);
                break;
            }
            match self.heard[at].2 {
                Place::Nowhere => break,
                Place::Key(root, key) => {
                    found = Some(self.of_name(root, key));
                    break;
                }
                Place::After(earlier) => match self.block_at(earlier) {
                    // What the ledger knows needs no looking up here.
                    _ if earlier.1 < self.ledger.known(earlier.0) => {
                        found = self.ledger.key_of(earlier).map(Key::Known);
                        break;
                    }
                    Some(before) if chain.len() <= self.heard.len() => chain.push(before),
                    _ => break,
                },
            }
        }
        for at in chain {
            self.keys[at] = Some(found.clone());
        }
        found
    }

    fn block_at(&self, (writer, clock): Id) -> Option<usize> {
        let blocks = self.by_writer.get(&writer)?;
        let after = blocks.partition_point(|at| self.heard[*at].0.1 <= clock);
        after.checked_sub(1).map(|place| blocks[place])
    }

    /// The same key has one form, whether the ledger knows it or not.
    fn of_name(&mut self, root: Root, key: &'a str) -> Key {
        let ledger = self.ledger;
        let named = self.fresh.entry((root, key));
        named
            .or_insert_with(|| match ledger.number_of(root, key) {
                Some(number) => Key::Known(number),
                None => Key::Fresh(root, key.to_owned()),
            })
            .clone()
    }
}

fn entered(target: Target, key: &str, value: Written<'_>) -> Entered {
    match value {
        Written::Text(formula) if target == Target::Name && formula.starts_with('=') => {
            Entered::Record(Box::new(Record::Name { name: key.to_owned(), formula: formula.to_owned() }))
        }
        Written::Nothing => Entered::Nothing,
        Written::Number(number) => Entered::Input(Input::Number(number)),
        Written::Bool(truth) => Entered::Input(Input::Bool(truth)),
        Written::Text(text) => Entered::Input(match text.as_bytes().first() {
            Some(b'=') => Input::Formula(text.into()),
            Some(b'\'') => Input::Text(text[1..].into()),
            _ => Input::Text(text.into()),
        }),
        Written::Record(bytes) => {
            let read = if bytes.len() > MAX_RECORD {
                Err(format!("it has {} bytes, more than the {MAX_RECORD} it may have", bytes.len()))
            } else {
                read(target, bytes)
            };
            Entered::Record(Box::new(read.unwrap_or_else(Record::Unread)))
        }
        Written::Other => Entered::Other,
    }
}

/// Reads an object of a decodable update, which the screen found no deeper than values are, as what its place holds.
fn read(target: Target, bytes: &[u8]) -> Result<Record, String> {
    let stored = Any::decode(&mut Cursor::new(bytes)).map_err(|error| error.to_string())?;
    // Where in a text of ours the reader stood is of no use to anybody.
    let told = |error: serde_json::Error| error.to_string().split(" at line ").next().unwrap_or_default().to_owned();
    match target {
        Target::Note(_) => parse_record(&stored).map(Record::Note).map_err(told),
        Target::RowDeletion(_) | Target::ColumnDeletion(_) => {
            parse_record::<Tombstone>(&stored).map(|deletion| Record::Deletion(deletion.by)).map_err(told)
        }
        Target::Validation(_) => parse_record(&stored).map(Record::Validation).map_err(told),
        // The key is what they are known by, whatever the record says.
        Target::Measure(id) => {
            parse_record(&stored).map(|measure| Record::Measure(Measure { id, ..measure })).map_err(told)
        }
        Target::Sheet(id) => parse_record(&stored).map(|info| Record::Sheet(SheetInfo { id, ..info })).map_err(told),
        _ => Err("nothing here is an object".to_owned()),
    }
}

pub(super) fn target(room: RoomId, root: Root, key: &str) -> Target {
    let Some(sheet) = room.sheet() else {
        return match root {
            Root::Names => Target::Name,
            Root::Marks if key == CLEARED => Target::Mark,
            Root::Marks => Target::Stray,
            Root::Meta if key == EPOCH => Target::Stray,
            Root::Sheets => key.parse().map_or(Target::Stray, Target::Sheet),
            _ => Target::Structure,
        };
    };
    let cell = |row: RowId, col: ColId| CellRef { sheet, row, col };
    let found = match root {
        Root::Cells(col) => parse_cell_key(key).map(|(row, person)| Target::Cell(cell(row, col), person)),
        Root::Format(col) => key.parse().ok().map(|row| Target::Style(cell(row, col))),
        Root::Notes => parse_note_key(key).map(|(row, col)| Target::Note(cell(row, col))),
        // Only a rebase counts epochs.
        Root::Meta if key == EPOCH => None,
        Root::RowPos => key.parse().ok().map(Target::Row),
        Root::RowDel => key.parse().ok().map(Target::RowDeletion),
        Root::ColPos => key.parse().ok().map(Target::Column),
        Root::ColDel => key.parse().ok().map(Target::ColumnDeletion),
        Root::ColMeta => parse_width_key(key).map(Target::Width),
        Root::Names => Some(Target::Name),
        Root::Rules => key.parse().ok().map(Target::Validation),
        Root::Marks => (key == CLEARED).then_some(Target::Mark),
        Root::Measures => key.parse().ok().map(Target::Measure),
        Root::Meta => Setting::parse(key).map(Target::Setting),
        Root::Sheets | Root::Styles | Root::Members | Root::Parts => Some(Target::Structure),
    };
    found.unwrap_or(Target::Stray)
}
