//! One scenario: its figures, what speaks for and against it, and proposing it.

use grid_engine::plan::{MatrixCell, ProposeScenario, VersionInfo};
use grid_engine::refs::SheetId;
use grid_engine::wire::MAX_COMMENT;
use leptos::prelude::*;

use super::matrix::name_of;
use crate::state::{Account, NoticeBoard, Sending, Tone as NoticeTone};
use crate::ui::{Badge, Button, ButtonKind, Notice, Tone};
use crate::{api, figures};

/// The scenario that was pressed.
#[component]
pub fn Detail(
    workbook: SheetId,
    cell: MatrixCell,
    all: Vec<MatrixCell>,
    versions: Memo<Vec<VersionInfo>>,
    reload: Callback<()>,
) -> impl IntoView {
    let scenario = cell.scenario;
    let name = |id| name_of(versions, id);
    let title = format!(
        "Demand of “{}”, supply of “{}”, prices of “{}”",
        name(scenario.demand),
        name(scenario.supply),
        name(scenario.cost)
    );
    let ranking = cell.ranking.clone().unwrap_or_default();
    let dominated = ranking.dominated_by.and_then(|by| all.get(by)).map(|by| {
        format!(
            "As good in everything and better in something: demand of “{}” with supply of “{}”.",
            name(by.scenario.demand),
            name(by.scenario.supply)
        )
    });
    let list = |heading: &'static str, lines: Vec<String>, none: &'static str| {
        let lines = if lines.is_empty() { vec![none.to_owned()] } else { lines };
        view! {
            <div>
                <h4>{heading}</h4>
                <ul>{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
            </div>
        }
    };
    let rows = cell
        .figures
        .iter()
        .map(|figure| {
            let value =
                figure.value.map_or_else(|| figures::MISSING.to_owned(), |value| figures::in_unit(value, &figure.unit));
            let verdict = figure.value.zip(figure.target).map(|(value, target)| {
                if figure.better.meets(value, target) {
                    view! { <Badge tone=Tone::Good>"On target"</Badge> }.into_any()
                } else {
                    view! { <Badge tone=Tone::Bad>"Off target"</Badge> }.into_any()
                }
            });
            view! {
                <tr>
                    <th scope="row">{figure.name.clone()}<code class="muted">{figure.id.clone()}</code></th>
                    <td class="number">{value}</td>
                    <td>{verdict}</td>
                </tr>
            }
        })
        .collect_view();
    let may_freeze = Account::current().get_untracked().is_some_and(|me| me.may_freeze);
    view! {
        <article class="scenario-detail">
            <h3>{title}</h3>
            {ranking.reason.map(|reason| view! { <Notice tone=Tone::Warn>{format!("Not ranked: {reason}.")}</Notice> })}
            {dominated.map(|words| view! { <Notice>{words}</Notice> })}
            <div class="for-against">
                {list("Strengths", ranking.strengths, "Nothing stands out.")}
                {list("Weaknesses", ranking.weaknesses, "Nothing stands out.")}
            </div>
            <div class="scroll" tabindex="0" role="region" aria-label="Figures of the scenario">
                <table class="figures"><tbody>{rows}</tbody></table>
            </div>
            {may_freeze.then(|| view! { <Propose workbook cell reload /> })}
        </article>
    }
}

/// Freezes the scenario as a version people can decide on.
#[component]
fn Propose(workbook: SheetId, cell: MatrixCell, reload: Callback<()>) -> impl IntoView {
    let notices = NoticeBoard::current();
    let name = RwSignal::new(String::new());
    let comment = RwSignal::new(String::new());
    let sending = Sending::new();
    let scenario = cell.scenario;
    let propose = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wanted = name.get_untracked().trim().to_owned();
        if wanted.is_empty() {
            return sending.refuse("Give the proposal a name people will recognise.");
        }
        let proposal = ProposeScenario { scenario, name: wanted, comment: comment.get_untracked().trim().to_owned() };
        sending.send(async move { api::propose_scenario(workbook, &proposal).await }, move |version| {
            let words = format!("“{}” is a frozen version now, to be read, compared and decided on.", version.name);
            notices.say(NoticeTone::Good, "Proposed", words);
            reload.run(());
        });
    };
    view! {
        <form class="propose" on:submit=propose novalidate=true>
            <input class="input" name="proposal" maxlength="80" placeholder="Name of the proposal" aria-label="Name of the proposal" prop:value=name on:input=move |event| name.set(event_target_value(&event)) />
            <input class="input" name="proposal-comment" maxlength=MAX_COMMENT.to_string() placeholder="Why it is proposed (optional)" aria-label="Why it is proposed" prop:value=comment on:input=move |event| comment.set(event_target_value(&event)) />
            <Button kind=ButtonKind::Primary role="submit" disabled=sending.busy>{move || if sending.busy.get() { "Freezing…" } else { "Propose as a version" }}</Button>
            {move || sending.refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })}
        </form>
    }
}
