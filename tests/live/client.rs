//! Somebody's browser: a copy that is kept through every loss of the line, and what is on the way to it and from it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use equipoise_server::sync::{Closing, Frame, PeerNumber};
use grid_engine::doc::{Edit, Guard, Input, Op};
use grid_engine::refs::{CellRef, PersonId, RoomId};
use grid_engine::wire::ToPeer;
use grid_engine::workbook::{Side, Workbook};
use yrs::StateVector;
use yrs::block::ClientID;
use yrs::sync::{Message, SyncMessage};
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;

use crate::dice::Dice;
use crate::plan::{self, KEYS, PAIR, PEOPLE, SINGLE, cell, own};

/// `None`: `/live`.
pub type Source = Option<RoomId>;

pub enum Down {
    Frame(Frame),
    Closed(Closing),
}

/// A connection of one room, or of `/live`. Each keeps its order; between them there is none.
pub struct Socket {
    pub peer: PeerNumber,
    pub up: VecDeque<Vec<u8>>,
    pub down: VecDeque<Down>,
    /// What the server lacked has been sent: from now on, edits are sent as they are made.
    is_answered: bool,
}

pub struct Client {
    pub who: usize,
    pub workbook: Workbook,
    pub sockets: BTreeMap<Source, Socket>,
    person: PersonId,
    pub writer: u64,
    past: BTreeSet<RoomId>,
    last_sent: Option<(RoomId, Vec<u8>)>,
    /// What was written into cells that nobody else writes, oldest first.
    written: BTreeMap<CellRef, Vec<Written>>,
    serial: u32,
}

/// One entry into a cell of one's own.
struct Written {
    input: Option<Input>,
    /// The writer's clock after it.
    clock: u32,
    /// Whether the server has said that it is on disk.
    is_saved: bool,
}

fn frame(message: SyncMessage) -> Vec<u8> {
    Message::Sync(message).encode_v1()
}

impl Client {
    pub fn new(who: usize) -> Self {
        Self {
            who,
            workbook: Workbook::new(Side::Browser, 0),
            sockets: BTreeMap::new(),
            person: plan::me(who).person,
            writer: 0,
            past: BTreeSet::new(),
            last_sent: None,
            written: BTreeMap::new(),
            serial: 0,
        }
    }

    /// Rooms that could be joined, now that there is a writer id.
    pub fn missing_rooms(&self) -> Vec<RoomId> {
        let known = self.workbook.known_rooms().into_iter();
        known.filter(|room| self.writer != 0 && !self.sockets.contains_key(&Some(*room))).collect()
    }

    /// Opens a connection, and says what is held of the room.
    pub fn open(&mut self, source: Source, peer: PeerNumber) {
        let mut socket = Socket { peer, up: VecDeque::new(), down: VecDeque::new(), is_answered: false };
        if let Some(room) = source {
            self.workbook.open_room(room, &[]).unwrap();
            let held = StateVector::decode_v1(&self.workbook.state_vector(room).unwrap()).unwrap();
            let vector = if self.past.contains(&room) { StateVector::default() } else { held };
            socket.up.push_back(frame(SyncMessage::SyncStep1(vector)));
        }
        self.sockets.insert(source, socket);
    }

    /// Does something to the plan.
    pub fn edit(&mut self, dice: &mut Dice) {
        if self.writer == 0 {
            return;
        }
        self.serial += 1;
        let key = dice.roll(KEYS.len());
        // Nobody enters what somebody else did, so that who looks at a cell knows who wrote it.
        let number = Some(Input::Number(f64::from(self.serial * PEOPLE as u32 + self.who as u32)));
        let set = |cell: CellRef, input| Op::SetCell { cell, input, guard: Guard::Always };
        let ops = match dice.roll(10) {
            0..=3 => PAIR.iter().map(|month| set(cell(&own(self.who), key, month), number.clone())).collect(),
            4 => PAIR.iter().map(|month| set(cell(&own(self.who), key, month), None)).collect(),
            5 | 6 => vec![set(cell("override", key, SINGLE), number.filter(|_| dice.roll(4) > 0))],
            7 | 8 => vec![set(cell("uplift", key, SINGLE), number.filter(|_| dice.roll(4) > 0))],
            _ => vec![set(cell(&own(self.who), key, SINGLE), number.filter(|_| dice.roll(3) > 0))],
        };
        let edit = Edit { by: self.person, at: i64::from(self.serial), why: None, ops };
        let Ok(applied) = self.workbook.apply(&edit) else { return };
        for (room, update) in applied.updates {
            let clock = self.clock(room);
            for op in &edit.ops {
                if let Op::SetCell { cell, input, .. } = op
                    && cell.col.measure.to_string() == own(self.who)
                {
                    let written = Written { input: input.clone(), clock, is_saved: false };
                    self.written.entry(*cell).or_default().push(written);
                }
            }
            self.send(room, update);
        }
    }

    /// Up to where this writer has written into a room.
    fn clock(&self, room: RoomId) -> u32 {
        StateVector::decode_v1(&self.workbook.state_vector(room).unwrap()).unwrap().get(&ClientID::new(self.writer))
    }

