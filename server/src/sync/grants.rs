//! Who may read and write which rooms.

use grid_engine::doc::Mirror;
use grid_engine::refs::RoomId;
use grid_engine::wire::{Me, Role, RoomGrant};

/// Roles of sheets that hold cost rates: finance writes them beside the prices.
const COST_TABLES: [&str; 6] = [
    "supply.contracts",
    "supply.lanes",
    "supply.resources",
    "supply.routing_cost_wide",
    "supply.routings",
    "supply.service_cost",
];

/// What a person may do with the rooms of a workbook; rooms they may not read are left out.
pub fn grants(me: &Me, mirror: &Mirror, rooms: &[RoomId]) -> Vec<RoomGrant> {
    if !me.may_read_live {
        return Vec::new();
    }
    rooms.iter().map(|&room| RoomGrant { room, write: may_write(me, mirror, room) }).collect()
}

/// Whether a person may change a room. Reading a live room takes `may_read_live` alone.
pub fn may_write(me: &Me, mirror: &Mirror, room: RoomId) -> bool {
    if !me.may_read_live {
        return false;
    }
    let Some(sheet) = room.sheet() else {
        return me.role == Role::Admin;
    };
    let Some(info) = mirror.sheets().iter().find(|info| info.id == sheet) else {
        return me.role == Role::Admin;
    };
    match me.role {
        Role::Admin => true,
        Role::Executive | Role::Viewer => false,
        Role::Sales => info.role == "demand" && is_in_scope(me, mirror, room),
        Role::Demand => info.role == "demand" || is_common(&info.role),
        Role::Supply => info.role.starts_with("supply.") || is_common(&info.role),
        Role::Finance => info.role == "prices" || COST_TABLES.contains(&info.role.as_str()) || is_common(&info.role),
    }
}

/// A sheet without a part in the plan's machinery is every planner's scratch paper.
fn is_common(role: &str) -> bool {
    role.is_empty()
}

fn is_in_scope(me: &Me, mirror: &Mirror, room: RoomId) -> bool {
    let RoomId::Part(sheet, part) = room else { return false };
    let key = mirror.sheet(sheet).and_then(|sheet| sheet.meta().parts.get(&part));
    key.is_some_and(|key| me.scope.contains(key))
}
