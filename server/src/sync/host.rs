//! The task of one workbook: it brings a [`Replica`] what happens, and does what the replica asks for.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use grid_engine::workbook::VersionMeasure;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::closing::Closing;
use super::command::{Command, Held, Question};
use super::peer::{Outbox, PeerNumber, Sending};
use super::remade::{self, Doubt};
use super::replica::{Kept, LoadError, Replica};
use super::steps::{Answers, Aside, Input, Output, StoreRequest, Stored};
use super::turn::TurnError;
use crate::clock::{now_ms, recalculation_clock};
use crate::jobs::{Board, Outcome, log_kept};
use crate::scenario_news::{Heard, News};
use crate::scorecard_upgrade;
use crate::store::{Pending, Store, WorkbookId};
use crate::version_facts;

/// Commands of one turn: bounds how long the first of them waits for its acknowledgement.
const BATCH: usize = 1024;
/// Recalculating stops after this long for what has come in meanwhile: no formula, however slow, keeps others from saving.
const SLICE: Duration = Duration::from_millis(25);
/// Under load, values are brought up to date this often; documents go first.
const RECALCULATE_EVERY: Duration = Duration::from_millis(200);
/// A turn that has told peers is followed by the next when all of it has left, or sockets would be given frames faster
/// than they can send them: what arrives meanwhile shares one commit and one frame for each peer. Nobody waits longer
/// for company than this for each frame, in case a peer does not read,
const SENDING: Duration = Duration::from_micros(20);
/// nor longer than this in all.
const LONGEST_REST: Duration = Duration::from_millis(10);

/// How much is going on in a workbook.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
    pub rooms: usize,
    pub peers: usize,
    /// Bytes on their way to peers, of all and of the slowest.
    pub waiting_bytes: usize,
    pub longest_queue: usize,
    /// How long the oldest running job has been running.
    pub oldest_job: Duration,
    /// Whether no job is running or waiting to.
    pub is_idle: bool,
}

/// A replica and what it needs of the world.
pub(super) struct Host {
    replica: Replica,
    store: Store,
    board: Board,
    /// Leads to this host.
    commands: mpsc::WeakSender<Command>,
    /// Hears that formulas read the scenario matrix.
    news: News,
    outboxes: HashMap<PeerNumber, Outbox>,
    /// What has not left yet.
    sending: Arc<Sending>,
    /// Until then updates gather.
    resting_until: Option<Instant>,
    recalculated_at: Instant,
    /// The last recalculation was left before its end.
    is_half_way: bool,
}

/// What the store keeps of a workbook.
fn kept(store: &Store, id: WorkbookId) -> Result<Kept, LoadError> {
    let (title, currency) = store.workbook(id)?.ok_or(LoadError::Missing(id))?;
    Ok(Kept {
        title,
        currency,
        rooms: store.load_rooms(id)?,
        facts: store.load_facts(id)?,
        writers: store.writers(id)?,
        swept: store.swept(id)?,
        locks: store.locks(id)?,
        notices: store.notices(id)?,
        names: store.people()?.into_iter().map(|person| (person.person, person.name)).collect(),
        incarnation: store.incarnation()?,
    })
}

/// What one turn leaves to the host.
#[derive(Default)]
struct Turn {
    /// When its updates arrived.
    arrived: Vec<std::time::Instant>,
    /// What was asked about the state.
    questions: Vec<Question>,
    /// Given back when everything it brought is answered.
    held: Held,
    stop: bool,
}

