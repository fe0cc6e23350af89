//! The session's conversation with the server.

use std::time::Duration;

use grid_engine::doc::{Edit, EditError, Op};
use grid_engine::refs::{CellRef, MeasureId, RoomId, SheetId};
use grid_engine::value::Value;
use grid_engine::wire::{FactsData, FactsInfo, FromPeer, JobInfo, JobState, Scalar, ToPeer};
use grid_engine::workbook::{Facts, Workbook};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use super::core::Core;
use super::own_edits::OwnEdit;
use super::restore::RESTORED;
use super::rooms::scalar;
use super::session::{Declined, Opening, Session};
use super::{SheetSource, Tone, clock};
use crate::sync::{FORBIDDEN, Link, LinkEvent, SIGNED_OUT, message};
use crate::{api, locale};

/// Presence is repeated this often, so that others know we are still here.
const STILL_HERE: Duration = Duration::from_secs(12);
/// The code of a connection that ended without saying why, or never began.
const BROKEN: u16 = 1006;
/// A finished job stays on show this long.
const JOB_STAYS: Duration = Duration::from_secs(4);

impl Session {
    /// Connects to the server and stays connected until [`Session::close`].
    pub fn connect(self) {
        let live = Link::open(format!("/live/{}", self.workbook), move |event| self.hear_live(event));
        let sync = Link::open(format!("/sync/{}", self.workbook), move |event| self.hear_sync(event));
        self.with(|core| (core.live, core.sync) = (Some(live), Some(sync)));
        self.fetch_functions();
        self.keep_alive();
        let network = Closure::<dyn Fn()>::new(move || {
            self.with(|core| {
                core.live.iter().chain(&core.sync).for_each(Link::hurry);
            });
            self.refresh_saved();
        });
        for event in ["online", "offline"] {
            let _ = window().add_event_listener_with_callback(event, network.as_ref().unchecked_ref());
        }
        network.forget();
        let leaving = Closure::<dyn Fn()>::new(move || {
            self.leave_unsent();
            self.close();
        });
        let _ = window().add_event_listener_with_callback("pagehide", leaving.as_ref().unchecked_ref());
        leaving.forget();
    }

    /// Sends a message over the live connection.
    pub fn tell(&self, message: &FromPeer) {
        if let Ok(text) = serde_json::to_string(message) {
            self.with(|core| core.live.iter().for_each(|link| link.send_text(&text)));
        }
    }

    /// Asks the server to stop a job.
    pub fn cancel_job(&self, id: u64) {
        let session = *self;
        spawn_local(async move {
            if let Err(refusal) = api::cancel_job(session.workbook, id).await {
                session.notices.say(Tone::Warn, "The job was not cancelled", refusal.message);
            }
        });
    }

    /// Takes an edit out of the tray of those not accepted.
    pub fn forget_declined(&self, id: u64) {
        self.declined.update(|declined| declined.retain(|one| one.id != id));
        self.refresh_saved();
        self.keep_unsent();
    }

    /// Makes an edit again that was not accepted.
    pub fn retry_declined(self, id: u64) {
        let find = |declined: &Vec<Declined>| declined.iter().find(|one| one.id == id).map(|one| one.edit.clone());
        let Some(edit) = self.declined.with_untracked(find) else { return };
        self.forget_declined(id);
        if let Err(error) = self.edit(edit.ops.clone(), edit.why.as_deref()) {
            self.decline(edit, &self.words_of_error(error));
        }
    }

    fn keep_alive(self) {
        set_timeout(
            move || {
                let Some(gone) = self.with(|core| {
                    core.send_place();
                    core.presence.forget_silent(clock::now())
                }) else {
                    return;
                };
                self.tell(&FromPeer::Ping);
                self.tend_unsent();
                if gone {
                    self.show_peers();
                }
                if !self.core.is_disposed() {
                    self.keep_alive();
                }
            },
            STILL_HERE,
        );
    }

