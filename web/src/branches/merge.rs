//! Merging: what differs, what a person decides about it, and the one edit that carries it out.

use std::collections::BTreeSet;

use grid_engine::plan::{BranchInfo, Choice, Difference, Direction, NamedDifference, SettleBranch, merge_ops};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::lines::{Decisions, Lines};
use super::words;
use crate::api;
use crate::state::{NoticeBoard, Opening, Sending, Session, Tone as NoticeTone};
use crate::ui::{Button, ButtonKind, Dialog, EmptyState, Glyph, Notice, Select, Spinner, Tone};

/// How far the dialog has come.
#[derive(Clone, PartialEq)]
enum Stage {
    Loading,
    Failed(String),
    /// All that differs, and how much of it is here.
    Deciding {
        total: usize,
        here: usize,
        /// Layers of the plan that come along.
        layers: usize,
    },
}

/// The dialog: from the branch into the workbook of `session`, or the other way where the branch itself is open.
#[component]
pub fn MergeDialog(
    session: Session,
    branch: BranchInfo,
    direction: Direction,
    #[prop(into)] on_close: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(true);
    Effect::new(move || {
        if !open.get() {
            on_close.run(());
        }
    });
    let title = match direction {
        Direction::Merge => format!("Merge “{}” into {}", branch.name, branch.parent_name),
        Direction::Rebase => format!("Bring changes of {} into “{}”", branch.parent_name, branch.name),
    };
    let branch = StoredValue::new(branch);
    view! {
        <div class="merge-dialog">
            <Dialog open=open title=title>
                <Merge session branch direction open />
            </Dialog>
        </div>
    }
}

#[component]
fn Merge(
    session: Session,
    branch: StoredValue<BranchInfo>,
    direction: Direction,
    open: RwSignal<bool>,
) -> impl IntoView {
    let (id, name, parent) = branch.with_value(|b| (b.id, b.name.clone(), b.parent_name.clone()));
    let (ours, theirs) = words::sides(direction, &name, &parent);
    let stage = RwSignal::new(Stage::Loading);
    let decisions = Decisions::new();
    let load = move || {
        stage.set(Stage::Loading);
        spawn_local(async move {
            match api::branch_differences(id, direction).await {
                Ok(found) => {
                    let (total, layers) = (found.total, found.layers);
                    let next = Stage::Deciding { total, here: found.differences.len(), layers };
                    decisions.start(found.differences);
                    stage.try_set(next);
                }
                Err(refusal) => drop(stage.try_set(Stage::Failed(refusal.message))),
            }
        });
    };
    load();
    move || match stage.get() {
        Stage::Loading => view! { <div class="waiting"><Spinner label="Comparing" /></div> }.into_any(),
        Stage::Failed(message) => view! {
            <Notice tone=Tone::Bad>{message}</Notice>
            <div class="actions"><Button on_click=move |_| load()>"Try again"</Button></div>
        }
        .into_any(),
        Stage::Deciding { total: 0, layers: 1.., .. } => {
            view! { <LayersOnly branch open theirs=theirs.clone() /> }.into_any()
        }
        Stage::Deciding { total: 0, .. } => {
            let text = match direction {
                Direction::Merge => format!("Everything in “{theirs}” is in {ours} already, or was decided on."),
                Direction::Rebase => format!("Everything in {theirs} is in “{ours}” already, or was decided on."),
            };
            view! {
                <EmptyState icon=Glyph::Check title="Nothing to bring over" text=text>
                    <Button on_click=move |_| open.set(false)>"Close"</Button>
                </EmptyState>
            }
            .into_any()
        }
        Stage::Deciding { total, here, layers } => {
            let (ours, theirs) = (ours.clone(), theirs.clone());
            view! { <Deciding session branch direction open decisions total here layers ours theirs /> }.into_any()
        }
    }
}

/// What is said where layers come along.
const LAYERS: &str =
    "Newer actuals and imports come along. Undo does not take these back: “Put back actuals” above the sheet does.";

