//! The office: the server, the people with their own copies, and the lines between them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use grid_engine::doc::Input;
use grid_engine::refs::{CellRef, PersonId, RoomId};
use grid_engine::workbook::{Applied, Side};

use crate::deeds::{self, pick};
use crate::dice::Dice;
use crate::plan::{self, MONTHS, PEOPLE, own_measure};
use crate::table::{Table, measure_id, person, sheet};

/// From a person to the server.
enum Up {
    /// Joins a room, with the state vector of what is held of it.
    Join(RoomId, Vec<u8>),
    Update(RoomId, Vec<u8>),
}

/// From the server to a person.
enum Down {
    /// What the server has seen of a room.
    Vector(RoomId, Vec<u8>),
    /// What a joining person lacked.
    Missing(RoomId, Vec<u8>),
    Update(RoomId, Vec<u8>),
    /// What the person holds of a room is of another epoch.
    Closed(RoomId),
}

/// How a person stands with a room.
#[derive(Default)]
struct Link {
    /// What the server lacked has been sent: from now on, edits are sent as they are made.
    is_answered: bool,
    /// The room was rebased: it is joined as if nothing were held of it.
    is_past: bool,
}

/// A person at work.
pub struct Person {
    pub by: PersonId,
    pub table: Table,
    is_online: bool,
    links: BTreeMap<RoomId, Link>,
    up: VecDeque<Up>,
    down: VecDeque<Down>,
    /// Marks come on a line of their own: room, state vector, whether it speaks of clearing too.
    marks: VecDeque<(RoomId, Vec<u8>)>,
}

/// Everybody, and the server.
pub struct Office {
    seed: u64,
    server: Table,
    pub people: Vec<Person>,
    /// Who is in which room.
    joined: BTreeSet<(usize, RoomId)>,
}

impl Office {
    /// The plan in the morning, on so many desks.
    pub fn open(people: usize, seed: u64) -> Self {
        let server = plan::make().copy(Side::Server, 1);
        let open = |number: usize| Person {
            by: person(PEOPLE[number]),
            table: server.copy(Side::Browser, 10 + number as u64),
            is_online: false,
            links: BTreeMap::new(),
            up: VecDeque::new(),
            down: VecDeque::new(),
            marks: VecDeque::new(),
        };
        let people: Vec<Person> = (0..people).map(open).collect();
        let mut office = Self { seed, server, people, joined: BTreeSet::new() };
        (0..office.people.len()).for_each(|who| office.connect(who));
        office
    }

    /// A person makes an edit.
    pub fn do_something(&mut self, dice: &mut Dice, who: usize, serial: u32) {
        let seed = self.seed;
        let desk = &mut self.people[who];
        let ops = deeds::deed(dice, &desk.table.book, desk.by, serial);
        let before = (serial.is_multiple_of(8)).then(|| desk.picture());
        let edit = grid_engine::doc::Edit { by: desk.by, at: i64::from(serial), why: None, ops };
        match (desk.table.book.apply(&edit), before) {
            (Ok(applied), _) => desk.send(applied),
            (Err(_), Some(before)) => assert_eq!(desk.picture(), before, "seed {seed}: a refused edit left traces"),
            (Err(_), None) => {}
        }
    }

    pub fn undo(&mut self, who: usize) {
        let desk = &mut self.people[who];
        let applied = desk.table.book.undo(desk.by, 1);
        applied.into_iter().for_each(|applied| desk.send(applied));
    }

    pub fn redo(&mut self, who: usize) {
        let desk = &mut self.people[who];
        let applied = desk.table.book.redo(desk.by, 1);
        applied.into_iter().for_each(|applied| desk.send(applied));
    }

    /// The line of a person goes down, or comes back.
    pub fn toggle_line(&mut self, dice: &mut Dice, who: usize) {
        if self.people[who].is_online {
            // What was on the way is lost, or had just arrived.
            (0..dice.roll(3)).for_each(|_| self.take_up(who));
            let desk = &mut self.people[who];
            desk.is_online = false;
            (desk.up, desk.down, desk.marks) = Default::default();
            self.joined.retain(|(joined, _)| *joined != who);
        } else {
            self.connect(who);
        }
    }

    fn connect(&mut self, who: usize) {
        let desk = &mut self.people[who];
        desk.is_online = true;
        for room in self.server.book.known_rooms() {
            desk.marks.push_back((room, self.server.book.state_vector(room).unwrap()));
            desk.join(room);
        }
    }

