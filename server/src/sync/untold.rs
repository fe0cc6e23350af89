//! Whom somebody met while they were away: kept until they are back.

use std::collections::{HashMap, VecDeque};

use grid_engine::refs::{CellRef, PersonId};
use grid_engine::wire::{Me, ToPeer};

use super::peer::PeerNumber;
use super::publish::answer;
use super::replica::Replica;
use super::sight::{nowhere, sees_row};
use super::steps::{Aside, Output};
use crate::store::MAX_NOTICES;

/// Notices of meetings, oldest first, by whom they are for.
#[derive(Default)]
pub(super) struct Untold(HashMap<PersonId, VecDeque<ToPeer>>);

impl Untold {
    pub fn new(kept: Vec<(PersonId, ToPeer)>) -> Self {
        let mut untold = Self::default();
        kept.into_iter().for_each(|(person, notice)| untold.keep(person, notice));
        untold
    }

    fn keep(&mut self, person: PersonId, notice: ToPeer) {
        let notices = self.0.entry(person).or_default();
        if notices.len() >= MAX_NOTICES {
            notices.pop_front();
        }
        notices.push_back(notice);
    }
}

impl Replica {
    /// Keeps a notice for somebody who is not there.
    pub(super) fn keep_notice(&mut self, person: PersonId, notice: ToPeer) {
        self.outputs.push(Output::Aside(Aside::Notice { person, at: self.now, notice: notice.clone() }));
        self.untold.keep(person, notice);
    }

    /// Tells somebody who is back whom they met, as far as it still matters.
    pub(super) fn tell_untold(&mut self, number: PeerNumber, me: &Me) {
        if !me.may_read_live {
            return;
        }
        let Some(notices) = self.untold.0.remove(&me.person) else { return };
        self.outputs.push(Output::Aside(Aside::Told(me.person)));
        for notice in notices {
            if let Some(notice) = self.of_today(me, notice) {
                answer(&mut self.outputs, number, &notice);
            }
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