/// Nothing to decide on: only what was imported into the plan since.
#[component]
fn LayersOnly(branch: StoredValue<BranchInfo>, open: RwSignal<bool>, theirs: String) -> impl IntoView {
    let notices = NoticeBoard::current();
    let sending = Sending::new();
    let take = move |_| {
        let id = branch.with_value(|branch| branch.id);
        let nothing = SettleBranch { settled: Vec::new(), layers: true };
        sending.send(async move { api::settle_branch(id, &nothing).await }, move |()| {
            notices.say(NoticeTone::Good, "Brought in", "The branch has the plan's newer actuals and imports.");
            open.try_set(false);
        });
    };
    let text = format!("Nobody has entered anything in {theirs} that is not here. {LAYERS}");
    view! {
        {move || sending.refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })}
        <EmptyState icon=Glyph::Check title="Only actuals and imports are newer" text=text>
            <Button on_click=move |_| open.set(false)>"Cancel"</Button>
            <Button kind=ButtonKind::Primary disabled=Signal::derive(move || sending.busy.get()) on_click=take>"Bring in"</Button>
        </EmptyState>
    }
}

#[component]
#[allow(clippy::too_many_arguments)]
fn Deciding(
    session: Session,
    branch: StoredValue<BranchInfo>,
    direction: Direction,
    open: RwSignal<bool>,
    decisions: Decisions,
    total: usize,
    here: usize,
    layers: usize,
    ours: String,
    theirs: String,
) -> impl IntoView {
    let notices = NoticeBoard::current();
    let name = branch.with_value(|branch| branch.name.clone());
    let verb = if direction == Direction::Merge { "Merge" } else { "Bring in" };
    let why = RwSignal::new(match direction {
        Direction::Merge => format!("Merge branch “{name}”"),
        Direction::Rebase => format!("Follow {theirs}"),
    });
    let sending = Sending::new();
    let find = NodeRef::<leptos::html::Input>::new();
    Effect::new(move || {
        // The dialog was opened before there was anything in it to begin with.
        if let Some(find) = find.get() {
            let _ = find.focus();
        }
    });
    let is_open = move || session.opening.get() == Opening::Open;
    let cannot = Signal::derive(move || {
        let (taken, kept, _) = decisions.counts();
        sending.busy.get() || taken + kept == 0 || !is_open()
    });
    let apply = move |_| {
        let work = async move { carry_out(session, branch, direction, decisions, &why.get_untracked()).await };
        sending.attempt(work, move |(taken, kept)| {
            let kept = if kept > 0 {
                format!(" {} kept as they are.", words::count(kept, "conflict", "conflicts"))
            } else {
                String::new()
            };
            let taken = words::count(taken, "change is in", "changes are in");
            notices.say(NoticeTone::Good, "Merged", format!("{taken}, as one edit: undo takes it back.{kept}"));
            open.try_set(false);
        });
    };
    let options = move |all: &'static str, of: fn(&NamedDifference) -> String| {
        Signal::derive(move || {
            let found = decisions
                .found
                .with(|found| found.iter().map(of).filter(|text| !text.is_empty()).collect::<BTreeSet<_>>());
            let all = std::iter::once((String::new(), all.to_owned()));
            all.chain(found.into_iter().map(|text| (text.clone(), text))).collect::<Vec<_>>()
        })
    };
    let has_parts = move || decisions.found.with(|found| found.iter().any(|named| !named.name.part.is_empty()));
    let has_conflicts = move || decisions.found.with(|found| found.iter().any(|named| named.difference.is_conflict()));
    let summary = move || {
        let (taken, kept, left) = decisions.counts();
        let mut parts = vec![format!("{} of {total} taken", taken)];
        if kept > 0 {
            parts.push(format!("{kept} kept"));
        }
        if left > 0 {
            parts.push(format!("{} to decide", words::count(left, "conflict", "conflicts")));
        }
        parts.join(" · ")
    };
    let (keep, take) = (StoredValue::new(format!("Keep {ours}")), StoredValue::new(format!("Take {theirs}")));
    view! {
        {(here < total).then(|| {
            view! { <Notice>{format!("The first {here} of {total} differences are here, conflicts first. Merge them, then come back for the rest.")}</Notice> }
        })}
        {(layers > 0).then(|| view! { <Notice>{LAYERS}</Notice> })}
        {move || sending.refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })}
        <div class="merge-tools">
            <Select label="Sheet" options=options("All sheets", |named| named.name.sheet.clone()) value=decisions.sheet on_change=move |sheet| decisions.sheet.set(sheet) />
            {move || has_parts().then(|| {
                view! { <Select label="Region" options=options("All regions", |named| named.name.part.clone()) value=decisions.part on_change=move |part| decisions.part.set(part) /> }
            })}
            <input node_ref=find class="input" type="search" placeholder="Find a row or measure" aria-label="Find a row or measure" prop:value=decisions.search on:input=move |event| decisions.search.set(event_target_value(&event)) />
            <span class="spacer"></span>
            <Button class="small" on_click=move |_| decisions.decide_filtered(Some(Choice::Theirs), false)>"Take all shown"</Button>
            <Button class="small" on_click=move |_| decisions.decide_filtered(None, false)>"None"</Button>
        </div>
        {move || has_conflicts().then(|| {
            view! {
                <div class="merge-tools conflicts">
                    <span class="muted">"All conflicts shown:"</span>
                    <Button class="small" on_click=move |_| decisions.decide_filtered(Some(Choice::Ours), true)>{keep.get_value()}</Button>
                    <Button class="small" on_click=move |_| decisions.decide_filtered(Some(Choice::Theirs), true)>{take.get_value()}</Button>
                </div>
            }
        })}
        <Lines session decisions ours theirs />
        <label class="field">
            <span class="label">"Reason, kept in the edit log"</span>
            <input class="input" name="why" maxlength="300" prop:value=why on:input=move |event| why.set(event_target_value(&event)) />
        </label>
        <div class="actions">
            <span class="muted summary" data-testid="merge-summary">{summary}</span>
            <Button on_click=move |_| open.set(false)>"Cancel"</Button>
            <Button kind=ButtonKind::Primary disabled=cannot on_click=apply>
                {move || if sending.busy.get() { "Merging…".to_owned() } else if is_open() { verb.to_owned() } else { "Opening the workbook…".to_owned() }}
            </Button>
        </div>
    }
}

