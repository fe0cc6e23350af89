//! A document of anybody's may hold any text as a stored formula: it is an error, or it is stored again as it reads.
#![no_main]

#[path = "../../grid-engine/tests/table/mod.rs"]
mod table;

use grid_engine::formula::Formula;
use libfuzzer_sys::fuzz_target;
use table::Table;

fuzz_target!(|text: &str| {
    let mut table = Table::server();
    table.free("notes", "Notes", 6, 4);
    let cell = table.a1("notes", "A1");
    table.book.formula_text(cell, text);
    let Ok(formula) = Formula::from_stored(text) else { return };
    let stored = formula.to_stored();
    assert_eq!(Formula::from_stored(&stored).as_ref(), Ok(&formula), "{stored}");
    formula.reads();
});
