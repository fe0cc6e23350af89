//! Whatever is typed as a formula is refused, or means the same when it is stored, printed and read again, and has a value.
#![no_main]

#[path = "../../grid-engine/tests/table/mod.rs"]
mod table;

use grid_engine::doc::{Guard, Input, Op};
use grid_engine::formula::Formula;
use libfuzzer_sys::fuzz_target;
use table::Table;

fuzz_target!(|text: &str| {
    let mut table = Table::server();
    table.free("notes", "Notes", 6, 4);
    table.set("notes", "A2", "2");
    table.set("notes", "B1", "x");
    let cell = table.a1("notes", "A1");
    let Ok(stored) = table.book.formula_stored(cell, text) else { return };
    let formula = Formula::from_stored(&stored).expect("what is stored can be read");
    assert_eq!(formula.to_stored(), stored);
    let printed = table.book.formula_text(cell, &stored);
    assert_eq!(table.book.formula_stored(cell, &printed).as_ref(), Ok(&stored), "{printed}");
    let set = Op::SetCell { cell, input: Some(Input::Formula(stored.into())), guard: Guard::Always };
    let edit = grid_engine::doc::Edit { by: table::person("ada"), at: 0, why: None, ops: vec![set] };
    if table.book.apply(&edit).is_ok() {
        table.recalculate();
    }
});
