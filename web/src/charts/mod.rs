//! Charts, drawn with the theme's colours.
//!
//! Scales, stacks and paths are pure and tested natively; `draw` turns them into elements.

#[cfg(target_arch = "wasm32")]
mod draw;
mod path;
mod scale;
mod stack;
mod time;

#[cfg(target_arch = "wasm32")]
pub use draw::{Bar, BarList, HeatMap, Mark, Series, Sparkline, TimeChart, Waterfall};
pub use stack::Step;
