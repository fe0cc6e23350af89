//! What stands over the sheets of a branch, so that nobody takes it for the plan.

use grid_engine::plan::{BranchInfo, Direction};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::STYLE;
use super::merge::MergeDialog;
use super::words;
use crate::api;
use crate::app::Router;
use crate::state::{SaveMark, Session};
use crate::ui::{Badge, Button, Glyph, Icon, Tone, moment};

/// How often the counts follow what is entered.
const FOLLOW: std::time::Duration = std::time::Duration::from_secs(4);

/// Differences and conflicts among them, each way.
#[derive(Clone, Copy, Default, PartialEq)]
struct Counts {
    merge: Option<(usize, usize)>,
    rebase: Option<(usize, usize)>,
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
                    Direction::Rebase => counts.rebase = count,
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
    let changes = move || match counts.get().merge {
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
    let behind = move || counts.get().rebase.map_or(0, |(total, _)| total);
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
                (behind() > 0).then(|| {
                    view! {
                        <Button class="small" icon=Glyph::Download on_click=move |_| rebasing.set(true)>
                            {move || format!("Bring in {}", words::count(behind(), "change", "changes"))}
                        </Button>
                    }
                })
            }}
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
