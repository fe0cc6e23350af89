//! What a role may do beyond rooms.

use grid_engine::wire::{Me, Role};

use crate::store::Person;

/// A person as the pages see them.
pub fn me_of(person: Person) -> Me {
    Me {
        may_freeze: matches!(person.role, Role::Admin | Role::Demand | Role::Supply | Role::Finance),
        may_mark_consensus: matches!(person.role, Role::Admin | Role::Executive),
        may_read_live: person.role != Role::Executive,
        person: person.id,
        name: person.name,
        role: person.role,
        scope: person.scope,
        colour: person.colour,
    }
}
