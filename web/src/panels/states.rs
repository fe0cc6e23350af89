//! What a version is by now, and how it came to that.

use grid_engine::plan::{StateChange, VersionState};
use leptos::prelude::*;

use crate::ui::{Badge, Glyph, Icon, Tone, moment};

/// A version's state as a badge.
pub fn state_badge(state: VersionState) -> impl IntoView {
    let tone = match state {
        VersionState::Consensus => Tone::Accent,
        VersionState::Approved => Tone::Good,
        VersionState::Draft | VersionState::Proposed | VersionState::Superseded => Tone::Neutral,
    };
    let flag = (state == VersionState::Consensus).then(|| view! { <Icon name=Glyph::Flag /> });
    view! { <Badge tone=tone>{flag}{state_words(state)}</Badge> }
}

/// A state in a word.
fn state_words(state: VersionState) -> &'static str {
    match state {
        VersionState::Draft => "Draft",
        VersionState::Proposed => "Proposed",
        VersionState::Approved => "Approved",
        VersionState::Consensus => "Consensus",
        VersionState::Superseded => "Superseded",
    }
}

/// Who put a version into which state, when and with which words: the last step, and those before it folded away.
pub fn state_history(history: &[StateChange]) -> Option<AnyView> {
    let mut steps = history.iter().rev().map(step);
    let last = steps.next()?;
    let before: Vec<AnyView> = steps.collect();
    let is_only = before.is_empty();
    let words = match before.len() {
        1 => "1 step before".to_owned(),
        count => format!("{count} steps before"),
    };
    Some(
        view! {
            <div class="states">
                {last}
                <details hidden=is_only><summary>{words}</summary>{before}</details>
            </div>
        }
        .into_any(),
    )
}

fn step(change: &StateChange) -> AnyView {
    let words = format!("{} by {} on {}", state_words(change.to), change.by_name, moment(change.at));
    view! { <p class="muted">{words}</p><p class="remark">{change.comment.clone()}</p> }.into_any()
}
