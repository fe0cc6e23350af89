//! Versions of a plan: frozen states, what they hold, and how they differ.

mod actuals;
mod alerts;
mod assumptions;
mod branch;
mod bridge;
mod changes;
mod comparison;
mod cycle;
mod differences;
mod exceptions;
mod frame;
mod freeze;
mod head;
mod inputs;
mod keeping;
mod kpi_bridge;
mod level;
mod lifecycle;
mod links;
mod merge;
mod origin;
mod ranking;
mod ratio_bridge;
mod reopen;
mod root_cause;
mod row_shortages;
mod scenario;
mod statement_bridge;
mod states;
mod summary;
mod supply_page;
mod variation;
mod version;

pub use actuals::{
    ActualLine, ActualsError, ActualsReport, ImportedActuals, PlanVsActual, UnplannedRow, actuals_until, comparable_by,
    plan_vs_actual, with_actuals,
};
pub use alerts::{
    Alert, AlertError, AlertRule, EndedAlert, JudgedRule, Severity, Watch, Watched, alert_figures, check_alert_rules,
    default_alert_rules, owner_roles, role_of_owner, watch_alerts,
};
pub use assumptions::{AssumedFigure, AssumedRow, Assumptions, assumptions};
pub use branch::{BranchDifferences, BranchInfo, NamedDifference, NewBranch, SettleBranch, TakenLayers};
pub use bridge::{Bridge, BridgeError, BridgeLine, BridgePart, Cause, Entered, Figure, bridge};
pub use changes::{ChangeEdit, MovedRow, RowChange, Unmoved, VersionChanges, WhoChanged, moved_rows};
pub use comparison::{Comparison, ComparisonLine, FurtherLine, kpis_beside};
pub use cycle::{
    Action, Cycle, CycleFacts, CyclePage, Decision, Done, Gate, PartState, Step, StepKind, execution_rate,
};
pub use differences::{
    Choice, Conflict, Difference, Direction, Kind, LostEdit, Settled, Side, States, branch_differences,
};
pub use exceptions::{Exception, QueueLine, queue};
pub use frame::{FrameReader, frame, frames, row_texts};
pub use freeze::{
    Bundle, FreezeError, FrozenSide, REASONS, SHEETS, SIDE, SUMMARY, chained_hash, freeze, freeze_kind, sheet_part,
};
pub use head::{HEAD, altered_head, altered_parts, has_head, seal, wrong_headline};
pub use inputs::{Held, Inputs, Place, PlaceName, inputs, place_name};
pub use keeping::{
    DecisionSteps, KeepError, KeptLine, Meant, PlannedLine, PlannedQuantities, keep_as_decisions, new_decisions_sheet,
};
pub use kpi_bridge::{BRIDGED_KPIS, bridge_kpi, further_roles_of_kpi, roles_of_kpi};
pub use level::{Level, levels, lines_by_row};
pub use links::{LinkKind, LinkLine};
pub use merge::merge_ops;
pub use origin::{ORIGIN, Origin, bring_in, origin};
pub use ranking::{RankedFigure, Ranking, course, rank, ranked_figures, shown_score};
pub use reopen::{
    ReopenError, differences, frozen_frames, frozen_layers, frozen_measure, reopen, wrong_figures, wrong_reasons,
};
pub use root_cause::{CauseError, CauseNode, RootCause, has_root_cause, root_cause};
pub use row_shortages::{Customer, shortages};
pub use scenario::{
    Axis, CellState, Matrix, MatrixCell, ProposeScenario, ScenarioId, axis_of, compose, scenario_table, side,
};
pub use states::{altered_states, seal_state, unsealed_steps};
pub use summary::{SHORT, summarise};
pub use supply_page::{
    AskPlan, LimitLine, PlanAnswer, ResourceLine, ShortageLine, SolvedSupply, StockLine, SupplyReport, SupplyState,
};
pub use variation::{Changes, Driver, Swing, VariationError, Varied, tornado};
pub use version::{
    BucketLine, Headline, ItemLife, KpiLine, LogHead, LogStretch, PlanSummary, SetVersionState, Shortage, SliceLine,
    StateChange, UtilisationLine, VersionInfo, VersionKind, VersionState,
};
