//! What the pages share: the signed-in person, the open workbook, and what people must be told.

mod account;
mod notices;

pub use account::Account;
pub use notices::{NoticeBoard, Tone};
