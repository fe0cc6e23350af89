//! Rooms over WebSockets: one task per workbook owns its documents and calculation, everyone else sends it commands.
//!
//! ```text
//! socket ──► Command ──► turn: admit ─► store (group commit) ─► apply ─► broadcast, saved ─► recalculate ─► values
//! socket ◄── Outbox  ◄───────────────────────────────────────────────────────┘                                 │
//!    ▲─────────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! What decides is [`Replica`], without IO, clock or chance: inputs go in, outputs come out ([`steps`]). `host` is the task
//! that runs it on the network and the store; the simulation in `tests/live` runs it on broken ones.
//!
//! Nothing is acknowledged or shown to others before it is on disk.

mod admission;
mod closing;
mod command;
mod epochs;
mod grants;
mod host;
mod hub;
mod line;
mod locks;
mod objections;
mod peer;
mod pieces;
mod presence;
mod protocol;
mod publish;
mod races;
mod relay;
mod remade;
mod replica;
mod rules;
mod scopes;
mod seats;
mod sight;
mod socket;
mod steps;
mod swept;
mod turn;
mod untold;
mod writers;

pub use admission::scalar_of_input;
pub use axum::extract::ws::Message as Frame;
pub use closing::Closing;
pub use command::{Command, Gone, JobEvent, LiveWorkbook};
pub use grants::{is_confined_writer, may_write};
pub use host::Load;
pub use hub::Hub;
pub use objections::{objection, objections};
pub use peer::PeerNumber;
pub use pieces::{Budget, Pieces, Taken};
pub use protocol::{PeerMessage, read_frame};
pub use replica::{Kept, LoadError, Replica, ShownPlan};
pub use scopes::ScopeNames;
pub use seats::{Seat, Seats};
pub use sight::{confined_to, seen_facts, sees_comments, sees_layers, sees_row};
pub use socket::{Standing, serve_live, serve_room, serve_rooms};
pub use steps::{Answers, Aside, Input, Output, StoreRequest, Stored};
pub use turn::TurnError;