    pub(super) fn show_peers(&self) {
        if let Some(peers) = self.with(|core| core.presence.peers())
            && self.peers.with_untracked(|shown| *shown != peers)
        {
            self.peers.set(peers);
        }
    }

    fn hear_live(self, event: LinkEvent) {
        match event {
            LinkEvent::Open => self.refresh_saved(),
            LinkEvent::Text(text) => match serde_json::from_str::<ToPeer>(&text) {
                Ok(message) => self.take(message),
                // A newer server may say more than this page understands.
                Err(error) => leptos::logging::warn!("a message of the server was not understood: {error}"),
            },
            LinkEvent::Bytes(_) => {}
            LinkEvent::Closed { code, reason } => {
                self.lost(code, &reason);
                if code == BROKEN {
                    self.ask_for_session();
                }
            }
        }
    }

    /// A session may have ended while the server was away: a connection that cannot be opened says nothing of it.
    fn ask_for_session(self) {
        spawn_local(async move {
            if api::me().await.is_err_and(|refusal| refusal.code == api::SIGN_IN) {
                let live = self.with(|core| (core.live.take(), core.sync.take())).and_then(|(live, _)| live);
                if live.is_some() {
                    self.lost(SIGNED_OUT, "");
                }
            }
        });
    }

    pub(super) fn lost(self, code: u16, reason: &str) {
        match code {
            SIGNED_OUT => {
                self.notices.say(Tone::Warn, "You have been signed out", "Sign in again; unsent edits are kept.");
                set_timeout(|| drop(window().location().set_href("/login")), Duration::from_secs(2));
            }
            // The role or its scope has changed: the page starts over with the rights there are now.
            FORBIDDEN if reason == "grant.revoked" => {
                self.notices.say(
                    Tone::Warn,
                    "Your rights have changed",
                    "The page is loaded again; unsent edits are kept.",
                );
                set_timeout(|| drop(window().location().reload()), Duration::from_secs(2));
            }
            FORBIDDEN => self.opening.set(Opening::Failed(if reason.is_empty() {
                "Your role may not open the live workbook. Frozen versions are on the Consensus page.".to_owned()
            } else {
                reason.to_owned()
            })),
            _ => {}
        }
        self.refresh_saved();
    }