    /// Something arrives somewhere.
    pub fn pass_on(&mut self, dice: &mut Dice) {
        let who = dice.roll(self.people.len());
        for _ in 0..1 + dice.roll(4) {
            match dice.roll(4) {
                0 | 1 => self.take_up(who),
                2 => self.people[who].take_down(dice),
                _ => self.people[who].take_mark(),
            }
        }
    }

    /// The server takes a frame, as its task does: it judges, applies, passes on and confirms.
    fn take_up(&mut self, who: usize) {
        let seed = self.seed;
        let book = &mut self.server.book;
        match self.people[who].up.pop_front() {
            Some(Up::Join(room, vector)) => {
                let Some(own) = book.state_vector(room) else { return };
                if !book.is_of_epoch(room, &vector, &|writer| writer < 100).unwrap() {
                    return self.people[who].down.push_back(Down::Closed(room));
                }
                self.joined.insert((who, room));
                let missing = book.encode_state(room, Some(&vector)).unwrap();
                self.people[who].down.extend([Down::Vector(room, own), Down::Missing(room, missing)]);
            }
            Some(Up::Update(room, update)) if self.joined.contains(&(who, room)) => {
                let examined = book.examine(room, &update).unwrap_or_else(|unfit| panic!("seed {seed}: {unfit}"));
                assert!(
                    examined.writers.len() <= 1,
                    "seed {seed}: {} sends of {room} what others have written: {:?}",
                    PEOPLE[who],
                    examined.writers
                );
                if !examined.is_empty() {
                    book.stage(room, examined);
                    let merged = book.apply_staged(room).unwrap();
                    for (other, _) in self.joined.iter().filter(|(other, joined)| *other != who && *joined == room) {
                        self.people[*other].down.push_back(Down::Update(room, merged.clone()));
                    }
                }
                let state = self.server.book.state_vector(room).unwrap();
                self.people[who].marks.push_back((room, state));
                self.open_new_rooms();
            }
            _ => {}
        }
    }

    fn open_new_rooms(&mut self) {
        for room in self.server.book.known_rooms() {
            if !self.server.book.has_room(room) {
                self.server.book.open_room(room, &[]).unwrap();
                self.people.iter_mut().filter(|desk| desk.is_online).for_each(|desk| desk.join(room));
            }
        }
    }

    /// The server goes on with some room in its next epoch.
    pub fn rebase(&mut self, dice: &mut Dice) {
        let Some(room) = pick(dice, &self.server.book.known_rooms()) else { return };
        let before = self.server.picture_without_epochs();
        let state = self.server.book.next_epoch(room).unwrap();
        assert_eq!(self.server.book.rebase(room, &state), Ok(None));
        assert_eq!(self.server.picture_without_epochs(), before, "seed {}: rebasing {room}", self.seed);
        for (who, desk) in self.people.iter_mut().enumerate() {
            if self.joined.remove(&(who, room)) {
                desk.down.push_back(Down::Closed(room));
            }
        }
    }

    /// Everybody is connected, and everything arrives; then all must have the same plan.
    pub fn close(mut self, dice: &mut Dice) {
        let seed = self.seed;
        let own: Vec<_> = self.people.iter().map(Person::own_entries).collect();
        for who in 0..self.people.len() {
            if !self.people[who].is_online {
                self.connect(who);
            }
        }
        while self.people.iter().any(|desk| !(desk.up.is_empty() && desk.down.is_empty() && desk.marks.is_empty())) {
            for who in 0..self.people.len() {
                self.take_up(who);
                self.people[who].take_down(dice);
                self.people[who].take_mark();
            }
        }
        self.server.recalculate();
        let (picture, fresh) = (self.server.picture(), self.server.afresh(&[]));
        assert_eq!(fresh.picture(), picture, "seed {seed}: the mirror is not what the documents say");
        assert_eq!(self.server.difference(&fresh), None, "seed {seed}: values depend on how they came about");
        for (desk, own) in self.people.iter_mut().zip(own) {
            let by = desk.by;
            assert_eq!(desk.picture(), picture, "seed {seed}: {by} has another plan");
            for room in self.server.book.known_rooms() {
                let vectors = (desk.table.book.state_vector(room), self.server.book.state_vector(room));
                assert_eq!(
                    sorted(vectors.0),
                    sorted(vectors.1),
                    "seed {seed}: {by} has heard of other changes of {room}"
                );
            }
            desk.recalculate();
            assert_eq!(desk.table.difference(&self.server), None, "seed {seed}: {by} has other values");
            for (cell, held) in own {
                let now = desk.own_entry(cell);
                assert!(
                    now.is_none() || now == Some(held.clone()),
                    "seed {seed}: {by} had {held:?} in {cell:?}: {now:?}"
                );
            }
        }
    }
}

