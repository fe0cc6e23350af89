//! The engine of Equipoise: documents people share, the values that follow from them, and the
//! planning functions those values call.
//!
//! It is pure: no input or output, no clock, no ambient randomness, no threads of its own. `now`,
//! seeds and executors are arguments. The same code runs in the server and, as wasm32, in the browser.
//!
//! Imports point left (a test checks it):
//!
//! ```text
//! value, refs, calendar ◄ forecast, inventory, supply, finance, kpi ◄ formula ◄ calc ◄┐
//!                                                 refs, value ◄ doc ◄──────── workbook ◄ plan
//! ```

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
