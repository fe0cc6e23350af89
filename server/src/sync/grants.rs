//! Who may read and write which rooms.

use grid_engine::doc::{Measure, MeasureKind, Mirror};
use grid_engine::refs::{MeasureId, RoomId};
use grid_engine::wire::{Me, Role, RoomGrant};

use super::sight::may_read;
use crate::exchange::statement_sheets::INPUTS_ROLE;

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
    let read = rooms.iter().filter(|room| may_read(me, mirror, **room));
    read.map(|&room| RoomGrant { room, write: may_write(me, mirror, room) }).collect()
}

/// Whether a person may change a room.
pub fn may_write(me: &Me, mirror: &Mirror, room: RoomId) -> bool {
    if !may_read(me, mirror, room) {
        return false;
    }
    let Some(sheet) = room.sheet() else {
        return me.role == Role::Admin;
    };
    let Some(info) = mirror.sheets().iter().find(|info| info.id == sheet) else {
        return me.role == Role::Admin;
    };
    // What stands in a published sheet goes out to everyone: whoever does not see every row could ask it for the others.
    if !Scope::of(me).has_sheet(&sheet.to_string()) || (info.published && me.is_confined()) {
        return false;
    }
    match me.role {
        Role::Admin => true,
        Role::Executive | Role::Viewer => false,
        Role::Sales => info.role == "demand" && is_in_scope(me, mirror, room),
        Role::Demand => info.role == "demand" || is_common(&info.role),
        Role::Supply => info.role.starts_with("supply.") || is_common(&info.role),
        Role::Finance => {
            ["prices", INPUTS_ROLE].contains(&&*info.role)
                || COST_TABLES.contains(&info.role.as_str())
                || is_common(&info.role)
        }
    }
}

/// Whether somebody writes only some rows or measures of the sheets they write.
pub fn is_confined_writer(me: &Me) -> bool {
    let scope = Scope::of(me);
    me.is_confined() || me.role == Role::Sales || !scope.measures.is_empty() || !scope.rows.is_empty()
}

/// A sheet without a part in the plan's machinery is every planner's scratch paper.
fn is_common(role: &str) -> bool {
    role.is_empty()
}

/// What confines a person's writing, read from the entries of [`Me::scope`]; entries of one kind add up.
pub struct Scope<'a> {
    sheets: Vec<&'a str>,
    measures: Vec<&'a str>,
    /// Key measure, by id or name, and value.
    rows: Vec<(&'a str, &'a str)>,
}

impl<'a> Scope<'a> {
    /// The scope of a person.
    pub fn of(me: &'a Me) -> Self {
        let named = |kind: &'static str| me.scope.iter().filter_map(move |entry| entry.strip_prefix(kind));
        Self {
            sheets: named("sheet:").collect(),
            measures: named("measure:").collect(),
            rows: me.scope.iter().filter_map(|entry| entry.split_once('=')).collect(),
        }
    }

    /// Whether a sheet, by its id, is in it.
    pub fn has_sheet(&self, sheet: &str) -> bool {
        self.sheets.is_empty() || self.sheets.contains(&sheet)
    }

    /// Whether every measure is in it.
    pub fn has_all_measures(&self) -> bool {
        self.measures.is_empty()
    }

    /// Whether a measure is in it.
    pub fn has_measure(&self, measure: MeasureId) -> bool {
        self.measures.is_empty() || self.measures.iter().any(|name| measure.to_string() == **name)
    }

    /// Whether a row is in it: for every key measure it names, the row has one of the values.
    pub fn has_row(&self, measures: &[Measure], value: impl Fn(&Measure) -> Option<String>) -> bool {
        let keys = measures.iter().filter(|measure| measure.kind == MeasureKind::Key);
        keys.filter_map(|key| {
            let names = |name: &str| name.eq_ignore_ascii_case(&key.name) || name == key.id.to_string();
            let mut wanted = self.rows.iter().filter(|(name, _)| names(name)).map(|(_, value)| *value).peekable();
            wanted.peek()?;
            Some(value(key).is_some_and(|found| wanted.any(|wanted| wanted == found)))
        })
        .all(|is_in| is_in)
    }
}

fn is_in_scope(me: &Me, mirror: &Mirror, room: RoomId) -> bool {
    let RoomId::Part(sheet, part) = room else { return false };
    let key = mirror.sheet(sheet).and_then(|sheet| sheet.meta().parts.get(&part));
    key.is_some_and(|key| me.scope.contains(key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::exchange::blueprint::{Blueprint, RowBlueprint, SheetBlueprint};
    use grid_engine::refs::PersonId;

    /// The rooms a role may write, as text.
    fn written(role: Role, scope: &[&str]) -> String {
        let row = |region: &str| RowBlueprint { key: vec![region.into()], cells: Vec::new() };
        let demand = SheetBlueprint::planning("demand", "Demand", &["Region"]).role("demand").partitioned_by("Region");
        let sheet = |id: &str, role: &str| SheetBlueprint::planning(id, id, &["Item"]).role(role);
        let sheets = vec![
            demand.rows([row("North"), row("South")]),
            sheet("prices", "prices"),
            sheet("capacity", "supply.capacity"),
            sheet("lanes", "supply.lanes"),
            sheet("scratch", ""),
            sheet("standing", INPUTS_ROLE),
            sheet("summary", "summary"),
        ];
        let blueprint = Blueprint { title: "T".into(), currency: "EUR".into(), sheets };
        let workbook = blueprint.build(PersonId::of_key(&["x"]), 1).unwrap();
        let me = Me {
            person: PersonId::of_key(&["me"]),
            name: String::new(),
            role,
            scope: scope.iter().map(|&region| region.to_owned()).collect(),
            colour: String::new(),
            may_freeze: true,
            may_mark_consensus: true,
            may_read_live: role != Role::Executive,
        };
        let grants = grants(&me, workbook.mirror(), &workbook.known_rooms());
        assert_eq!(grants.is_empty(), role == Role::Executive, "everyone else reads everything");
        let mut rooms: Vec<String> = grants.iter().filter(|g| g.write).map(|g| g.room.to_string()).collect();
        rooms.sort();
        rooms.join(" ")
    }

    #[test]
    fn each_role_writes_its_own_sheets() {
        let demand = "demand demand~north demand~south scratch";
        for (role, scope, expected) in [
            (Role::Sales, &["North"][..], "demand~north"),
            (Role::Sales, &["Moon"], ""),
            (Role::Sales, &[], ""),
            (Role::Demand, &[], demand),
            (Role::Supply, &[], "capacity lanes scratch"),
            (Role::Finance, &[], "lanes prices scratch standing"),
            (Role::Viewer, &[], ""),
            (Role::Executive, &[], ""),
        ] {
            assert_eq!(written(role, scope), expected, "{role:?} {scope:?}");
        }
        assert!(written(Role::Admin, &[]).starts_with("book capacity demand"));
    }
}
