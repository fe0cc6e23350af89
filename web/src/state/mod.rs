//! What the pages share: the signed-in person, the open workbook, and what people must be told.

mod account;
mod clock;
mod confirm;
mod connect;
mod core;
mod frozen_source;
mod functions;
mod live_source;
mod locks;
mod meetings;
mod notices;
mod own_edits;
mod restore;
mod rooms;
mod sending;
mod session;
mod settings;
mod shelf;
mod talk;
mod unsent;
mod windows;

pub use crate::grid::source::SheetSource;
pub use account::{Account, role_title};
pub use frozen_source::FrozenSource;
pub use live_source::LiveSource;
pub use meetings::{MEETINGS, Meeting};
pub use notices::{NoticeBoard, Tone};
pub use sending::Sending;
pub use session::{Declined, Opening, SaveMark, Session};
pub use settings::{Settings, tag as settings_tag};
pub use talk::Talk;
