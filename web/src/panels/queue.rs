//! A planner's work queue: rows to look at, the largest first. Each is left out once it is marked as done, until its
//! figures are others.

use std::collections::BTreeSet;

use grid_engine::plan::{Exception, QueueLine};
use grid_engine::refs::{CellRef, SheetId};
use leptos::prelude::*;

use crate::figures;
use crate::ui::{Button, EmptyState, Glyph, IconButton};

/// Lines shown of one kind before one asks for more.
const SHOWN: usize = 8;

/// Kinds in the order people work through them, what they are called, and what they mean.
const KINDS: [(Exception, &str, &str); 4] = [
    (Exception::Nothing, "Nothing planned", "It sold of late, and the next months plan nothing."),
    (Exception::Changed, "Changed most", "Consensus against the last version."),
    (Exception::Departs, "Away from the forecast", "Consensus against the baseline, over the plan."),
    (Exception::Inaccurate, "Forecast badly", "The last six months: error against what came."),
];

/// What was marked as done, kept in this browser.
#[derive(Clone, Copy)]
struct Done {
    workbook: SheetId,
    marks: RwSignal<BTreeSet<String>>,
}

impl Done {
    fn load(workbook: SheetId) -> Self {
        let storage = window().local_storage().ok().flatten();
        let text = storage.and_then(|storage| storage.get_item(&key_of(workbook)).ok().flatten()).unwrap_or_default();
        Self { workbook, marks: RwSignal::new(text.lines().map(str::to_owned).collect()) }
    }

    fn toggle(self, mark: &str) {
        self.marks.update(|marks| {
            if !marks.remove(mark) {
                marks.insert(mark.to_owned());
            }
        });
        let text = self.marks.with_untracked(|marks| marks.iter().cloned().collect::<Vec<_>>().join("\n"));
        if let Ok(Some(storage)) = window().local_storage() {
            // A full storage loses no more than the marks.
            let _ = storage.set_item(&key_of(self.workbook), &text);
        }
    }
}

fn key_of(workbook: SheetId) -> String {
    format!("equipoise.queue.{workbook}")
}

/// What a mark stands for: the row, why, and the figures as they were.
fn mark_of(line: &QueueLine) -> String {
    format!("{:?} {} {:.0}", line.why, line.cell.row, line.units)
}

fn words(line: &QueueLine) -> String {
    let units = figures::signed(figures::compact(line.units), line.units);
    let share = line.share.map(|share| figures::signed(figures::percent(share), share));
    match line.why {
        Exception::Nothing => format!("nothing in {}", line.bucket),
        Exception::Inaccurate => {
            let wape =
                line.share.map_or_else(|| "all wrong".to_owned(), |share| format!("{} off", figures::percent(share)));
            format!("{wape}, worst in {}", line.bucket)
        }
        Exception::Changed | Exception::Departs => {
            format!("{units}{}, most in {}", share.map(|share| format!(" ({share})")).unwrap_or_default(), line.bucket)
        }
    }
}

/// The queue; `None` while it is being worked out. `since` is the version compared with.
#[component]
pub fn QueuePanel(
    workbook: SheetId,
    #[prop(into)] lines: Signal<Option<Vec<QueueLine>>>,
    #[prop(into)] since: Signal<Option<String>>,
    #[prop(into)] on_go: Callback<CellRef>,
) -> impl IntoView {
    let done = Done::load(workbook);
    let shows_done = RwSignal::new(false);
    let all = RwSignal::new(BTreeSet::<Exception>::new());
    let open = Memo::new(move |_| {
        let lines = lines.get()?;
        Some(done.marks.with(|marks| lines.iter().filter(|line| !marks.contains(&mark_of(line))).count()))
    });
    let group = move |(why, title, meaning): (Exception, &'static str, &'static str)| {
        let mine = move || {
            let hides = |line: &QueueLine| !shows_done.get() && done.marks.with(|marks| marks.contains(&mark_of(line)));
            let lines = lines.get().unwrap_or_default();
            lines.into_iter().filter(|line| line.why == why && !hides(line)).collect::<Vec<_>>()
        };
        let meaning = move || match (why, since.get()) {
            (Exception::Changed, Some(version)) => format!("Consensus against “{version}”."),
            _ => meaning.to_owned(),
        };
        move || {
            let mine = mine();
            let count = mine.len();
            let shown = if all.with(|all| all.contains(&why)) { count } else { SHOWN };
            (count > 0).then(|| view! {
                <section class="queue">
                    <header>
                        <h4>{title}</h4>
                        <span class="count">{count}</span>
                    </header>
                    <p class="muted">{meaning()}</p>
                    <ul>{mine.into_iter().take(shown).map(|line| view! { <Line line done on_go /> }).collect_view()}</ul>
                    {(count > shown).then(|| view! {
                        <Button class="small" on_click=move |_| all.update(|all| _ = all.insert(why))>
                            {format!("{} more", count - shown)}
                        </Button>
                    })}
                </section>
            })
        }
    };
    view! {
        <div class="panel-body inset">
            {move || match open.get() {
                None => view! { <EmptyState icon=Glyph::Clock title="Looking through the plan" text="Rows worth a look appear here." /> }.into_any(),
                Some(0) => view! { <EmptyState icon=Glyph::Check title="Nothing to look at" text="No row has changed much, departs from its forecast or was forecast badly." /> }.into_any(),
                Some(_) => ().into_any(),
            }}
            {KINDS.map(group).collect_view()}
            <label class="check">
                <input type="checkbox" prop:checked=shows_done on:change=move |event| shows_done.set(event_target_checked(&event)) />
                <span>"Show what is done"</span>
            </label>
        </div>
    }
}

#[component]
fn Line(line: QueueLine, done: Done, on_go: Callback<CellRef>) -> impl IntoView {
    let (cell, mark) = (line.cell, mark_of(&line));
    let known = mark.clone();
    let is_done = Signal::derive(move || done.marks.with(|marks| marks.contains(&known)));
    view! {
        <li class:done=is_done>
            <button type="button" class="queue-line" on:click=move |_| on_go.run(cell)>
                <strong class="truncate">{line.row.clone()}</strong>
                <span class="muted">{words(&line)}</span>
            </button>
            <IconButton icon=Glyph::Check label="Done" class="small tip-end" pressed=is_done on_click=move |_| done.toggle(&mark) />
        </li>
    }
}
