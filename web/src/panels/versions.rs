//! The versions of a workbook: freeze, open, compare, decide.

use grid_engine::plan::{VersionInfo, VersionKind, VersionState};
use grid_engine::refs::{Id, SheetId};
use grid_engine::wire::Refusal;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::bring_in::{BringInAsked, bring_in};
use super::freeze::FreezeDialog;
use super::mark::{MarkAsked, Marking, mark_dialog, step_words};
use super::states::{state_badge, state_history};
use crate::parts::later;
use crate::state::{Account, NoticeBoard, Tone as NoticeTone};
use crate::ui::{Button, ButtonKind, EmptyState, Glyph, Icon, Menu, MenuItem, Notice, Spinner, Tone, moment};
use crate::{api, figures};

fn kind_words(kind: VersionKind) -> &'static str {
    match kind {
        VersionKind::Demand => "Demand",
        VersionKind::Supply => "Supply",
        VersionKind::Cost => "Cost",
        VersionKind::Consensus => "Whole plan",
    }
}

/// Frozen versions, newest first, and the button that freezes the next.
#[component]
pub fn VersionsPanel(
    workbook: SheetId,
    /// The currency of all figures here.
    #[prop(into)]
    currency: Signal<String>,
    /// Counts up when a version was frozen or marked, here or elsewhere.
    #[prop(into)]
    changed: Signal<u64>,
    /// The version open in this window, if not the live plan.
    #[prop(optional_no_strip)]
    current: Option<Id>,
    /// Called to begin a branch with a version.
    #[prop(into)]
    on_branch: Callback<VersionInfo>,
) -> impl IntoView {
    let me = Account::current();
    let notices = NoticeBoard::current();
    let list = RwSignal::new(Vec::<VersionInfo>::new());
    // Whether the list could be read, once it was asked for.
    let read = RwSignal::new(None::<Result<(), Refusal>>);
    let load = move || {
        spawn_local(async move {
            let answer = api::versions(workbook).await;
            let said = Some(answer.map(|versions| drop(list.try_set(versions))));
            // Lines that stay as they were are not made anew: their menus stay open.
            if read.try_with_untracked(|read| *read != said) == Some(true) {
                read.set(said);
            }
        });
    };
    Effect::new(move || {
        changed.track();
        load();
    });
    let may_freeze = Signal::derive(move || me.get().is_some_and(|me| me.may_freeze));
    let may_mark = Signal::derive(move || me.get().is_some_and(|me| me.may_mark_consensus));
    let freezing = RwSignal::new(false);
    let on_frozen = move |version: VersionInfo| {
        notices.say(
            NoticeTone::Good,
            "Version frozen",
            format!("“{}” can now be opened, compared and decided on.", version.name),
        );
        load();
    };
    let marking = RwSignal::new(None::<Marking>);
    let set = Callback::new(move |(version, to): (VersionInfo, VersionState)| {
        marking.set(Some(list.with_untracked(|list| Marking::new(version, to, list))));
    });
    let line = move |version: VersionInfo| {
        let is_open = current == Some(version.id);
        view! { <VersionLine workbook=workbook version=version currency=currency is_open=is_open may_mark=may_mark set=set may_freeze=may_freeze on_branch=on_branch /> }
    };
    let is_empty = Memo::new(move |_| list.with(Vec::is_empty));
    let body = move || {
        match read.get() {
        None => view! { <div class="waiting"><Spinner label="Loading the versions" /></div> }.into_any(),
        Some(Err(refusal)) => view! {
            <div class="inset">
                <Notice tone=Tone::Bad>{refusal.message}</Notice>
                <Button class="small" on_click=move |_| load()>"Try again"</Button>
            </div>
        }
        .into_any(),
        Some(Ok(())) if is_empty.get() => view! {
            <EmptyState
                icon=Glyph::Snapshot
                title="No version yet"
                text="Freeze the plan before a meeting: it keeps every input and value as they are, to compare with later and to decide on."
            />
        }
        .into_any(),
        // A version changes by steps from state to state alone.
        Some(Ok(())) => {
            view! { <For each=move || list.get() key=|version| (version.id, version.history.len()) children=line /> }.into_any()
        }
    }
    };
    view! {
        <div class="panel-body versions">
            {move || {
                may_freeze
                    .get()
                    .then(|| {
                        view! {
                            <div class="inset">
                                <Button kind=ButtonKind::Primary class="wide" icon=Glyph::Snapshot on_click=move |_| freezing.set(true)>
                                    "Freeze version"
                                </Button>
                            </div>
                        }
                    })
            }}
            {body}
            {move || may_freeze.get().then(|| later(bring_in, BringInAsked { workbook, on_brought: Callback::new(move |()| load()) }))}
        </div>
        <FreezeDialog workbook=workbook open=freezing on_frozen=on_frozen />
        {move || {
            let on_marked = Callback::new(move |()| load());
            (may_mark.get() || may_freeze.get()).then(|| later(mark_dialog, MarkAsked { workbook, asked: marking, on_marked }))
        }}
    }
}

