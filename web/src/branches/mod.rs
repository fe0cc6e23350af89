//! Branches: what-if copies of the plan, made, opened, merged. Fetched when first shown.

mod create;
mod lines;
mod merge;
mod section;
mod strip;
mod words;

use grid_engine::plan::BranchInfo;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::parts::{Maker, wasm_split};
use crate::state::Session;
use section::BranchesSection;
use strip::BranchStrip;

/// The look of all this; it comes with the part.
const STYLE: &str = include_str!("../../styles/branches.css");

/// What a new branch begins with: a version's id and name, or the plan as it is.
pub type Start = Option<(grid_engine::refs::Id, String)>;

/// The branches of the open workbook, in the versions panel.
#[derive(Clone, Copy)]
pub struct BranchesOf {
    pub session: Session,
    /// Set to ask for a new branch.
    pub start: RwSignal<Option<Start>>,
}

#[wasm_split(versions, fallible, wasm_split_path = leptos::wasm_split)]
pub fn section() -> Maker<BranchesOf> {
    Ok(|BranchesOf { session, start }| view! { <BranchesSection session start /> }.into_any())
}

/// What stands over the sheets of a branch.
#[wasm_split(versions, fallible, wasm_split_path = leptos::wasm_split)]
pub fn strip() -> Maker<Session> {
    Ok(|session| {
        let branch = RwSignal::new(None::<BranchInfo>);
        spawn_local(async move {
            if let Ok(found) = api::branch(session.workbook).await {
                branch.try_set(found);
            }
        });
        (move || branch.get().map(|branch| view! { <BranchStrip session branch /> })).into_any()
    })
}
