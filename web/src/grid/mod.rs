//! The grid: pure rooms that decide, and a thin painter and input layer for the browser.

pub mod arrange;
pub mod autosum;
pub mod cell_style;
pub mod clipboard;
pub mod entry;
pub mod fill;
pub mod find;
pub mod goto;
pub mod highlight;
pub mod hit;
pub mod keys;
pub mod layout;
pub mod names;
pub mod picture;
pub mod references;
pub mod selection;
pub mod source;
pub mod state;
pub mod trace;
pub mod viewport;

#[cfg(target_arch = "wasm32")]
mod completion;
#[cfg(target_arch = "wasm32")]
mod component;
#[cfg(target_arch = "wasm32")]
mod context_menu;
#[cfg(target_arch = "wasm32")]
mod copying;
#[cfg(target_arch = "wasm32")]
mod cut;
#[cfg(target_arch = "wasm32")]
mod defining;
#[cfg(target_arch = "wasm32")]
mod editor;
#[cfg(target_arch = "wasm32")]
mod filling;
#[cfg(target_arch = "wasm32")]
mod filter_dialog;
#[cfg(target_arch = "wasm32")]
mod find_bar;
#[cfg(target_arch = "wasm32")]
mod formula_bar;
#[cfg(target_arch = "wasm32")]
mod frame;
#[cfg(target_arch = "wasm32")]
mod freezing;
#[cfg(target_arch = "wasm32")]
mod handle;
#[cfg(target_arch = "wasm32")]
mod keyboard;
#[cfg(target_arch = "wasm32")]
mod link;
#[cfg(target_arch = "wasm32")]
mod locking;
#[cfg(target_arch = "wasm32")]
mod mirror;
#[cfg(target_arch = "wasm32")]
mod naming;
#[cfg(target_arch = "wasm32")]
mod note_editor;
#[cfg(target_arch = "wasm32")]
mod paint;
#[cfg(target_arch = "wasm32")]
mod pointer;
#[cfg(target_arch = "wasm32")]
mod pointing;
#[cfg(target_arch = "wasm32")]
mod presence;
#[cfg(target_arch = "wasm32")]
mod selected;
#[cfg(target_arch = "wasm32")]
mod structure;
#[cfg(target_arch = "wasm32")]
mod styling;
#[cfg(target_arch = "wasm32")]
mod summing;
#[cfg(target_arch = "wasm32")]
mod theme;
#[cfg(target_arch = "wasm32")]
mod totals;
#[cfg(target_arch = "wasm32")]
mod trace_marks;
#[cfg(target_arch = "wasm32")]
mod travel;
#[cfg(target_arch = "wasm32")]
mod writing;

#[cfg(target_arch = "wasm32")]
pub use component::GridView;
#[cfg(target_arch = "wasm32")]
pub use context_menu::MenuOn;
#[cfg(target_arch = "wasm32")]
pub use defining::{Defining, Subject};
#[cfg(target_arch = "wasm32")]
pub use formula_bar::FormulaBar;
#[cfg(target_arch = "wasm32")]
pub use freezing::FreezeItems;
#[cfg(target_arch = "wasm32")]
pub use handle::Grid;
#[cfg(target_arch = "wasm32")]
pub use locking::Block;
#[cfg(target_arch = "wasm32")]
pub use naming::reader_of_names;
#[cfg(target_arch = "wasm32")]
pub use state::Cursor;
#[cfg(target_arch = "wasm32")]
pub use structure::fresh_id;
