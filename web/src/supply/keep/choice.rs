//! What is to be kept: kinds, one item or every, buckets, and the reason.

use std::collections::BTreeSet;

use grid_engine::calendar::Bucket;
use grid_engine::plan::{
    DecisionSteps, KeepError, KeptLine, Meant, PlannedQuantities, keep_as_decisions, new_decisions_sheet,
};
use grid_engine::refs::{RoomId, SheetId};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::KeepFrom;
use super::lines::{Line, Lines};
use crate::figures;
use crate::grid::{Grid, fresh_id};
use crate::state::{NoticeBoard, Session, Tone as NoticeTone};
use crate::ui::{Button, ButtonKind, Notice, Select, Tone};

/// The reason that is offered.
const REASON: &str = "Kept from the plan";
const NO_SHEET: &str = "This workbook has no sheet for decisions yet.";
/// Kinds of decisions, with their words.
const KINDS: [(&str, &str); 4] =
    [("", "Everything"), ("production", "Production"), ("purchase", "Purchases"), ("shipment", "Shipments")];

/// The form, over the lines that it means.
#[component]
pub fn KeepForm(
    grid: Grid,
    session: Session,
    planned: PlannedQuantities,
    from: KeepFrom,
    open: RwSignal<bool>,
) -> impl IntoView {
    let notices = NoticeBoard::current();
    let place = |bucket: Option<Bucket>| planned.buckets.iter().position(|known| Some(*known) == bucket).unwrap_or(0);
    let first = place(from.bucket).to_string();
    let of_item = from.item.filter(|item| planned.lines.iter().any(|line| line.item == *item));
    // Somebody who comes from a product means all of it.
    let kind = RwSignal::new(if of_item.is_some() { "" } else { "production" }.to_owned());
    let item = RwSignal::new(of_item.unwrap_or_default());
    let (since, until) = (RwSignal::new(first.clone()), RwSignal::new(first));
    let nothing = RwSignal::new(true);
    let left_out = RwSignal::new(BTreeSet::<String>::new());
    let reason = RwSignal::new(REASON.to_owned());
    let refused = RwSignal::new(None::<String>);

    let names: BTreeSet<String> = planned.lines.iter().map(|line| line.item.clone()).collect();
    let mut items = vec![(String::new(), "Every item".to_owned())];
    items.extend(names.into_iter().map(|item| (item.clone(), item)));
    let buckets: Vec<(String, String)> =
        planned.buckets.iter().enumerate().map(|(at, bucket)| (at.to_string(), bucket.to_string())).collect();
    let kinds: Vec<(String, String)> =
        KINDS.into_iter().map(|(kind, words)| (kind.to_owned(), words.to_owned())).collect();
    let planned = StoredValue::new(planned);
    let meant = move || {
        let chosen = |text: String| (!text.is_empty()).then_some(text);
        let at = |place: RwSignal<String>| place.get().parse().unwrap_or(0_usize);
        Meant {
            kind: chosen(kind.get()),
            item: chosen(item.get()),
            buckets: at(since)..=at(until),
            nothing: nothing.get(),
        }
    };
    let lines = Memo::new(move |_| {
        let meant = meant();
        planned.with_value(|planned| planned.meant(&meant).iter().map(Line::of).collect::<Vec<_>>())
    });
    let steps = move || -> Result<DecisionSteps, KeepError> {
        let meant = meant();
        planned.with_value(|planned| {
            let mut kept = planned.meant(&meant);
            left_out.with(|left_out| kept.retain(|one: &KeptLine<'_>| !left_out.contains(&Line::of(one).name())));
            session.read(|book| keep_as_decisions(book.mirror(), &kept)).unwrap_or(Err(KeepError::NoSheet))
        })
    };
    let found = Memo::new(move |_| {
        session.structure.track();
        Verdict::of(steps(), session)
    });
    let ready = move || matches!(found.get(), Verdict::Writes { written: 1.., .. });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(DecisionSteps { sheet, ops, written, added, .. }) = untrack(steps).ok().filter(|_| untrack(ready))
        else {
            return;
        };
        let why = reason.get_untracked();
        match session.edit(ops, Some(why.trim()).filter(|why| !why.is_empty())) {
            Ok(()) => {
                open.set(false);
                grid.restructured();
                grid.show(sheet);
                let words = format!("{}{}. Undo (Ctrl+Z) takes them back.", quantities(written), rows(added));
                notices.say(NoticeTone::Good, "Kept as decisions", words);
            }
            Err(error) => refused.set(Some(error.to_string())),
        }
    };
    let make_sheet = move |_| {
        let ops = session.read(|book| new_decisions_sheet(book.mirror(), SheetId(fresh_id()))).flatten();
        let made = ops.map(|ops| session.edit(ops, None));
        refused.set(match made {
            Some(Ok(())) => None,
            Some(Err(error)) => Some(error.to_string()),
            None => Some("No sheet of this workbook has months or weeks.".to_owned()),
        });
    };
    let verdict = move || match found.get() {
        Verdict::Says(tone, words) => view! { <Notice tone>{words}</Notice> }.into_any(),
        Verdict::MayAdd => view! {
            <Notice tone=Tone::Warn>
                <p>{NO_SHEET}</p>
                <Button class="small" on_click=make_sheet>"Add the sheet"</Button>
            </Notice>
        }
        .into_any(),
        Verdict::Writes { written, same, added } => {
            let words = match (written, same) {
                (0, 0) => "Nothing is chosen.".to_owned(),
                (0, _) => "All of it is decided like this already.".to_owned(),
                (_, 0) => format!("Decides {}{}.", quantities(written), rows(added)),
                _ => format!("Decides {}{}. {same} are decided like this already.", quantities(written), rows(added)),
            };
            view! { <p class="muted">{words}</p> }.into_any()
        }
    };
    let at = |text: &str| text.parse::<usize>().unwrap_or(0);
    // The last bucket is never before the first.
    let begin = move |place: String| {
        if at(&place) > at(&until.get_untracked()) {
            until.set(place.clone());
        }
        since.set(place);
    };
    let end = move |place: String| {
        if at(&place) < at(&since.get_untracked()) {
            since.set(place.clone());
        }
        until.set(place);
    };
    view! {
        <form class="stack" on:submit=submit novalidate=true>
            <p class="muted">"What is kept stands in every later plan until its cell in the decisions is cleared."</p>
            {move || refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })}
            <div class="keep-choice">
                {chosen_of("What", kinds, kind, Callback::new(move |value| kind.set(value)))}
                {chosen_of("Of which item", items, item, Callback::new(move |value| item.set(value)))}
                {chosen_of("From", buckets.clone(), since, Callback::new(begin))}
                {chosen_of("Until", buckets, until, Callback::new(end))}
            </div>
            <label class="check">
                <input type="checkbox" name="nothing" prop:checked=nothing on:change=move |event| nothing.set(event_target_checked(&event)) />
                "Keep at 0 what the plan does not do in these buckets"
            </label>
            <Lines lines left_out />
            {verdict}
            <label class="field">
                <span class="label">"Why"</span>
                <input class="input" name="why" maxlength="200" autocomplete="off" prop:value=reason on:input=move |event| reason.set(event_target_value(&event)) />
            </label>
            <div class="actions">
                <Button on_click=move |_| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary role="submit" disabled=Signal::derive(move || !ready())>"Keep"</Button>
            </div>
        </form>
    }
}

