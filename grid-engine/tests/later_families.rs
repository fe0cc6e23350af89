//! A side that fetches the rarer functions after the first sheet: `--features later-families`, as browsers are built.
#![allow(clippy::unwrap_used)]

mod table;

use grid_engine::formula::functions::{catalogue, further, provide, wanted};
use table::Table;

#[test]
fn formulas_that_were_read_before_their_functions_came_are_read_anew() {
    let mut table = Table::server();
    table.free("notes", "Notes", 9, 5);
    table.set("notes", "A1", "=SUM(1,2)");
    table.set("notes", "A2", "=IF(A1>2,ROUND(A1/2,0),0)");
    assert_eq!(table.shown("notes", "A1 A2"), "A1=3 A2=2");
    assert!(!wanted(), "every function so far is one of the first families");

    table.set("notes", "B1", "=COS(0)*6+SUM(SORT({3;1;2}))");
    table.set("notes", "B2", "=B1*2");
    table.set("notes", "B3", "=NPV(0.1,110)");
    assert_eq!(table.shown("notes", "B1 B2 B3"), "B1=#BUSY! B2=#BUSY! B3=#BUSY!");
    assert!(wanted(), "a formula names a function that is not here yet");
    let few = catalogue().len();

    provide(further());
    table.book.read_again();
    assert_eq!(table.shown("notes", "A1 A2 B1 B2 B3"), "A1=3 A2=2 B1=12 B2=24 B3=100");
    assert!(!wanted());
    assert!(catalogue().len() > few + 200, "{few} functions grew to {}", catalogue().len());
    // A name nobody has is no reason to fetch anything.
    table.set("notes", "C1", "=NOSUCHTHING(1)");
    assert!(table.shown("notes", "C1").contains("#NAME?"));
    assert!(!wanted());
}
