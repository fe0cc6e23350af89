//! The rules that raise alerts, to be changed where they are read.

use grid_engine::plan::{AlertRule, Severity, alert_figures};
use grid_engine::refs::SheetId;
use leptos::prelude::*;

use crate::api;
use crate::state::Sending;
use crate::ui::{Button, ButtonKind, Notice, Tone};

/// A rule being written; each text by itself, so that typing in one redraws nothing else.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    by: RwSignal<String>,
    when: RwSignal<String>,
    until: RwSignal<String>,
    severity: RwSignal<String>,
    owner: RwSignal<String>,
}

impl Draft {
    fn of(rule: AlertRule) -> Self {
        let severity = match rule.severity {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        };
        Self {
            name: RwSignal::new(rule.name),
            by: RwSignal::new(rule.by),
            when: RwSignal::new(rule.when),
            until: RwSignal::new(rule.until),
            severity: RwSignal::new(severity.to_owned()),
            owner: RwSignal::new(rule.owner),
        }
    }

    fn rule(self) -> AlertRule {
        let text = |signal: RwSignal<String>| signal.get_untracked().trim().to_owned();
        AlertRule {
            name: text(self.name),
            by: text(self.by),
            when: text(self.when),
            until: text(self.until),
            severity: match &*text(self.severity) {
                "critical" => Severity::Critical,
                "info" => Severity::Info,
                _ => Severity::Warning,
            },
            owner: text(self.owner),
        }
    }
}

/// The rules, folded away until somebody wants them.
#[component]
pub fn Rules(
    workbook: SheetId,
    rules: Memo<Vec<AlertRule>>,
    columns: Memo<Vec<String>>,
    reload: Callback<()>,
) -> impl IntoView {
    let drafts = RwSignal::new(Vec::<(usize, Draft)>::new());
    let next = StoredValue::new(0);
    let written =
        move || drafts.with_untracked(|drafts| drafts.iter().map(|(_, draft)| draft.rule()).collect::<Vec<_>>());
    // Somebody else's rules take the place of these, unless somebody is writing here. Their texts live as long as the form.
    let owner = Owner::current();
    Effect::new(move |before: Option<Vec<AlertRule>>| {
        let rules = rules.get();
        let now = written();
        if now != rules && before.is_none_or(|before| before == now) {
            let first = next.get_value();
            next.set_value(first + rules.len());
            let make = || (first..).zip(rules.iter().cloned().map(Draft::of)).collect();
            drafts.set(owner.as_ref().map_or_else(make, |owner| owner.with(make)));
        }
        rules
    });
    let sending = Sending::new();
    let add = move |_| {
        let id = next.get_value();
        next.set_value(id + 1);
        drafts.update(|drafts| drafts.push((id, Draft::of(AlertRule::default()))));
    };
    let save = move |_| {
        let rules = written();
        sending.send(async move { api::put_alert_rules(workbook, &rules).await }, move |()| reload.run(()));
    };
    let line = move |(id, draft): (usize, Draft)| {
        let field = |signal: RwSignal<String>, label: &'static str| {
            view! {
                <td>
                    <input class="input" aria-label=label prop:value=signal on:input=move |event| signal.set(event_target_value(&event)) />
                </td>
            }
        };
        let choice = |signal: RwSignal<String>, label: &'static str, options: Vec<(String, String)>| {
            let chosen = signal.get_untracked();
            let options = options.into_iter().map(|(value, words)| {
                let selected = value.eq_ignore_ascii_case(&chosen);
                view! { <option value=value selected=selected>{words}</option> }
            });
            view! {
                <td>
                    <select class="select" aria-label=label on:change=move |event| signal.set(event_target_value(&event))>
                        {options.collect_view()}
                    </select>
                </td>
            }
        };
        let by = std::iter::once((String::new(), "the total".to_owned())).chain(
            columns
                .get_untracked()
                .into_iter()
                .map(|column| (column.clone(), format!("each {}", column.to_lowercase()))),
        );
        let severities = [("info", "Info"), ("warning", "Warning"), ("critical", "Critical")];
        let severities = severities.map(|(value, words)| (value.to_owned(), words.to_owned()));
        view! {
            <tr>
                {field(draft.name, "Name")}
                {choice(draft.by, "Watches", by.collect())}
                {field(draft.when, "Raised when")}
                {field(draft.until, "Ends when")}
                {choice(draft.severity, "Severity", severities.to_vec())}
                {field(draft.owner, "Owner")}
                <td>
                    <Button class="small" on_click=move |_| drafts.update(|drafts| drafts.retain(|(known, _)| *known != id))>
                        "Remove"
                    </Button>
                </td>
            </tr>
        }
    };
    let known = alert_figures().collect::<Vec<_>>().join(", ");
    view! {
        <details class="alert-rules no-print">
            <summary>"Alert rules"</summary>
            <p class="muted">
                "An alert is raised when its first condition holds on a line and stays until its second does. Figures: "
                <code>{known}</code>
            </p>
            <div class="scroll" tabindex="0" role="region" aria-label="Alert rules">
                <table class="figures">
                    <thead>
                        <tr>
                            {["Name", "Watches", "Raised when", "Ends when", "Severity", "Owner", ""]
                                .map(|head| view! { <th scope="col">{head}</th> })
                                .collect_view()}
                        </tr>
                    </thead>
                    <tbody><For each=move || drafts.get() key=|(id, _)| *id children=line /></tbody>
                </table>
            </div>
            {move || sending.refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })}
            <div class="actions">
                <Button on_click=add>"Add a rule"</Button>
                <Button kind=ButtonKind::Primary disabled=sending.busy on_click=save>"Save the rules"</Button>
            </div>
        </details>
    }
}
