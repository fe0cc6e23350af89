//! The engine of Equipoise: documents people share, the values that follow from them, and the
//! planning functions those values call.
//!
//! It is pure: no input or output, no clock, no ambient randomness, no threads of its own. `now`,
//! seeds and executors are arguments. The same code runs in the server and, as wasm32, in the browser.
//!
//! A planning sheet with one row, three months and a formula:
//!
//! ```
//! use grid_engine::{doc::*, refs::*, workbook::*};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (demand, ada) = (SheetId::named("demand")?, PersonId::named("ada")?);
//! let mut workbook = Workbook::new(Side::Server, 1);
//! workbook.open_room(RoomId::Book, &[])?;
//!
//! let horizon = grid_engine::calendar::Horizon {
//!     first: "2026-01".parse()?, current: "2026-01".parse()?, last: "2026-03".parse()?,
//! };
//! let measure = |name: &str, kind, timed, order| Measure {
//!     id: MeasureId(Id::of_name(name)), name: name.into(), kind, timed, order, span: Span::All,
//!     merge: Merge::Override, aggregate: Aggregate::Sum, format: NumberFormat::General,
//!     unit: String::new(), help: String::new(),
//! };
//! let item = measure("Item", MeasureKind::Key, false, 0);
//! let (baseline, override_) =
//!     (measure("Baseline", MeasureKind::Input, true, 1), measure("Override", MeasureKind::Input, true, 2));
//! let mut edit = Edit { by: ada, at: 0, why: Some("first plan".into()), ops: vec![
//!     Op::PutSheet {
//!         info: SheetInfo { id: demand, title: "Demand".into(), kind: SheetKind::Planning, position: "a0".into(),
//!             role: String::new(), group: String::new(), hidden: false, published: false, colour: None },
//!         meta: SheetMeta { kind: SheetKind::Planning, title: "Demand".into(), epoch: 0, horizon: Some(horizon),
//!             partition: None, parts: Default::default() },
//!     },
//!     Op::PutMeasure { sheet: demand, measure: item.clone() },
//!     Op::PutMeasure { sheet: demand, measure: baseline.clone() },
//!     Op::PutMeasure { sheet: demand, measure: override_.clone() },
//! ] };
//! workbook.apply(&edit)?;
//!
//! // A formula is stored by ids, so what it names must be there first.
//! let stored = workbook.measure_formula_stored(demand, "=IF(ISBLANK([@Override]), [@Baseline], [@Override])")?;
//! let consensus = measure("Consensus", MeasureKind::Formula(stored), true, 3);
//! let row = RowId::of_key(&["SKU-1"]);
//! let cell = |measure: &Measure, month: &str| -> Result<CellRef, Box<dyn std::error::Error>> {
//!     let bucket = if measure.timed { Some(month.parse()?) } else { None };
//!     Ok(CellRef { sheet: demand, row, col: ColId { measure: measure.id, bucket } })
//! };
//! let set = |cell, input| Op::SetCell { cell, input: Some(input), guard: Guard::Always };
//! edit.ops = vec![
//!     Op::PutMeasure { sheet: demand, measure: consensus.clone() },
//!     Op::InsertRows { sheet: demand, part: None, after: None, rows: vec![row] },
//!     set(cell(&item, "")?, Input::Text("SKU-1".into())),
//!     set(cell(&baseline, "2026-02")?, Input::Number(100.0)),
//!     set(cell(&baseline, "2026-03")?, Input::Number(120.0)),
//!     set(cell(&override_, "2026-03")?, Input::Number(150.0)),
//! ];
//! workbook.apply(&edit)?;
//!
//! workbook.recalculate(Clock { now: 46_000.0, seed: 1 });
//! assert_eq!(workbook.value(cell(&consensus, "2026-02")?).as_number(), Some(100.0));
//! assert_eq!(workbook.value(cell(&consensus, "2026-03")?).as_number(), Some(150.0));
//! # Ok(())
//! # }
//! ```
//!
//! Imports point left (a test checks it):
//!
//! ```text
//! boosting, value, refs, calendar ◄ forecast, inventory, supply, finance, kpi ◄ formula ◄ calc ◄┐
//!                                                 refs, value ◄ doc ◄──────── workbook ◄ plan
//! ```

pub mod boosting;
pub mod calc;
pub mod calendar;
pub mod doc;
pub mod finance;
pub mod forecast;
pub mod formula;
pub mod inventory;
pub mod kpi;
pub mod plan;
pub mod refs;
pub mod supply;
pub mod value;
pub mod wire;
pub mod workbook;
