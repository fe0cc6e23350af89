//! Versions of a plan: frozen states, what they hold, and how two of them differ.

mod version;

pub use version::{
    BucketLine, Comparison, ComparisonLine, Headline, KpiLine, PlanSummary, Shortage, SliceLine, UtilisationLine,
    VersionInfo, VersionKind, VersionState,
};