    fn take(self, message: ToPeer) {
        match message {
            ToPeer::Hello { me, title, currency, rooms, facts, jobs, writer, incarnation } => {
                let may_read = me.may_read_live;
                let is_same = self.with(|core| {
                    // What is held is of this data: where that was restored from a backup, the server takes none of it.
                    let path = format!("/sync/{}?incarnation={incarnation}", self.workbook);
                    let is_same = core.greeted(writer, incarnation);
                    core.sync.iter().filter(|_| is_same).for_each(|sync| sync.redirect(path.clone()));
                    is_same
                });
                let is_same = is_same.unwrap_or(true);
                if !is_same {
                    // The server's data was restored from a backup: what is here is of another time. Unsent edits are kept, and
                    // what was saved and may be gone with it.
                    let arrived = self.with(|core| core.edits.arrived()).unwrap_or_default();
                    arrived.into_iter().for_each(|edit| self.decline(edit, RESTORED));
                    let _ = window().location().reload();
                    return;
                }
                self.me.set(Some(me));
                if !may_read {
                    // The page shows what was agreed instead.
                    return;
                }
                // The server tells of locks after its greeting, where there are any.
                self.take_locks(Vec::new());
                self.title.set(title);
                self.currency.set(locale::currency(&currency));
                self.jobs.set(jobs.into_iter().filter(is_active).collect());
                self.join(rooms);
                let wanted = facts.len();
                self.with(|core| {
                    core.facts_wanted = wanted;
                    core.facts_here = 0;
                });
                facts.into_iter().for_each(|facts| self.fetch(facts));
                self.progress();
            }
            ToPeer::Rooms { rooms } => self.join(rooms),
            ToPeer::Saved { room, state } => {
                let state = message::from_base64(&state);
                self.with(|core| {
                    core.book.acknowledge(room, &state);
                    core.edits.saved(room, message::clocks(&state));
                });
                self.refresh_saved();
                self.keep_unsent();
            }
            ToPeer::Official { sheet, cells } => {
                let values: Vec<(CellRef, Value, bool)> = cells
                    .into_iter()
                    .map(|cell| (CellRef { sheet, row: cell.row, col: cell.col }, cell.value.into(), cell.pending))
                    .collect();
                self.with(|core| {
                    core.unconfirmed.forget();
                    core.book.set_official(&values);
                });
                self.recalculate_soon();
            }
            ToPeer::Values { sheet, cells } => self.hear_values(sheet, cells),
            ToPeer::Pong => {}
            ToPeer::Facts { facts } => {
                self.with(|core| core.facts_wanted += 1);
                self.fetch(facts);
            }
            ToPeer::Job { job } => self.show_job(job),
            ToPeer::Conflict { number, .. } | ToPeer::RowConflict { number, .. } => {
                self.hear_of_meeting(number, message)
            }
            ToPeer::Told { notices } => self.forget_meetings(&notices),
            ToPeer::Versions => self.versions.update(|count| *count += 1),
            ToPeer::Comments => self.comments.update(|count| *count += 1),
            ToPeer::Locks { locks } => self.take_locks(locks),
            ToPeer::Refused { room, code, message, clocks, cells } => {
                // Another window of this person has to do with its own.
                let writer = clocks.map(|(writer, ..)| writer);
                let is_ours = |core: &mut Core| {
                    writer.is_none_or(|writer| core.client == writer || core.edits.has_writer(writer))
                };
                if self.with(is_ours) == Some(true) {
                    self.rejoin(room, writer, (&code, &message), &cells);
                }
            }
        }
    }

    fn show_job(self, job: JobInfo) {
        let (id, active) = (job.id, is_active(&job));
        if job.state == JobState::Failed {
            self.notices.say(Tone::Bad, format!("{} failed", job.title), job.message.clone());
        }
        self.jobs.update(|jobs| match jobs.iter_mut().find(|known| known.id == id) {
            Some(known) => *known = job,
            None if active => jobs.push(job),
            None => {}
        });
        if !active {
            set_timeout(
                move || {
                    self.jobs.try_update(|jobs| jobs.retain(|known| known.id != id || is_active(known)));
                },
                JOB_STAYS,
            );
        }
    }

    /// Counts what is here, and opens the workbook once everything is.
    pub(super) fn progress(self) {
        if self.opening.with_untracked(|opening| matches!(opening, Opening::Open | Opening::Failed(_))) {
            self.recalculate_soon();
            return;
        }
        let Some((done, total)) = self.with(|core| {
            let here = core.rooms.values().filter(|room| room.here).count();
            (here + core.facts_here, core.rooms.len() + core.facts_wanted)
        }) else {
            return;
        };
        if done < total {
            self.opening.set(Opening::Loading { done, total });
            return;
        }
        self.recalculate();
        self.restore();
    }

    fn fetch(self, facts: FactsInfo) {
        let FactsInfo { sheet, measure, .. } = facts;
        spawn_local(async move {
            match api::facts(self.workbook, sheet, measure).await {
                Ok(data) => {
                    self.with(|core| {
                        core.unconfirmed.forget();
                        core.book.set_facts(sheet, measure, facts_of(data));
                    });
                }
                Err(refusal) => self.notices.say(
                    Tone::Warn,
                    format!("{} could not be loaded", self.measure_name(sheet, measure)),
                    format!("{} Reload the page to try again.", refusal.message),
                ),
            }
            self.with(|core| core.facts_here += 1);
            self.progress();
        });
    }