/// Says what was decided, then makes the edit. A decision is void until its edit is there, so that nothing is lost
/// where the edit is refused. How many changes were taken, and conflicts kept.
async fn carry_out(
    session: Session,
    branch: StoredValue<BranchInfo>,
    direction: Direction,
    decisions: Decisions,
    why: &str,
) -> Result<(usize, usize), String> {
    let decided: Vec<(Difference, Choice)> = decisions.found.with_untracked(|found| {
        decisions.chosen.with_untracked(|chosen| {
            let decided =
                found.iter().zip(chosen).filter_map(|(named, choice)| Some((named.difference.clone(), (*choice)?)));
            decided.collect()
        })
    });
    let settled = decided.iter().map(|(difference, choice)| difference.settle(*choice, direction)).collect();
    let id = branch.with_value(|branch| branch.id);
    let layers = direction == Direction::Rebase;
    api::settle_branch(id, &SettleBranch { settled, layers }).await.map_err(|refusal| refusal.message)?;
    let kept = decided.iter().filter(|(_, choice)| *choice == Choice::Ours).count();
    let taken: Vec<Difference> =
        decided.into_iter().filter(|(_, choice)| *choice == Choice::Theirs).map(|(difference, _)| difference).collect();
    if taken.is_empty() {
        return Ok((0, kept));
    }
    let me = session.me.get_untracked().ok_or("The workbook is not open yet.")?;
    let ops =
        session.read(|book| merge_ops(&taken, book.mirror(), me.person)).ok_or("The workbook is busy. Try again.")?;
    session.edit(ops, Some(why)).map_err(|error| error.to_string())?;
    Ok((taken.len(), kept))
}
