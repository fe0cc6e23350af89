//! The tray of conflicts: where this person and another were at the same cell or row, until each is seen.

use grid_engine::refs::CellRef;
use leptos::prelude::*;

use crate::state::Meeting;
use crate::ui::{Button, EmptyState, Glyph};

/// The tray: choose what stands, go and look, or say to have seen one or all of them.
#[component]
pub fn ConflictsPanel(
    /// The newest first, by their numbers.
    #[prop(into)]
    lines: Signal<Vec<(u64, Meeting)>>,
    #[prop(into)] on_go: Callback<CellRef>,
    #[prop(into)] on_seen: Callback<Vec<u64>>,
) -> impl IntoView {
    let seen_all = move |_| {
        on_seen.run(lines.with_untracked(|lines| lines.iter().map(|(number, _)| *number).collect()));
    };
    let line = move |(number, met): (u64, Meeting)| {
        let act = move |(label, act): (String, std::sync::Arc<dyn Fn() + Send + Sync>)| {
            view! {
                <Button class="small" on_click=move |_| { act(); on_seen.run(vec![number]); }>{label}</Button>
            }
        };
        view! {
            <li>
                <strong>{met.title}</strong>
                <p>{met.text}</p>
                <div class="row">
                    {met.actions.into_iter().map(act).collect_view()}
                    {met.cell.map(|cell| view! {
                        <Button class="small quiet" on_click=move |_| on_go.run(cell)>"Go to the cell"</Button>
                    })}
                    <Button class="small quiet" on_click=move |_| on_seen.run(vec![number])>"Leave as it is"</Button>
                </div>
            </li>
        }
    };
    view! {
        <div class="panel-body">
            {move || match lines.get() {
                none if none.is_empty() => view! {
                    <EmptyState icon=Glyph::Check title="No conflicts" text="Where somebody edits the cell you edit at the same moment, both values are kept here until you have seen them." />
                }.into_any(),
                several => {
                    let many = several.len() > 1;
                    view! {
                        <ul class="declined">{several.into_iter().map(line).collect_view()}</ul>
                        {many.then(|| view! {
                            <div class="inset"><Button class="small" on_click=seen_all>"Leave all as they are"</Button></div>
                        })}
                    }.into_any()
                }
            }}
        </div>
    }
}
