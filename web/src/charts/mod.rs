//! Charts, drawn with the theme's colours.
//!
//! Scales, stacks and paths are pure and tested natively; `draw` turns them into elements.

#[cfg(target_arch = "wasm32")]
mod draw;
mod network;
mod path;
mod scale;
mod stack;
mod time;

#[cfg(target_arch = "wasm32")]
pub use draw::{
    Bar, BarList, CurveChart, CurvePoint, HeatMap, Mark, NetworkChart, Series, Sparkline, TimeChart, TornadoChart,
    Waterfall,
};
pub use network::Network;
#[cfg(target_arch = "wasm32")]
pub use scale::extent;
pub use stack::Step;
