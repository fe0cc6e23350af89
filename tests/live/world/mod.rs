//! The server, its disk, the people, and the lines between them; and the rules that must hold whatever happens.

mod lines;
mod rules;

use std::collections::BTreeMap;
use std::sync::Arc;

use equipoise_server::sync::{Closing, Input, PeerNumber, Replica, StoreRequest, Stored, TurnError};
use grid_engine::workbook::{Clock, Workbook};

use crate::client::{Client, Down, Source};
use crate::dice::Dice;
use crate::disk::{Disk, Honesty, Write};
use crate::plan::{self, PEOPLE, picture};
use rules::{History, differ, whole};

/// Logs are folded into checkpoints at this many bytes, so that it happens within a short day.
const LOG_BYTES: usize = 300;
/// Enough for everything to arrive: no day has as much on the way.
const QUIET: usize = 400;

pub struct World {
    dice: Dice,
    disk: Disk,
    server: Option<Replica>,
    /// The server waits for its disk.
    is_waiting: bool,
    clients: Vec<Client>,
    peers: BTreeMap<PeerNumber, (usize, Source)>,
    next_peer: u64,
    /// What the server has held in cells that everybody writes.
    held: History,
    now: i64,
    starts: u64,
    pub tally: Tally,
}

/// How often what happened: a day on which nothing does proves nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub saved: usize,
    pub crashes_at_work: usize,
    /// Of these, with a checkpoint or the copy of an epoch on its way to the disk.
    pub crashes_at_checkpoints: usize,
    pub failures: usize,
    pub folds: usize,
    pub rebases: usize,
    pub sent_away: usize,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.saved += other.saved;
        self.crashes_at_work += other.crashes_at_work;
        self.crashes_at_checkpoints += other.crashes_at_checkpoints;
        self.failures += other.failures;
        self.folds += other.folds;
        self.rebases += other.rebases;
        self.sent_away += other.sent_away;
    }
}

impl World {
    pub fn new(seed: u64, honesty: Honesty) -> Result<Self, String> {
        let mut world = Self {
            dice: Dice(seed),
            disk: Disk::new(honesty),
            server: None,
            is_waiting: false,
            clients: (0..PEOPLE).map(Client::new).collect(),
            peers: BTreeMap::new(),
            next_peer: 1,
            held: History::default(),
            now: 1_000_000,
            starts: 0,
            tally: Tally::default(),
        };
        world.rest()?;
        Ok(world)
    }

    /// One thing happens.
    pub fn step(&mut self) -> Result<(), String> {
        let who = self.dice.roll(PEOPLE);
        match self.dice.roll(100) {
            0..=17 => self.clients[who].edit(&mut self.dice),
            18 => self.clients[who].repeat(),
            19..=44 => self.arrive(who)?,
            45..=54 => self.end_turn()?,
            55..=69 => self.write(true)?,
            70 | 71 => self.write(false)?,
            72..=88 => self.read(who)?,
            89..=92 => self.connect(who)?,
            93 => self.cut(who)?,
            94 => self.crash(),
            95 => self.start()?,
            96 => self.rebase()?,
            97 => self.now += [-3_600_000, 86_400_000, 1][self.dice.roll(3)],
            _ => {
                let all = self.dice.roll(2) == 0;
                self.recalculate(all)?;
            }
        }
        self.now += self.dice.roll(50) as i64;
        Ok(())
    }

    /// The server starts on what the disk has, unless it runs.
    fn start(&mut self) -> Result<(), String> {
        if self.server.is_some() {
            return Ok(());
        }
        self.starts += 1;
        let seed = (self.starts << 32) | self.dice.roll(1 << 30) as u64;
        let clock = Clock { now: 46_000.0, seed: 1 };
        let opened = Replica::open(plan::workbook_id(), self.disk.kept(), seed, clock, Arc::default());
        let mut replica = opened.map_err(|error| format!("what is stored cannot be opened: {error}"))?;
        replica.log_bytes = LOG_BYTES;
        whole(&replica.workbook, "the disk")?;
        self.has_all_saved(&replica.workbook)?;
        self.server = Some(replica);
        Ok(())
    }

    fn has_all_saved(&self, workbook: &Workbook) -> Result<(), String> {
        match self.clients.iter().find_map(|client| client.lacks(workbook)) {
            Some(lacking) => Err(format!("what was saved is lost: {lacking}")),
            None => Ok(()),
        }
    }

