//! Charts as elements. Each says in words what it shows, and holds its numbers as a table for
//! those who cannot or do not want to read pictures.

mod bars;
mod curve;
mod heat;
mod legend;
mod network;
mod save;
mod sparkline;
mod table_drawing;
mod time_chart;
mod tornado;
mod waterfall;
mod width;

pub use bars::{Bar, BarList};
pub use curve::{CurveChart, CurvePoint};
pub use heat::HeatMap;
pub use legend::Mark;
pub use network::NetworkChart;
pub use sparkline::Sparkline;
pub use time_chart::{Series, TimeChart};
pub use tornado::TornadoChart;
pub use waterfall::Waterfall;