impl Host {
    /// Loads a workbook whole and calculates it; `commands` leads to this host, `news` hears that it reads scenarios.
    pub fn load(
        store: Store,
        id: WorkbookId,
        program: PathBuf,
        commands: mpsc::WeakSender<Command>,
        news: News,
        sending: Arc<Sending>,
    ) -> Result<Self, LoadError> {
        let started = std::time::Instant::now();
        let open =
            || Replica::open(id, kept(&store, id)?, rand::random(), recalculation_clock(), store.metrics().clone());
        let mut replica = open()?;
        if scorecard_upgrade::is_due(&replica.workbook) {
            match scorecard_upgrade::upgrade(&store, id) {
                Ok(()) => replica = open()?,
                Err(error) => {
                    tracing::warn!(workbook = %id, error, "the scorecard stays as an earlier program made it")
                }
            }
        }
        tracing::info!(workbook = %id, rooms = replica.room_count(), took = ?started.elapsed(), "workbook opened");
        let mut host = Self {
            replica,
            board: Board::new(store.clone(), id, program, commands.clone()),
            commands,
            news,
            store,
            outboxes: HashMap::new(),
            sending,
            resting_until: None,
            recalculated_at: Instant::now(),
            is_half_way: false,
        };
        host.deliver();
        Ok(host)
    }

    /// Runs until told to stop or the store fails.
    pub async fn run(mut self, mut queue: mpsc::Receiver<Command>) {
        loop {
            let due = if self.replica.is_behind() { Some(Instant::now()) } else { self.board.next_due() };
            let command = tokio::select! {
                command = queue.recv() => match command {
                    Some(command) => Some(command),
                    None => break,
                },
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => None,
            };
            if let Some(pause) = self.resting_until.filter(|until| command.is_some() && *until > Instant::now()) {
                let _ = tokio::time::timeout_at(pause, self.sending.all_left()).await;
            }
            self.replica.tick(now_ms());
            let mut turn = Turn::default();
            let mut next = command;
            let mut taken = 0;
            while let Some(command) = next {
                let may_take_more = self.take(command, &mut turn);
                taken += 1;
                next = if may_take_more && taken < BATCH { queue.try_recv().ok() } else { None };
            }
            if let Err(error) = self.finish(&turn.arrived).await {
                // What is in memory is not what is on disk: forget it, so that it is opened afresh.
                tracing::error!(workbook = %self.replica.id, %error, "the workbook is closed, to be opened afresh");
                self.close_all(&Closing::again("workbook.reopening"));
                return;
            }
            turn.held.clear();
            if turn.stop {
                self.close_all(&Closing::restart());
                return;
            }
            // What was left half way goes on after as much time for edits as it had.
            let pause = if self.is_half_way { SLICE } else { RECALCULATE_EVERY };
            let is_time = queue.is_empty() || self.recalculated_at.elapsed() > pause;
            // Whoever asks reads values that follow from the inputs they are read with.
            if self.replica.is_behind() && (is_time || !turn.questions.is_empty()) {
                self.recalculate(!turn.questions.is_empty());
            }
            turn.questions.into_iter().for_each(|question| question(&self.replica));
            let workbook = &self.replica.workbook;
            let started = self.board.start_due(|key| workbook.is_asked(key));
            started.into_iter().for_each(|job| self.replica.tell_job(job));
            self.replica.has_answers |= !self.replica.is_behind() && self.board.is_idle();
            self.deliver();
        }
    }

