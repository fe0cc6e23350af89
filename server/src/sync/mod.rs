//! Rooms over WebSockets: one task per workbook owns its documents and calculation, everyone else sends it commands.
//!
//! ```text
//! socket ──► Command ──► turn: apply ─► store (group commit) ─► broadcast, saved ─► recalculate ─► values
//! socket ◄── Outbox  ◄──────────────────────────────────────────────┘                                 │
//!    ▲────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! Nothing is acknowledged or shown to others before it is on disk.

mod command;
mod grants;
mod hub;
mod peer;
mod presence;
mod protocol;
mod publish;
mod replica;
mod socket;
mod turn;

pub use command::{Command, Gone, JobEvent, LiveWorkbook};
pub use hub::Hub;
pub use peer::Closing;
pub use replica::{LoadError, Replica};
pub use socket::{StillValid, serve_live, serve_room, serve_rooms};
