//! Quantities of the plan kept as decisions: a dialog over the sheets, where the edit is made and can be undone.

mod choice;
mod lines;

use std::time::Duration;

use grid_engine::calendar::Bucket;
use grid_engine::plan::{PlannedQuantities, SupplyState};
use grid_engine::refs::SheetId;
use grid_engine::supply::study::Study;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::asking::{Asked, ask, meanwhile};
use crate::api;
use crate::grid::Grid;
use crate::parts::{Maker, wasm_split};
use crate::state::Session;
use crate::ui::Dialog;
use choice::KeepForm;

/// Its look; it comes with the part.
const STYLE: &str = include_str!("../../../styles/keep.css");
/// How long nothing is shown of a plan that is being read.
const PATIENCE: Duration = Duration::from_millis(2500);
/// How often it looks whether a plan that is being solved is there.
const EVERY: Duration = Duration::from_secs(1);

/// What the dialog begins with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeepFrom {
    /// One item, or every.
    pub item: Option<String>,
    /// One bucket, or the first of the plan.
    pub bucket: Option<Bucket>,
}

/// Whether somebody wants to keep quantities of the plan; one for a workbook's page.
#[derive(Clone, Copy)]
pub struct Keeping(pub RwSignal<Option<KeepFrom>>);

/// The dialog, once it is asked for.
#[wasm_split(versions, fallible, wasm_split_path = leptos::wasm_split)]
pub fn keep_dialog() -> Maker<(Grid, Session, Keeping)> {
    Ok(|(grid, session, keeping)| view! { <KeepDialog grid session keeping /> }.into_any())
}

#[component]
fn KeepDialog(grid: Grid, session: Session, keeping: Keeping) -> impl IntoView {
    let open = RwSignal::new(false);
    let from = keeping.0.get_untracked().unwrap_or_default();
    let asked = RwSignal::new(Asked::Waiting);
    fetch(session.workbook, asked);
    // Opened once there is something to say, the dialog gives its first field the keyboard; a long wait is shown too.
    let show = move || {
        open.try_set(true);
    };
    set_timeout(show, PATIENCE);
    Effect::new(move || {
        if asked.with(|asked| *asked != Asked::Waiting) {
            open.set(true);
        }
    });
    let body = move || {
        asked.with(|asked| {
            meanwhile(asked, "Reading the plan").or_else(|| match asked {
                Asked::Answer(table) => {
                    let planned = PlannedQuantities::read(table)?;
                    Some(view! { <KeepForm grid session planned from=from.clone() open /> }.into_any())
                }
                _ => None,
            })
        })
    };
    let close = move |()| {
        keeping.0.set(None);
        grid.focus();
    };
    view! {
        <style>{STYLE}</style>
        <div class="keep-dialog">
            <Dialog open title="Keep as decisions" on_close=close>{body.clone()}</Dialog>
        </div>
    }
}

/// Reads the plan's quantities, as soon as there is a plan.
fn fetch(workbook: SheetId, asked: RwSignal<Asked>) {
    spawn_local(async move {
        let refused = match api::supply_plan(workbook, "").await {
            Ok(SupplyState::Solved(solved)) => return ask(workbook, solved.key, Study::Quantities, asked),
            Ok(SupplyState::Solving | SupplyState::Same) => {
                if !asked.is_disposed() {
                    set_timeout(move || fetch(workbook, asked), EVERY);
                }
                return;
            }
            Ok(SupplyState::None) => {
                "There is no supply plan yet. Write =SUPPLY.SOLVE(Demand[Consensus]) into a cell, with your own demand measure."
                    .to_owned()
            }
            Ok(SupplyState::Failed { message, .. } | SupplyState::Outdated { message, .. }) => {
                format!("There is no supply plan: {message}")
            }
            Err(refusal) => refusal.message,
        };
        asked.try_set(Asked::Refused(refused));
    });
}
