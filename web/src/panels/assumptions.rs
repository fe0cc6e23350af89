//! What the selected row's plan rests on: prices, costs, limits and policies of other sheets.

use grid_engine::plan::{AssumedFigure, AssumedRow, Assumptions};
use grid_engine::refs::CellRef;
use leptos::prelude::*;

use crate::ui::{EmptyState, Glyph};

/// The row in words, and what was found; `None` where no row of a planning sheet is selected.
pub type Assumed = Option<(String, Vec<Assumptions>)>;

/// Each figure leads to its cell.
#[component]
pub fn AssumptionsPanel(#[prop(into)] found: Signal<Assumed>, #[prop(into)] on_go: Callback<CellRef>) -> impl IntoView {
    move || {
        match found.get() {
        None => view! {
            <EmptyState icon=Glyph::Table title="Select a row" text="The prices, costs, limits and policies it rests on appear here." />
        }
        .into_any(),
        Some((title, found)) => {
            let none = found.is_empty().then(|| {
                view! { <p class="muted">"No other sheet holds a figure for what this row is about."</p> }
            });
            view! {
                <div class="panel-body inset" data-testid="assumptions">
                    <h3 class="truncate" title=title.clone()>{title.clone()}</h3>
                    {none}
                    {found.into_iter().map(|sheet| of_sheet(sheet, on_go)).collect_view()}
                </div>
            }
            .into_any()
        }
    }
    }
}

fn of_sheet(found: Assumptions, on_go: Callback<CellRef>) -> impl IntoView {
    let Assumptions { title, rows, more, .. } = found;
    let more = (more > 0).then(|| view! { <p class="muted">{format!("and {more} more rows")}</p> });
    view! {
        <section class="queue">
            <header><h4>{title}</h4></header>
            <ul class="assumed">{rows.into_iter().map(|row| of_row(row, on_go)).collect_view()}</ul>
            {more}
        </section>
    }
}

/// One figure stands at the end of its line; several follow their row's name.
fn of_row(row: AssumedRow, on_go: Callback<CellRef>) -> impl IntoView {
    let AssumedRow { label, figures, .. } = row;
    let label = (!label.is_empty()).then(|| view! { <strong class="truncate">{label}</strong> });
    let is_alone = figures.len() == 1;
    let figure = |AssumedFigure { cell, name, text, unit }: AssumedFigure| {
        view! {
            <button type="button" class="assumed-figure" on:click=move |_| on_go.run(cell)>
                <span class="muted">{name}</span>
                <span class="value">{text}" "<span class="unit">{unit}</span></span>
            </button>
        }
    };
    view! {
        <li class:several=!is_alone>
            {label}
            {figures.into_iter().map(figure).collect_view()}
        </li>
    }
}
