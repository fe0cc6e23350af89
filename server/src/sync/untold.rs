//! Whom somebody met, kept from the moment it is stored until a window of theirs says that they have seen it: they may be
//! away, their line may be dead without anybody knowing, and the server may fall.

use std::collections::{HashMap, VecDeque};

use grid_engine::refs::{CellRef, PersonId};
use grid_engine::wire::{Me, ToPeer};

use super::peer::PeerNumber;
use super::publish::answer;
use super::replica::{PeerKind, Replica};
use super::sight::{nowhere, sees_row};
use super::steps::{Aside, Output};
use crate::store::{MAX_NOTICES, NewNotice};

/// Notices of meetings, oldest first, by whom they are for.
#[derive(Default)]
pub(super) struct Untold {
    last: u64,
    of: HashMap<PersonId, VecDeque<(u64, ToPeer)>>,
}

impl Untold {
    pub fn new(kept: Vec<NewNotice>) -> Self {
        let mut untold = Self::default();
        kept.into_iter().for_each(|notice| untold.keep(notice));
        untold
    }

    /// The number of another notice.
    pub fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn keep(&mut self, notice: NewNotice) {
        let NewNotice { person, number, notice } = notice;
        self.last = self.last.max(number);
        let notices = self.of.entry(person).or_default();
        if notices.len() >= MAX_NOTICES {
            notices.pop_front();
        }
        notices.push_back((number, notice));
    }

    /// Those of these that were kept for a person, and are not any more.
    fn take(&mut self, person: PersonId, mut numbers: Vec<u64>) -> Vec<u64> {
        let Some(notices) = self.of.get_mut(&person) else { return Vec::new() };
        numbers.retain(|number| notices.iter().any(|(kept, _)| kept == number));
        notices.retain(|(kept, _)| !numbers.contains(kept));
        if notices.is_empty() {
            self.of.remove(&person);
        }
        numbers
    }
}

impl Replica {
    /// Tells people of meetings that are stored now, wherever they look at the workbook.
    pub(super) fn tell_notices(&mut self, notices: Vec<NewNotice>) {
        for notice in notices {
            let NewNotice { person, number, notice: told } = notice.clone();
            self.untold.keep(notice);
            let windows = self.peers.values().filter(|peer| matches!(peer.kind, PeerKind::Live { .. }));
            let me = windows.map(|peer| &peer.me).find(|me| me.person == person && me.may_read_live).cloned();
            if let Some(me) = me {
                match self.of_today(&me, told) {
                    Some(told) => self.tell_live(&told, |me| me.person == person && me.may_read_live),
                    None => self.forget_notices(person, vec![number]),
                }
            }
        }
    }

    /// Tells somebody who is back whom they met, as far as it still matters.
    pub(super) fn tell_untold(&mut self, number: PeerNumber, me: &Me) {
        if !me.may_read_live {
            return;
        }
        let Some(notices) = self.untold.of.get(&me.person).cloned() else { return };
        let mut past = Vec::new();
        for (kept, notice) in notices {
            match self.of_today(me, notice) {
                Some(notice) => answer(&mut self.outputs, number, &notice),
                None => past.push(kept),
            }
        }
        self.forget_notices(me.person, past);
    }

    /// Somebody has seen notices: nobody tells them again, and their other windows take them away.
    pub(super) fn forget_notices(&mut self, person: PersonId, numbers: Vec<u64>) {
        let numbers = self.untold.take(person, numbers);
        if !numbers.is_empty() {
            self.tell_live(&ToPeer::Told { notices: numbers.clone() }, |me| me.person == person && me.may_read_live);
            self.outputs.push(Output::Aside(Aside::Told { person, notices: numbers }));
        }
    }

    /// A notice as the workbook is now; `None` where there is nothing to tell any more.
    fn of_today(&self, me: &Me, mut notice: ToPeer) -> Option<ToPeer> {
        let is_row_deleted = |at: CellRef| self.workbook.sheet(at.sheet).is_none_or(|sheet| sheet.is_deleted(at.row));
        let (at, is_past) = match &mut notice {
            ToPeer::Conflict { cell, holds, .. } => {
                *holds = self.entered(*cell, None);
                (*cell, is_row_deleted(*cell))
            }
            ToPeer::RowConflict { sheet, row, .. } => {
                let row = CellRef { sheet: *sheet, row: *row, col: nowhere() };
                (row, !is_row_deleted(row))
            }
            _ => return None,
        };
        (!is_past && sees_row(me, self.workbook.mirror(), at)).then_some(notice)
    }
}
