//! The grid: pure rooms that decide, and a thin painter and input layer for the browser.

pub mod clipboard;
pub mod entry;
pub mod fill;
pub mod hit;
pub mod keys;
pub mod layout;
pub mod selection;
pub mod source;
pub mod viewport;
