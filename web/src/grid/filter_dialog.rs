//! Choosing which of a column's texts are shown, in this person's view.

use std::collections::BTreeSet;

use grid_engine::refs::{CellRef, ColId, MeasureId};
use leptos::prelude::*;

use super::handle::Grid;
use crate::ui::{Button, ButtonKind, Dialog};

/// As many texts as a list can be read with.
const MOST: usize = 500;

impl Grid {
    /// The texts of an untimed measure or a free sheet's column over all rows, each once, without its headings.
    fn texts_of(&self, measure: MeasureId) -> Vec<String> {
        let texts = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let headings = state.headings(measure);
            let text = |&row| state.source.face(CellRef { sheet: layout.sheet, row, col: ColId::fixed(measure) }).text;
            let mut texts = BTreeSet::new();
            texts.extend(layout.rows().iter().skip(headings).map(text));
            Some(texts.into_iter().take(MOST).collect())
        });
        texts.flatten().unwrap_or_default()
    }
}

/// The dialog for the measure in `grid.filtering`.
#[component]
pub fn FilterDialog(grid: Grid) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || open.set(grid.filtering.get().is_some()));
    let close = move |()| {
        grid.filtering.set(None);
        grid.focus();
    };
    view! {
        <Dialog open title="Show rows with" on_close=close>
            {move || grid.filtering.get().map(|measure| view! { <Choices grid measure open /> })}
        </Dialog>
    }
}

#[component]
fn Choices(grid: Grid, measure: MeasureId, open: RwSignal<bool>) -> impl IntoView {
    let texts = StoredValue::new(grid.texts_of(measure));
    let hidden = RwSignal::new(grid.view().excluded.get(&measure).cloned().unwrap_or_default());
    let all = move |shown: bool| {
        hidden.update(|hidden| {
            hidden.clear();
            if !shown {
                hidden.extend(texts.get_value());
            }
        });
    };
    let take = move |_| {
        let chosen = hidden.get_untracked();
        grid.change_view(|view| {
            view.excluded.remove(&measure);
            if !chosen.is_empty() {
                view.excluded.insert(measure, chosen);
            }
        });
        open.set(false);
    };
    let rows = texts
        .get_value()
        .into_iter()
        .map(|text| {
            let words = if text.is_empty() { "(blank)".to_owned() } else { text.clone() };
            let (shown, text) = (text.clone(), text);
            view! {
                <label class="choice">
                    <input
                        type="checkbox"
                        prop:checked=move || hidden.with(|hidden| !hidden.contains(&shown))
                        on:change=move |_| {
                            hidden.update(|hidden| {
                                if !hidden.remove(&text) {
                                    hidden.insert(text.clone());
                                }
                            });
                        }
                    />
                    {words}
                </label>
            }
        })
        .collect_view();
    view! {
        <div class="choice-tools">
            <Button class="small" on_click=move |_| all(true)>"All"</Button>
            <Button class="small" on_click=move |_| all(false)>"None"</Button>
        </div>
        <div class="choices">{rows}</div>
        <div class="actions">
            <Button kind=ButtonKind::Primary on_click=take>"Show these"</Button>
        </div>
    }
}