fn chosen_of(
    label: &'static str,
    options: Vec<(String, String)>,
    value: RwSignal<String>,
    on_change: Callback<String>,
) -> AnyView {
    view! { <label class="field"><span class="label">{label}</span><Select label options value on_change /></label> }
        .into_any()
}

/// What would come of the choice.
#[derive(Clone, PartialEq)]
enum Verdict {
    Writes {
        written: usize,
        same: usize,
        added: usize,
    },
    /// There is no sheet for it, and this person may add it.
    MayAdd,
    Says(Tone, String),
}

impl Verdict {
    fn of(steps: Result<DecisionSteps, KeepError>, session: Session) -> Self {
        match steps {
            Ok(steps) if !session.may_write(RoomId::Sheet(steps.sheet)) => {
                Self::Says(Tone::Warn, "The decisions are read-only for you.".to_owned())
            }
            Ok(DecisionSteps { written, same, added, .. }) => Self::Writes { written, same, added },
            Err(KeepError::NoSheet) if session.may_write(RoomId::Book) => Self::MayAdd,
            Err(KeepError::NoSheet) => {
                Self::Says(Tone::Warn, format!("{NO_SHEET} An administrator adds it, from this dialog."))
            }
            Err(error) => Self::Says(Tone::Bad, error.to_string()),
        }
    }
}

fn quantities(count: usize) -> String {
    if count == 1 { "1 quantity".to_owned() } else { format!("{} quantities", figures::grouped(count as f64, 0)) }
}

fn rows(added: usize) -> String {
    match added {
        0 => String::new(),
        1 => " with 1 new row".to_owned(),
        added => format!(" with {added} new rows"),
    }
}