#[component]
fn VersionLine(
    workbook: SheetId,
    version: VersionInfo,
    currency: Signal<String>,
    is_open: bool,
    may_mark: Signal<bool>,
    set: Callback<(VersionInfo, VersionState)>,
    may_freeze: Signal<bool>,
    on_branch: Callback<VersionInfo>,
) -> impl IntoView {
    let id = version.id;
    let state = version.state;
    let this = StoredValue::new(version.clone());
    // Drafts are proposed, proposals approved or taken back; what was decided stays.
    let steps = move || {
        use VersionState::{Approved, Draft, Proposed};
        let steps: &[VersionState] = match state {
            Draft => &[Proposed],
            Proposed if may_mark.get() => &[Approved, Draft],
            Proposed => &[Draft],
            Approved if may_mark.get() => &[Proposed],
            _ => &[],
        };
        let may = may_freeze.get() || may_mark.get();
        let step = |&to: &VersionState| {
            let words = format!("{}…", step_words(state, to));
            view! { <MenuItem icon=Glyph::Flag on_click=move |()| set.run((this.get_value(), to))>{words}</MenuItem> }
        };
        steps.iter().filter(|_| may).map(step).collect_view()
    };
    // Only a whole plan can be the consensus, and a draft is proposed first.
    let cannot_be_marked = version.state == VersionState::Consensus
        || !version.state.may_become(VersionState::Consensus)
        || version.kind != VersionKind::Consensus;
    // What a version of one side does not hold is left out.
    let figure = move |name: &'static str, value: Option<f64>| {
        value.map(|value| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>{figures::compact(value)}</dd>
                </div>
            }
        })
    };
    let go = move |path: String| crate::app::Router::current().go(&path);
    view! {
        <article class="version" class:is-open=is_open data-version=id.to_string()>
            <header>
                <a class="truncate" href=format!("/w/{workbook}/v/{id}")>{version.name.clone()}</a>
                {state_badge(version.state)}
                <Menu label=format!("Actions for {}", version.name) class="quiet square small" end=true face=|| view! { <Icon name=Glyph::More /> }>
                    <MenuItem icon=Glyph::Table on_click=move |()| go(format!("/w/{workbook}/v/{id}"))>"Open, read-only"</MenuItem>
                    <MenuItem icon=Glyph::Chart on_click=move |()| go(format!("/w/{workbook}/consensus?version={id}"))>"Read as a page"</MenuItem>
                    <MenuItem icon=Glyph::Compare on_click=move |()| go(format!("/w/{workbook}/compare?a={id}&b=live"))>"Compare with live"</MenuItem>
                    <MenuItem icon=Glyph::Swap on_click=move |()| on_branch.run(this.get_value())>"Branch from it"</MenuItem>
                    <MenuItem icon=Glyph::Download on_click=move |()| drop(window().location().set_href(&api::version_file(workbook, id, "xlsx")))>"Download as Excel"</MenuItem>
                    <MenuItem icon=Glyph::Download on_click=move |()| drop(window().location().set_href(&api::bundle(workbook, id)))>"Download to verify"</MenuItem>
                    {steps}
                    {move || {
                        (may_mark.get() && !cannot_be_marked)
                            .then(|| {
                                view! {
                                    <div class="menu-rule"></div>
                                    <MenuItem icon=Glyph::Flag on_click=move |()| set.run((this.get_value(), VersionState::Consensus))>"Mark as consensus…"</MenuItem>
                                }
                            })
                    }}
                </Menu>
            </header>
            <p class="muted">{format!("{} · {} · {}", kind_words(version.kind), version.by_name, moment(version.made_at()))}</p>
            {(!version.comment.is_empty()).then(|| view! { <p class="said">{version.comment.clone()}</p> })}
            {state_history(&version.history)}
            <dl class="three">
                {figure("Revenue", version.headline.revenue)}
                {figure("Cost", version.headline.cost)}
                {figure("Profit", version.headline.profit)}
            </dl>
            <span class="sr-only">{move || format!("in {}", currency.get())}</span>
        </article>
    }
}
