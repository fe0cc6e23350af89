//! The signed-in person.

use grid_engine::wire::{Me, Role};
use leptos::prelude::*;

/// Who is signed in here, if anyone.
#[derive(Clone, Copy)]
pub struct Account {
    me: RwSignal<Option<Me>>,
}

impl Account {
    /// Nobody, until [`Account::set`].
    pub fn new() -> Self {
        Self { me: RwSignal::new(None) }
    }

    /// The account of this application.
    pub fn current() -> Self {
        use_context().unwrap_or_else(Self::new)
    }

    /// The person; reading follows changes.
    pub fn get(&self) -> Option<Me> {
        self.me.get()
    }

    /// The person, without following.
    pub fn get_untracked(&self) -> Option<Me> {
        self.me.get_untracked()
    }

    /// Signs a person in (after a login), or out.
    pub fn set(&self, me: Option<Me>) {
        self.me.set(me);
    }
}

/// What someone with a role is called.
pub fn role_title(role: Role) -> &'static str {
    match role {
        Role::Admin => "Administrator",
        Role::Sales => "Sales planner",
        Role::Demand => "Demand planner",
        Role::Supply => "Supply planner",
        Role::Finance => "Finance",
        Role::Executive => "Executive",
        Role::Viewer => "Viewer",
    }
}