    fn measure_name(self, sheet: SheetId, measure: MeasureId) -> String {
        self.read(|book| book.sheet(sheet).and_then(|sheet| sheet.measure(measure).map(|measure| measure.name.clone())))
            .flatten()
            .unwrap_or_else(|| measure.to_string())
    }

    /// The server refused a change to a room: the room is joined afresh, and what it had not refused is made again.
    fn rejoin(self, room: RoomId, writer: Option<u64>, (code, reason): (&str, &str), cells: &[CellRef]) {
        let mut waiting = self.with(|core| core.take_room(room)).unwrap_or_default();
        let is_by = |own: &OwnEdit| writer.is_none_or(|writer| own.writer == writer);
        let names = |own: &OwnEdit| {
            let is_named = |op: &Op| matches!(op, Op::SetCell { cell, .. } if cells.contains(cell));
            is_by(own) && own.edit.ops.iter().any(is_named)
        };
        // Updates are taken in order, so where no cell is named the first one waiting is the one refused.
        let refused = waiting.iter().position(names).or_else(|| waiting.iter().position(is_by));
        match refused {
            Some(at) => self.decline(waiting.remove(at).edit, reason),
            None => self.notices.say(Tone::Warn, "A change was not accepted", format!("{reason} ({code})")),
        }
        self.open(room, waiting);
        self.keep_unsent();
    }

    /// Why an edit cannot be made, as people call its cells.
    pub(super) fn words_of_error(&self, error: EditError) -> String {
        let at = |cell| super::LiveSource::new(*self).address(cell);
        match error {
            EditError::NoRoom(_) => "Its sheet is not here any more, or not open to you.".to_owned(),
            EditError::NoCell(cell) => {
                let is_deleted =
                    |book: &Workbook| book.sheet(cell.sheet).is_some_and(|sheet| sheet.is_deleted(cell.row));
                if self.read(is_deleted) == Some(true) {
                    format!("The row of {} was deleted meanwhile. Restore the row, then try again.", at(cell))
                } else {
                    "Its row or column is not in the sheet any more.".to_owned()
                }
            }
            EditError::ReadOnly { cell, reason } => format!("{} is read-only: {reason}", at(cell)),
            EditError::Invalid(reason) => reason,
        }
    }

    pub(super) fn decline(self, edit: Edit, reason: &str) {
        let source = super::LiveSource::new(self);
        let what = match edit.ops.as_slice() {
            [Op::SetCell { cell, input, .. }, rest @ ..] => {
                let value = match scalar(input.clone()) {
                    Scalar::Blank(()) => "clearing".to_owned(),
                    Scalar::Number(number) => source.written(cell.sheet, cell.col.measure, number),
                    Scalar::Text(text) => text.to_string(),
                    Scalar::Bool(truth) => truth.to_string(),
                    Scalar::Error { error, .. } => error.to_string(),
                };
                let more = if rest.is_empty() { String::new() } else { format!(" and {} more cells", rest.len()) };
                format!("{value} in {}{more}", source.address(*cell))
            }
            ops => format!("{} changes to rows or columns", ops.len()),
        };
        let id = self.next_declined();
        self.notices.say(Tone::Bad, "Not accepted", format!("{what}: {reason}"));
        self.declined.update(|declined| {
            declined.push(Declined { id, what, reason: reason.to_owned(), edit });
        });
        self.refresh_saved();
        self.keep_unsent();
    }

    pub(super) fn next_declined(&self) -> u64 {
        let next = self.with(|core| {
            core.next_declined += 1;
            core.next_declined
        });
        next.unwrap_or(0)
    }
}

fn is_active(job: &JobInfo) -> bool {
    matches!(job.state, JobState::Queued | JobState::Running)
}

fn facts_of(data: FactsData) -> Facts {
    Facts {
        rows: data.rows,
        first: data.first,
        width: data.width,
        values: data.values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect(),
    }
}
