//! Synchronisation with the server: links that come back, the messages of rooms, and where the others are.

mod link;
pub mod message;
mod presence;

pub use link::{FORBIDDEN, Link, LinkEvent, PAST, SIGNED_OUT};
pub use presence::{Peer, Place, Presence};
