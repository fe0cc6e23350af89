//! A workbook as the store has it, for who needs it without having it open.

use grid_engine::workbook::{Side, Workbook};

use crate::store::{Store, WorkbookId};

/// Opens a workbook from what is stored of it; what is written in it later bears this writer id. Nothing is calculated yet.
///
/// # Errors
/// In words, where something of it is damaged.
pub fn opened(store: &Store, id: WorkbookId, writer: u64) -> Result<Workbook, String> {
    let mut workbook = Workbook::new(Side::Server, writer);
    let mut rooms = store.load_rooms(id).map_err(|error| error.to_string())?;
    // The book first: it names the sheets, whose rooms say what their parts mean.
    rooms.sort_by_key(|stored| stored.room);
    for stored in rooms {
        let damaged = |error| format!("room {}: {error}", stored.room);
        workbook.open_room(stored.room, &stored.checkpoint).map_err(damaged)?;
        for update in &stored.updates {
            workbook.apply_update(stored.room, update).map_err(damaged)?;
        }
    }
    for stored in store.load_facts(id).map_err(|error| error.to_string())? {
        workbook.set_facts(stored.sheet, stored.measure, stored.facts);
    }
    Ok(workbook)
}
