//! Many rooms on one connection, `/sync/{workbook}`: browsers open connections to a host one after the other, and slow
//! down after some.
//!
//! A binary frame is a room's frame with the room before it: one byte with the length of the room's name, the name, and
//! what `/sync/{workbook}/{room}` would carry. Text frames are [`RoomRequest`] to the server and [`RoomClosed`] from it.

use serde::{Deserialize, Serialize};

use crate::refs::RoomId;

/// What a browser asks on the shared connection. Frames to a room it has not joined, or that was closed, are dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RoomRequest {
    /// Opens the room afresh. `writers` are the ids this browser has written under and may ask of what has arrived: what
    /// the server answers tells how far each had come, however many epochs ago.
    Join {
        room: RoomId,
        #[serde(default)]
        writers: Vec<u64>,
    },
    Leave {
        room: RoomId,
    },
    /// The next update of a joined room brings edits made by somebody who has seen nothing since so many milliseconds ago:
    /// they were made without a connection, or are made again just now in the document as it stands, which knows of all
    /// that was entered meanwhile.
    Remade {
        room: RoomId,
        age: u64,
    },
}

/// A room was closed by the server; the others stand. The codes are those a connection of its own would close with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomClosed {
    pub room: RoomId,
    pub code: u16,
    pub reason: String,
}

/// Puts the room before its frame.
///
/// ```
/// use grid_engine::refs::RoomId;
/// use grid_engine::wire::{addressed, split_address};
///
/// let frame = addressed(RoomId::Book, &[7, 8]);
/// assert_eq!(split_address(&frame), Some((RoomId::Book, &[7, 8][..])));
/// assert_eq!(split_address(b"\x09book"), None);
/// ```
pub fn addressed(room: RoomId, frame: &[u8]) -> Vec<u8> {
    let name = room.to_string();
    // A room's name is two ids of at most twelve characters.
    let mut bytes = Vec::with_capacity(1 + name.len() + frame.len());
    bytes.push(name.len() as u8);
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(frame);
    bytes
}

/// Takes the room off a frame; `None` where there is none.
pub fn split_address(bytes: &[u8]) -> Option<(RoomId, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (name, frame) = rest.split_at_checked(usize::from(*length))?;
    Some((std::str::from_utf8(name).ok()?.parse().ok()?, frame))
}