    /// Takes a command into the turn; whether the turn may take more.
    fn take(&mut self, command: Command, turn: &mut Turn) -> bool {
        let input = match command {
            Command::JoinRoom { peer, me, room, writers, outbox } => {
                self.outboxes.insert(peer, outbox);
                Input::JoinRoom { peer, me, room, writers }
            }
            Command::JoinLive { peer, me, outbox } => {
                self.outboxes.insert(peer, outbox);
                Input::JoinLive { peer, me, jobs: self.board.infos() }
            }
            Command::Sync { peer, message, arrived, held } => {
                turn.held.extend(held);
                if message.is_change() {
                    turn.arrived.push(arrived);
                }
                Input::Sync { peer, message }
            }
            Command::Remade { peer, age } => Input::Remade { peer, age },
            Command::Raced(races) => Input::Raced(races),
            Command::Live { peer, message, held } => {
                turn.held.extend(held);
                Input::Live { peer, message }
            }
            Command::Malformed { peer, reason } => Input::Malformed { peer, reason },
            Command::Leave { peer } => {
                self.outboxes.remove(&peer);
                Input::Leave { peer }
            }
            Command::Job { id, event } => {
                let workbook = &self.replica.workbook;
                let outcome = self.board.report(id, event, |key| workbook.is_asked(key));
                Input::Jobs(answers_of(outcome))
            }
            Command::CancelJob { id, found } => {
                let outcome = self.board.cancel(id);
                // The request may have been given up.
                let _ = found.send(outcome.is_some());
                Input::Jobs(answers_of(outcome.unwrap_or_default()))
            }
            Command::TryAgain => Input::TryAgain,
            Command::AskPlan { call, told } => {
                self.board.ask(call, told);
                return true;
            }
            Command::VersionsChanged => Input::VersionsChanged,
            Command::Commented(cell) => Input::Commented(cell),
            Command::Lock(lock) => Input::Lock(lock),
            Command::Unlock(lock) => Input::Unlock(lock),
            Command::VersionFacts(found) => Input::VersionFacts(found),
            Command::Scenarios(table) => Input::Scenarios(table),
            Command::Imported(layers) => Input::Imported(layers),
            Command::Fold => Input::Fold,
            Command::Ask(question) => {
                turn.questions.push(question);
                return true;
            }
            Command::Load(told) => {
                self.tell_load(told);
                return true;
            }
            Command::Stop => {
                turn.stop = true;
                return false;
            }
        };
        self.replica.take(input)
    }

    /// Ends the turn: stores what it gathered, and has the replica tell everyone.
    async fn finish(&mut self, arrived: &[std::time::Instant]) -> Result<(), TurnError> {
        let mut request = self.replica.end_turn()?;
        let mut is_acknowledged = request.is_some();
        while let Some(wanted) = request {
            self.deliver();
            let stored = self.store(wanted).await;
            is_acknowledged &= stored.is_ok();
            self.replica.tick(now_ms());
            request = self.replica.stored(stored)?;
        }
        if is_acknowledged {
            let metrics = self.store.metrics();
            arrived.iter().for_each(|arrived| metrics.acknowledged.note(arrived.elapsed()));
        }
        self.deliver();
        Ok(())
    }

    async fn store(&self, request: StoreRequest) -> Stored {
        let id = self.replica.id;
        match request {
            StoreRequest::Append { updates, notices } => self.store.append_updates(id, updates, notices).await,
            StoreRequest::AddRoom(room) => self.store.add_room(id, room, Vec::new()).await.map(|()| Vec::new()),
            StoreRequest::Replace { room, state, upto, forgotten } => {
                self.store.replace_room(id, room, state, upto, forgotten).await.map(|()| Vec::new())
            }
            StoreRequest::Recall { room, update } => {
                self.store.append_recall(id, room, update).await.map(|appended| vec![appended])
            }
        }
    }

    /// Does what the replica asks for.
    fn deliver(&mut self) {
        loop {
            let outputs = self.replica.outputs();
            if outputs.is_empty() {
                break;
            }
            for output in outputs {
                self.do_one(output);
            }
        }
        let frames = u32::try_from(self.replica.frames_told()).unwrap_or(u32::MAX);
        if frames > 0 {
            self.resting_until = Some(Instant::now() + SENDING.saturating_mul(frames).min(LONGEST_REST));
        }
    }

    fn do_one(&mut self, output: Output) {
        match output {
            Output::Send { peer, frame, sent } => {
                let Some(outbox) = self.outboxes.get_mut(&peer) else { return };
                outbox.send(frame, sent);
                if outbox.is_closed() {
                    // Too slow: it was closed rather than left with a gap.
                    self.outboxes.remove(&peer);
                    self.replica.take(Input::Leave { peer });
                }
            }
            Output::Close { peer, closing } => {
                if let Some(mut outbox) = self.outboxes.remove(&peer) {
                    outbox.close(closing);
                }
            }
            Output::Aside(aside) => self.put_aside(aside),
            Output::Wanted(requests) => {
                let answers = answers_of(self.board.request(requests));
                self.replica.take(Input::Jobs(answers));
            }
            Output::Versions(wanted) => self.look_up(wanted),
            Output::Doubts(doubts) => self.clear_up(doubts),
            // Nobody listens any more when the server stops.
            Output::Scenarios => drop(self.news.send(Heard::Wanted(self.replica.id))),
            Output::InputsMoved => self.board.inputs_moved(),
        }
    }