    /// Whether a workbook has everything the server has called saved; what is missing where not.
    pub fn lacks(&self, workbook: &Workbook) -> Option<String> {
        self.written.iter().find_map(|(cell, written)| {
            let from = written.iter().rposition(|one| one.is_saved)?;
            let held = plan::input(workbook, *cell);
            let is_there = written[from..].iter().any(|one| one.input == held);
            (!is_there).then(|| format!("{:?} was saved in {cell:?}, and it holds {held:?}", written[from].input))
        })
    }

    /// Entries of a room, by the room of their cells.
    fn written_in(&mut self, room: RoomId) -> impl Iterator<Item = &mut Written> {
        let cells = (0..KEYS.len()).filter(move |key| plan::room_of(*key) == room);
        let rows: Vec<_> = cells.map(|key| cell(&own(self.who), key, SINGLE).row).collect();
        self.written.iter_mut().filter(move |(cell, _)| rows.contains(&cell.row)).flat_map(|(_, written)| written)
    }

    /// Sends the last change once more, as a network that is unsure may.
    pub fn repeat(&mut self) {
        if let Some((room, update)) = self.last_sent.take() {
            self.send(room, update);
        }
    }

    fn send(&mut self, room: RoomId, update: Vec<u8>) {
        let Some(socket) = self.sockets.get_mut(&Some(room)).filter(|socket| socket.is_answered) else { return };
        socket.up.push_back(frame(SyncMessage::Update(update.clone())));
        self.last_sent = Some((room, update));
    }

    /// Loses a connection with all that is on it.
    pub fn lose(&mut self, source: Source) -> Option<PeerNumber> {
        self.last_sent = None;
        self.sockets.remove(&source).map(|socket| socket.peer)
    }

    /// Reads one thing from a connection.
    ///
    /// # Errors
    /// When the server says what it must not say.
    pub fn read_one(&mut self, source: Source) -> Result<(), String> {
        let Some(down) = self.sockets.get_mut(&source).and_then(|socket| socket.down.pop_front()) else {
            return Ok(());
        };
        match (source, down) {
            (_, Down::Closed(closing)) => {
                self.lose(source);
                if let (Some(room), 4409) = (source, closing.code) {
                    self.past.insert(room);
                } else if closing.code != 1013 {
                    return Err(format!("person {} is sent away from {source:?} with {closing:?}", self.who));
                }
            }
            (None, Down::Frame(Frame::Text(text))) => self.hear(serde_json::from_str(&text).unwrap())?,
            (Some(room), Down::Frame(Frame::Binary(bytes))) => self.sync(room, Message::decode_v1(&bytes).unwrap()),
            (source, Down::Frame(frame)) => return Err(format!("{frame:?} on {source:?}")),
        }
        Ok(())
    }

    fn hear(&mut self, message: ToPeer) -> Result<(), String> {
        match message {
            ToPeer::Hello { writer, rooms, .. } if self.writer == 0 => {
                self.writer = writer;
                self.workbook.set_client(writer);
                rooms.iter().for_each(|grant| self.workbook.open_room(grant.room, &[]).unwrap());
            }
            ToPeer::Saved { room, state } => {
                let state = STANDARD.decode(state).unwrap();
                self.workbook.acknowledge(room, &state);
                let saved = StateVector::decode_v1(&state).unwrap().get(&ClientID::new(self.writer));
                self.written_in(room).for_each(|one| one.is_saved |= one.clock <= saved);
            }
            ToPeer::Refused { code, message, .. } => {
                return Err(format!("person {} is refused with {code}: {message}", self.who));
            }
            _ => {}
        }
        Ok(())
    }

    fn sync(&mut self, room: RoomId, message: Message) {
        let is_past = self.past.contains(&room);
        match message {
            Message::Sync(SyncMessage::SyncStep1(_)) if is_past => {}
            Message::Sync(SyncMessage::SyncStep1(vector)) => {
                let missing = self.workbook.encode_state(room, Some(&vector.encode_v1())).unwrap();
                let Some(socket) = self.sockets.get_mut(&Some(room)) else { return };
                socket.is_answered = true;
                socket.up.push_back(frame(SyncMessage::SyncStep2(missing)));
            }
            Message::Sync(SyncMessage::SyncStep2(state)) if is_past => {
                self.past.remove(&room);
                if let Some(socket) = self.sockets.get_mut(&Some(room)) {
                    socket.is_answered = true;
                }
                let repeated = self.workbook.rebase(room, &state).unwrap();
                let clock = self.clock(room);
                self.written_in(room).filter(|one| !one.is_saved).for_each(|one| one.clock = clock);
                if let Some(repeated) = repeated {
                    self.send(room, repeated.update);
                }
            }
            Message::Sync(SyncMessage::SyncStep2(update) | SyncMessage::Update(update)) => {
                self.workbook.apply_update(room, &update).unwrap();
            }
            _ => {}
        }
    }
}
