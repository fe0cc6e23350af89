//! Rooms over WebSockets: one task per workbook owns its documents and calculation, everyone else sends it commands.
//!
//! ```text
//! socket ──► Command ──► turn: admit ─► store (group commit) ─► apply ─► broadcast, saved ─► recalculate ─► values
//! socket ◄── Outbox  ◄───────────────────────────────────────────────────────┘                                 │
//!    ▲─────────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! Nothing is acknowledged or shown to others before it is on disk.

mod admission;
mod command;
mod epochs;
mod grants;
mod hub;
mod peer;
mod presence;
mod protocol;
mod publish;
mod replica;
mod rules;
mod seats;
mod socket;
mod turn;
mod writers;

pub use command::{Command, Gone, JobEvent, LiveWorkbook};
pub use hub::Hub;
pub use peer::Closing;
pub use replica::{Load, LoadError, Replica};
pub use seats::{Seat, Seats};
pub use socket::{Standing, serve_live, serve_room, serve_rooms};
