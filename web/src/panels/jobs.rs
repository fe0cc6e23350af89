//! Forecasts and solves in the background.

use grid_engine::refs::SheetId;
use grid_engine::value::order::sort_by;
use grid_engine::wire::{JobInfo, JobState};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::state::{NoticeBoard, Tone as NoticeTone};
use crate::ui::{Badge, Button, EmptyState, Glyph, Progress, Tone};
use crate::{api, figures};

/// The jobs of a workbook, the latest first. Running ones can be cancelled.
#[component]
pub fn JobsPanel(workbook: SheetId, #[prop(into)] jobs: Signal<Vec<JobInfo>>) -> impl IntoView {
    let ids = Memo::new(move |_| {
        let mut ids: Vec<u64> = jobs.with(|jobs| jobs.iter().map(|job| job.id).collect());
        sort_by(&mut ids, |a, b| b.cmp(a));
        ids
    });
    let is_empty = move || ids.with(Vec::is_empty);
    view! {
        <div class="panel-body">
            <Show when=is_empty>
                <EmptyState
                    icon=Glyph::Clock
                    title="Nothing is being calculated"
                    text="Forecasts and supply solves run in the background and report here. You can go on working meanwhile."
                />
            </Show>
            <ul class="jobs">
                <For each=move || ids.get() key=|id| *id let:id>
                    {
                        let job = Memo::new(move |_| jobs.with(|jobs| jobs.iter().find(|job| job.id == id).cloned()));
                        move || job.get().map(|job| view! { <JobLine workbook=workbook job=job /> })
                    }
                </For>
            </ul>
        </div>
    }
}

#[component]
fn JobLine(workbook: SheetId, job: JobInfo) -> impl IntoView {
    let notices = NoticeBoard::current();
    let (tone, word) = match job.state {
        JobState::Queued => (Tone::Neutral, "Waiting"),
        JobState::Running => (Tone::Accent, "Running"),
        JobState::Done => (Tone::Good, "Done"),
        JobState::Failed => (Tone::Bad, "Failed"),
        JobState::Cancelled => (Tone::Warn, "Cancelled"),
    };
    let active = matches!(job.state, JobState::Queued | JobState::Running);
    let share = (job.total > 0).then(|| job.done as f64 / job.total as f64);
    let counted = (active && job.total > 0)
        .then(|| format!("{} of {}", figures::grouped(job.done as f64, 0), figures::grouped(job.total as f64, 0)));
    let id = job.id;
    let cancel = move |_| {
        spawn_local(async move {
            if let Err(refusal) = api::cancel_job(workbook, id).await {
                notices.say(NoticeTone::Bad, "The job was not cancelled", refusal.message);
            }
        });
    };
    let label = job.title.clone();
    view! {
        <li class="job">
            <div class="row">
                <strong class="truncate">{job.title}</strong>
                <Badge tone=tone>{word}</Badge>
            </div>
            {(job.state == JobState::Running).then(|| view! { <Progress share=Signal::stored(share) label=label /> })}
            <div class="row">
                <span class="muted">{counted.map(|counted| format!("{counted} ")).unwrap_or_default()} {job.message}</span>
                {active.then(|| view! { <Button class="small" on_click=cancel>"Cancel"</Button> })}
            </div>
        </li>
    }
}
