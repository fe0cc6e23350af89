//! Versions of a plan: frozen states, what they hold, and how two of them differ.

mod bridge;
mod exceptions;
mod frame;
mod freeze;
mod reopen;
mod summary;
mod version;

pub use bridge::{Bridge, BridgeError, BridgeLine, BridgePart, Cause, Figure, bridge};
pub use exceptions::{Exception, QueueLine, queue};
pub use frame::{FrameReader, frame, frames};
pub use freeze::{Bundle, FreezeError, SHEETS, SUMMARY, chained_hash, freeze, sheet_part};
pub use reopen::{ReopenError, differences, frozen_frames, reopen, wrong_figures};
pub use summary::{SHORT, summarise};
pub use version::{
    BucketLine, Comparison, ComparisonLine, Headline, KpiLine, PlanSummary, Shortage, SliceLine, UtilisationLine,
    VersionInfo, VersionKind, VersionState,
};
