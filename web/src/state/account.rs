//! The signed-in person.

use grid_engine::wire::Me;
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