    /// The process is killed where it stands.
    fn crash(&mut self) {
        let written = self.dice.roll(self.disk.queue.len() + 1);
        self.tally.crashes_at_work += usize::from(self.is_waiting);
        self.tally.crashes_at_checkpoints += usize::from(self.disk.queue.iter().any(Write::replaces));
        self.disk.crash(written);
        self.server = None;
        self.is_waiting = false;
        self.peers.clear();
        for client in &mut self.clients {
            let sources: Vec<Source> = client.sockets.keys().copied().collect();
            for source in sources {
                // What had left the server may still arrive; the rest is lost.
                let arrives = self.dice.roll(3);
                if let Some(socket) = client.sockets.get_mut(&source) {
                    socket.down.truncate(arrives);
                    socket.down.push_back(Down::Closed(Closing::again("workbook.reopening")));
                    socket.up.clear();
                }
            }
        }
    }

    fn rebase(&mut self) -> Result<(), String> {
        if self.is_waiting {
            return Ok(());
        }
        let Some(server) = &self.server else { return Ok(()) };
        let rooms = server.workbook.known_rooms();
        // Somebody who is away misses several epochs.
        let room = rooms[self.dice.roll(rooms.len())];
        for _ in 0..1 + self.dice.roll(3) {
            let Some(server) = self.server.as_mut().filter(|_| !self.is_waiting) else { break };
            server.take(Input::Rebase { room });
            self.end_turn()?;
            while self.is_waiting && self.dice.roll(10) > 0 {
                self.write(true)?;
            }
        }
        Ok(())
    }

    /// All values, or those of some formulas: the server goes on with the rest after what came in meanwhile.
    fn recalculate(&mut self, all: bool) -> Result<(), String> {
        if let Some(server) = &mut self.server {
            let mut left = self.dice.roll(6);
            let mut may_go_on = || {
                left = left.saturating_sub(1);
                all || left > 0
            };
            server.recalculate(Clock { now: 46_000.0, seed: 1 }, &mut may_go_on);
        }
        self.deliver()
    }

    fn end_turn(&mut self) -> Result<(), String> {
        if self.is_waiting {
            return Ok(());
        }
        let Some(server) = &mut self.server else { return Ok(()) };
        let request = server.end_turn();
        self.go_on(request)
    }

    /// The disk does the oldest write, or fails.
    fn write(&mut self, well: bool) -> Result<(), String> {
        let stored: Option<Stored> = if well { self.disk.write_one() } else { self.disk.fail_one() };
        let (Some(stored), Some(server)) = (stored, &mut self.server) else { return Ok(()) };
        self.is_waiting = false;
        self.tally.failures += usize::from(stored.is_err());
        server.tick(self.now);
        let request = server.stored(stored);
        self.held.look(&server.workbook)?;
        self.go_on(request)
    }

    fn go_on(&mut self, request: Result<Option<StoreRequest>, TurnError>) -> Result<(), String> {
        self.deliver()?;
        match request {
            Ok(Some(request)) => {
                self.is_waiting = true;
                self.tally.rebases += usize::from(matches!(request, StoreRequest::Replace { .. }));
                self.disk.queue.push_back(Write::Request(request));
            }
            Ok(None) => {}
            Err(_) => {
                // The workbook is opened afresh.
                if let Some(server) = &mut self.server {
                    server.close_all(&Closing::again("workbook.reopening"));
                }
                self.deliver()?;
                self.server = None;
                self.start()?;
            }
        }
        Ok(())
    }

    /// Everybody is connected and everything arrives.
    fn rest(&mut self) -> Result<(), String> {
        for _ in 0..QUIET {
            self.start()?;
            for who in 0..PEOPLE {
                self.connect(who)?;
                self.arrive(who)?;
                self.read(who)?;
            }
            self.end_turn()?;
            while !self.disk.queue.is_empty() {
                self.write(true)?;
            }
            if self.is_quiet() {
                return Ok(());
            }
        }
        Err("it never comes to rest".into())
    }

    /// All is quiet; then everybody must hold the same, and the disk too.
    pub fn close(mut self) -> Result<Tally, String> {
        self.rest()?;
        let server = self.server.take().ok_or("the server is gone")?;
        let said = picture(&server.workbook);
        self.has_all_saved(&server.workbook)?;
        self.start()?;
        let stored = self.server.as_ref().map(|server| picture(&server.workbook)).unwrap_or_default();
        differ("the disk", &stored, &said)?;
        for client in &self.clients {
            whole(&client.workbook, &format!("person {}", client.who))?;
            differ(&format!("person {}", client.who), &picture(&client.workbook), &said)?;
        }
        Ok(self.tally)
    }

    fn is_quiet(&self) -> bool {
        let nothing = |client: &Client| {
            let is_joined = client.sockets.contains_key(&None) && client.missing_rooms().is_empty();
            is_joined && client.sockets.values().all(|socket| socket.up.is_empty() && socket.down.is_empty())
        };
        !self.is_waiting && self.clients.iter().all(nothing)
    }
}
