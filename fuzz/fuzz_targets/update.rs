//! Bytes of a client: screened, judged, applied. Nothing changes that was not foretold, and what stands can be opened.
#![no_main]

#[path = "../../grid-engine/tests/table/mod.rs"]
mod table;

use grid_engine::refs::RoomId;
use grid_engine::workbook::Side;
use libfuzzer_sys::fuzz_target;
use table::{Table, sheet};

fuzz_target!(|updates: Vec<&[u8]>| {
    let mut table = Table::server();
    table.free("notes", "Notes", 6, 4);
    table.set("notes", "A2", "2");
    let room = RoomId::Sheet(sheet("notes"));
    for update in updates {
        let Ok(examined) = table.book.examine(room, update) else { continue };
        let before = table.picture();
        let is_foretold = !examined.touches.is_empty();
        table.book.stage(room, examined);
        table.book.apply_staged(room).expect("what was judged can be applied");
        assert!(is_foretold || table.picture() == before);
    }
    table.recalculate();
    let picture = table.picture();
    assert_eq!(table.copy(Side::Server, 9).picture(), picture);
    let next = table.book.next_epoch(room).expect("any document has a next epoch");
    table.book.rebase(room, &next).expect("and it can be opened");
});
