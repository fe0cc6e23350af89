//! What was entered in a cell, by whom and when.

use leptos::prelude::*;

use crate::ui::{EmptyState, Glyph, Notice, Spinner, Tone};

/// A change of the cell, ready to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    pub when: String,
    pub who: String,
    /// What had been entered; empty where nothing had.
    pub old: String,
    pub new: String,
    pub why: Option<String>,
}

/// How far reading a cell's history has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum History {
    /// No cell is selected.
    Nowhere,
    Reading,
    Here {
        address: String,
        lines: Vec<HistoryLine>,
    },
    /// It cannot be read; the reason in words.
    Failed(String),
}

/// The history of the selected cell.
#[component]
pub fn HistoryPanel(history: Signal<History>) -> impl IntoView {
    move || {
        match history.get() {
        History::Nowhere => {
            view! { <EmptyState icon=Glyph::Clock title="Select a cell" text="Who changed it, when and why appears here." /> }
                .into_any()
        }
        History::Reading => view! { <div class="panel-body inset"><Spinner /></div> }.into_any(),
        History::Failed(reason) => view! { <div class="panel-body inset"><Notice tone=Tone::Bad>{reason}</Notice></div> }.into_any(),
        History::Here { address, lines } => {
            let none = lines.is_empty().then(|| view! { <p class="muted">"Nobody has entered anything here."</p> });
            view! {
                <div class="panel-body inset">
                    <h3 class="truncate" title=address.clone()>{address.clone()}</h3>
                    {none}
                    <ol class="history">{lines.into_iter().map(line).collect_view()}</ol>
                </div>
            }
            .into_any()
        }
    }
    }
}

fn line(line: HistoryLine) -> impl IntoView {
    let blank = |text: String| if text.is_empty() { "nothing".to_owned() } else { text };
    view! {
        <li>
            <p><b>{blank(line.new)}</b><span class="muted">{format!(" instead of {}", blank(line.old))}</span></p>
            {line.why.map(|why| view! { <p>{why}</p> })}
            <p class="muted">{format!("{}, {}", line.who, line.when)}</p>
        </li>
    }
}