/// An entry, or a contribution.
type Own = Option<Input>;

impl Person {
    fn join(&mut self, room: RoomId) {
        self.table.book.open_room(room, &[]).unwrap();
        let link = self.links.entry(room).or_default();
        link.is_answered = false;
        let vector = if link.is_past { vec![0] } else { self.table.book.state_vector(room).unwrap() };
        self.up.push_back(Up::Join(room, vector));
    }

    fn send(&mut self, applied: Applied) {
        for (room, update) in applied.updates {
            if self.is_online && self.links.get(&room).is_some_and(|link| link.is_answered) {
                self.up.push_back(Up::Update(room, update));
            }
        }
    }

    fn take_down(&mut self, dice: &mut Dice) {
        // Changes of others may arrive out of order: what comes early waits.
        if dice.roll(8) == 0
            && let (Some(Down::Update(a, _)), Some(Down::Update(b, _))) = (self.down.front(), self.down.get(1))
            && a == b
        {
            self.down.swap(0, 1);
        }
        match self.down.pop_front() {
            Some(Down::Vector(room, theirs)) => {
                let Some(link) = self.links.get_mut(&room).filter(|link| !link.is_past) else { return };
                link.is_answered = true;
                let missing = self.table.book.encode_state(room, Some(&theirs)).unwrap();
                self.up.push_back(Up::Update(room, missing));
            }
            Some(Down::Missing(room, state)) => {
                let Some(link) = self.links.get_mut(&room) else { return };
                if std::mem::take(&mut link.is_past) {
                    link.is_answered = true;
                    let repeated = self.table.book.rebase(room, &state).unwrap();
                    self.up.extend(repeated.map(|again| Up::Update(room, again.update)));
                } else {
                    self.table.book.apply_update(room, &state).unwrap();
                }
            }
            Some(Down::Update(room, update)) => self.table.book.apply_update(room, &update).unwrap(),
            Some(Down::Closed(room)) => {
                self.links.entry(room).or_default().is_past = true;
                self.join(room);
            }
            None => {}
        }
    }

    fn take_mark(&mut self) {
        if let Some((room, vector)) = self.marks.pop_front() {
            self.table.book.acknowledge(room, &vector);
        }
    }

    pub fn recalculate(&mut self) {
        self.table.recalculate();
    }

    fn picture(&self) -> String {
        self.table.picture()
    }

    /// What only this person writes, as it is here: nobody may lose it or bring back what was before.
    fn own_entries(&self) -> Vec<(CellRef, Own)> {
        let rows = self.table.book.sheet(sheet("demand")).unwrap().rows();
        let cells = rows.iter().flat_map(|&row| {
            MONTHS.iter().flat_map(move |month| {
                let cell = |name: &str| CellRef {
                    sheet: sheet("demand"),
                    row,
                    col: plan::col(&format!("{}@{month}", measure_id(name))),
                };
                [cell(&own_measure(self.name())), cell("Uplift")]
            })
        });
        cells.filter_map(|cell| Some((cell, self.own_entry(cell)?))).collect()
    }

    fn name(&self) -> &'static str {
        PEOPLE.iter().find(|name| person(name) == self.by).unwrap()
    }

    /// `None`: the row is deleted.
    fn own_entry(&self, cell: CellRef) -> Option<Own> {
        let of = self.table.book.sheet(cell.sheet).unwrap();
        of.row_index(cell.row)?;
        if cell.col.measure != measure_id("Uplift") {
            return Some(of.input(cell.row, cell.col).cloned());
        }
        let all = of.contributions(cell.row, cell.col);
        Some(all.iter().find(|(by, _)| *by == self.by).map(|(_, number)| Input::Number(*number)))
    }
}

impl Table {
    fn picture_without_epochs(&self) -> String {
        let mut text = self.picture();
        while let Some(at) = text.find("epoch: ") {
            let end = text[at..].find([',', '}']).map_or(text.len(), |end| at + end);
            text.replace_range(at..end, "");
        }
        text
    }
}

/// The entries of an encoded state vector in order: encoders write them in any.
fn sorted(vector: Option<Vec<u8>>) -> Option<Vec<(u64, u64)>> {
    let vector = vector?;
    let mut at = 0;
    let mut number = || {
        let (mut number, mut shift) = (0_u64, 0);
        loop {
            let byte = vector[at];
            at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return number;
            }
        }
    };
    let count = number();
    let mut entries: Vec<(u64, u64)> = (0..count).map(|_| (number(), number())).collect();
    entries.sort_unstable();
    Some(entries)
}
