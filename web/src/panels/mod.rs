//! Panels beside the grid. They take plain values and signals, so that any page can hold them.

mod alerts;
mod assumptions;
mod bring_in;
mod comment_field;
mod comments;
mod conflicts;
mod decisions;
mod declined;
mod forecast_made;
mod freeze;
mod history;
mod jobs;
mod mark;
mod people;
mod queue;
mod rows;
mod series;
mod shortfall;
mod states;
mod versions;

pub use alerts::{AlertsPanel, alert_words};
pub use assumptions::{Assumed, AssumptionsPanel};
pub use comments::{CommentsPanel, Reading};
pub use conflicts::ConflictsPanel;
pub use decisions::DecisionsPanel;
pub use declined::{DeclinedLine, DeclinedPanel};
pub use history::{History, HistoryLine, HistoryPanel};
pub use jobs::JobsPanel;
pub use mark::{MarkAsked, Marking, mark_dialog};
pub use people::{PeoplePanel, PersonHere};
pub use queue::QueuePanel;
pub use rows::RowsFigures;
pub use series::{RowSignals, SeriesFigures, SeriesPanel};
pub use states::{state_badge, state_history};
pub use versions::VersionsPanel;
