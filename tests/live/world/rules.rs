//! What must hold whatever happens.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use equipoise_server::sync::Frame;
use grid_engine::doc::Input;
use grid_engine::refs::{CellRef, RoomId};
use grid_engine::wire::ToPeer;
use grid_engine::workbook::Workbook;
use yrs::StateVector;
use yrs::sync::{Message, SyncMessage};
use yrs::updates::decoder::Decode;

use crate::client::Source;
use crate::disk::{Disk, clocks_of};
use crate::plan::{self, KEYS, PAIR, PEOPLE, SINGLE, cell, own};

/// Nobody sees what is not on disk, and nothing is called saved that is not.
pub(super) fn is_on_disk(disk: &Disk, source: Source, frame: &Frame) -> Result<(), String> {
    let (room, clocks): (RoomId, StateVector) = match (source, frame) {
        (Some(room), Frame::Binary(bytes)) => match Message::decode_v1(bytes).unwrap() {
            Message::Sync(SyncMessage::SyncStep1(vector)) => (room, vector),
            Message::Sync(SyncMessage::SyncStep2(update) | SyncMessage::Update(update)) => (room, clocks_of(&update)),
            _ => return Ok(()),
        },
        (None, Frame::Text(text)) => match serde_json::from_str(text.as_str()).unwrap() {
            ToPeer::Saved { room, state, .. } => {
                (room, StateVector::decode_v1(&STANDARD.decode(state).unwrap()).unwrap())
            }
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    if disk.has(room, &clocks) {
        Ok(())
    } else {
        Err(format!("{source:?} is told of {clocks:?}, which is not on disk"))
    }
}

/// What is written together is there together or not at all.
pub(super) fn whole(workbook: &Workbook, whose: &str) -> Result<(), String> {
    for who in 0..PEOPLE {
        for key in 0..KEYS.len() {
            let [first, second] = PAIR.map(|month| plan::input(workbook, cell(&own(who), key, month)));
            if first != second {
                return Err(format!("{whose} has half an edit of person {who}: {first:?} and {second:?}"));
            }
        }
    }
    Ok(())
}

/// What cells have held that everybody writes.
#[derive(Default)]
pub(super) struct History(BTreeMap<CellRef, Vec<Option<Input>>>);

impl History {
    /// What somebody has written over never comes back: nobody undoes anything, so it would have been made twice.
    pub fn look(&mut self, workbook: &Workbook) -> Result<(), String> {
        for key in 0..KEYS.len() {
            let cell = cell("override", key, SINGLE);
            let (now, before) = (plan::input(workbook, cell), self.0.entry(cell).or_default());
            if before.last() == Some(&now) {
                continue;
            }
            if now.is_some() && before.contains(&now) {
                return Err(format!("{now:?} is made twice in {cell:?}, which has held {before:?}"));
            }
            before.push(now);
        }
        Ok(())
    }
}

pub(super) fn differ(
    whose: &str,
    theirs: &BTreeMap<String, String>,
    said: &BTreeMap<String, String>,
) -> Result<(), String> {
    let keys = theirs.keys().chain(said.keys());
    match keys.into_iter().find(|key| theirs.get(*key) != said.get(*key)) {
        None => Ok(()),
        Some(key) => {
            let (theirs, said) = (theirs.get(key), said.get(key));
            Err(format!("{whose} holds {theirs:?} in {key}, and the server {said:?}"))
        }
    }
}
