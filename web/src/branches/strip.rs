//! What stands over the sheets of a branch, so that nobody takes it for the plan.

use grid_engine::plan::{BranchInfo, Direction, TakenLayers};
use grid_engine::wire::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::STYLE;
use super::merge::MergeDialog;
use super::words;
use crate::api;
use crate::app::Router;
use crate::state::{Account, NoticeBoard, SaveMark, Session, Tone as NoticeTone};
use crate::ui::{Badge, Button, Glyph, Icon, Tone, moment};

/// How often the counts follow what is entered.
const FOLLOW: std::time::Duration = std::time::Duration::from_secs(4);

/// How branch and plan differ.
#[derive(Clone, Default, PartialEq)]
struct Counts {
    /// Differences and conflicts among them, each way.
    merge: Option<(usize, usize)>,
    rebase: Option<(usize, usize)>,
    /// Layers of the plan that are newer, and who brought some in last.
    layers: usize,
    taken: Option<TakenLayers>,
}

/// The strip.
#[component]
pub fn BranchStrip(session: Session, branch: BranchInfo) -> impl IntoView {
    let id = branch.id;
    let router = Router::current();
    let counts = RwSignal::new(Counts::default());
    let rebasing = RwSignal::new(false);
    let load = move || {
        spawn_local(async move {
            for direction in [Direction::Merge, Direction::Rebase] {
                let Ok(found) = api::branch_differences(id, direction).await else { return };
                let count = Some((found.total, found.conflicts));
                counts.try_update(|counts| match direction {
                    Direction::Merge => counts.merge = count,
                    Direction::Rebase => {
                        counts.rebase = count;
                        (counts.layers, counts.taken) = (found.layers, found.taken);
                    }
                });
            }
        });
    };
    load();
    // Asked again once what was entered has come to rest, not with every key.
    let due = StoredValue::new(false);
    Effect::new(move |before: Option<()>| {
        session.values.track();
        if before.is_some() && !due.get_value() {
            due.set_value(true);
            set_timeout(
                move || {
                    if due.try_set_value(false).is_none() && session.saved.try_get_untracked() == Some(SaveMark::Saved)
                    {
                        load();
                    }
                },
                FOLLOW,
            );
        }
    });
    let began = branch.version_name.clone().map_or_else(
        || format!("of {}, made by {} on {}", branch.parent_name, branch.by_name, moment(branch.at)),
        |name| format!("of {}, from “{name}”, made by {} on {}", branch.parent_name, branch.by_name, moment(branch.at)),
    );
    let changes = move || match counts.with(|counts| counts.merge) {
        None => "…".to_owned(),
        Some((0, _)) => "No difference yet".to_owned(),
        Some((total, 0)) => words::count(total, "change", "changes"),
        Some((total, conflicts)) => {
            format!(
                "{}, {}",
                words::count(total, "change", "changes"),
                words::count(conflicts, "conflict", "conflicts")
            )
        }
    };
    let behind = move || {
        let (total, layers) = counts.with(|counts| (counts.rebase.map_or(0, |(total, _)| total), counts.layers));
        match (total, layers) {
            (0, 0) => None,
            (0, _) => Some("Bring in actuals".to_owned()),
            (total, _) => Some(format!("Bring in {}", words::count(total, "change", "changes"))),
        }
    };
    let account = Account::current();
    let may_put_back = move || {
        let taken_by = counts.with(|counts| counts.taken.as_ref().map(|taken| taken.by));
        account.get().zip(taken_by).is_some_and(|(me, by)| me.role == Role::Admin || me.person == by)
    };
    let notices = NoticeBoard::current();
    let put_back = move |_| {
        spawn_local(async move {
            match api::put_back_layers(id).await {
                Ok(()) => {
                    notices.say(NoticeTone::Good, "Put back", "The branch has the actuals and imports from before.")
                }
                Err(refusal) => notices.say(NoticeTone::Bad, "Not put back", refusal.message),
            }
            load();
        });
    };
    let merge_at = format!("/w/{}?merge={id}", branch.parent);
    let parent = branch.parent;
    let back =
        if parent == branch.home { "Go to live".to_owned() } else { format!("Go to “{}”", branch.parent_name) };
    let dialog = branch.clone();
    view! {
        <style>{STYLE}</style>
        <div class="frozen-strip branch-strip" role="status" data-testid="branch-strip">
            <Badge tone=Tone::Warn><Icon name=Glyph::Swap />"Branch"</Badge>
            <strong class="truncate">{branch.name.clone()}</strong>
            <span class="muted truncate">{began}</span>
            <span class="spacer"></span>
            <span class="count" data-testid="branch-changes">{changes}</span>
            <a href=format!("/w/{parent}")>{back}</a>
            {move || {
                behind().map(|words| {
                    view! { <Button class="small" icon=Glyph::Download on_click=move |_| rebasing.set(true)>{words}</Button> }
                })
            }}
            <Show when=may_put_back>
                <span data-tip="The actuals and imports that were last brought in make way for those from before">
                    <Button class="small" icon=Glyph::Undo on_click=put_back>"Put back actuals"</Button>
                </span>
            </Show>
            <Button class="small" icon=Glyph::Swap on_click=move |_| router.go(&merge_at)>"Merge…"</Button>
        </div>
        {move || {
            let branch = dialog.clone();
            rebasing.get().then(|| {
                view! { <MergeDialog session branch direction=Direction::Rebase on_close=move |_| { rebasing.set(false); load(); } /> }
            })
        }}
    }
}