    /// Stores something nobody waits for; where that fails, it is in the log.
    fn put_aside(&self, aside: Aside) {
        let id = self.replica.id;
        match aside {
            Aside::Fold { room, state, upto } => {
                watch(self.store.checkpoint(id, room, state, upto), "the log was not folded");
            }
            Aside::Why { room, person, at, change, why } => {
                watch(self.store.note_why(id, room, person, at, change, why), "a reason was not stored");
            }
            Aside::Told { person, notices } => {
                watch(self.store.forget_notices(id, person, notices), "notices were not taken away");
            }
            Aside::Facts(layers) => watch(self.store.put_facts(id, layers), "layers were not stored"),
        }
    }

    /// Looks up what formulas ask for of frozen versions, aside: a version is megabytes.
    fn look_up(&self, wanted: Vec<VersionMeasure>) {
        let (store, id, commands) = (self.store.clone(), self.replica.id, self.commands.clone());
        tokio::task::spawn_blocking(move || match version_facts::find(&store, id, wanted) {
            Ok(found) => {
                // The workbook may have been closed meanwhile; opened again, it asks again.
                if let Some(commands) = commands.upgrade() {
                    let _ = commands.blocking_send(Command::VersionFacts(found));
                }
            }
            Err(error) => tracing::error!(workbook = %id, %error, "versions that formulas read were not found"),
        });
    }

    /// Looks up whom edits made anew have met, aside: the edit log is on disk.
    fn clear_up(&self, doubts: Vec<Doubt>) {
        let (store, id, commands) = (self.store.clone(), self.replica.id, self.commands.clone());
        tokio::task::spawn_blocking(move || match remade::met(&store, id, doubts) {
            Ok(races) if races.is_empty() => {}
            Ok(races) => {
                if let Some(commands) = commands.upgrade() {
                    let _ = commands.blocking_send(Command::Raced(races));
                }
            }
            Err(error) => tracing::error!(workbook = %id, %error, "whom edits made anew have met was not found"),
        });
    }

    /// Brings values up to date, all of them or those there is time for before the next turn.
    fn recalculate(&mut self, all: bool) {
        let started = Instant::now();
        let mut is_first = true;
        // One formula at least each time: it comes to an end however long finding the first one takes.
        let mut may_go_on = || all || std::mem::take(&mut is_first) || started.elapsed() < SLICE;
        self.replica.recalculate(recalculation_clock(), &mut may_go_on);
        self.is_half_way = self.replica.is_behind();
        self.store.metrics().recalculated.note(started.elapsed());
        self.recalculated_at = Instant::now();
    }

    fn tell_load(&self, told: oneshot::Sender<Load>) {
        let sizes = self.outboxes.values().map(Outbox::waiting);
        // Whoever asked may have given up.
        let _ = told.send(Load {
            rooms: self.replica.room_count(),
            peers: self.replica.peer_count(),
            waiting_bytes: sizes.clone().sum(),
            longest_queue: sizes.max().unwrap_or(0),
            oldest_job: self.board.oldest(),
            is_idle: self.board.is_idle(),
        });
    }

    fn close_all(&mut self, closing: &Closing) {
        self.replica.close_all(closing);
        self.deliver();
    }
}

fn answers_of(outcome: Outcome) -> Answers {
    let Outcome { info, answers, early, given_up, plans, kept } = outcome;
    if let Some(kept) = kept {
        tokio::spawn(log_kept(kept));
    }
    Answers { info, answers, early, given_up, plans }
}

fn watch<T: Send + 'static>(storing: Pending<T>, trouble: &'static str) {
    tokio::spawn(async move {
        if let Err(error) = storing.await {
            tracing::warn!(%error, trouble);
        }
    });
}
