//! The selected row over time: its series as the sheet has them, and what the server says of it: how its forecast was made,
//! and what the supply plan leaves short. Where several are selected, their plans and what they come to.

use std::future::Future;
use std::time::Duration;

use grid_engine::doc::{Measure, MeasureKind, SheetKind, Span};
use grid_engine::refs::{CellRef, ColId};
use grid_engine::workbook::Workbook;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::assumed::row_in_words;
use crate::api;
use crate::panels::{RowSignals, RowsFigures, SeriesFigures};
use crate::state::Session;

/// Whoever moves on within this time asks nothing of the server.
const REST: Duration = Duration::from_millis(180);

/// All of it, of the session's selected row.
pub fn row_over_time(session: Session) -> RowSignals {
    let series = series(session);
    // A forecast is told of anew when its values change, shortages when a job has ended.
    let forecast_at = Memo::new(move |_| {
        series.with(|series| series.as_ref().and_then(|it| Some((it.forecast_at?, it.baseline.clone()))))
    });
    let row = Memo::new(move |_| {
        let jobs = session.jobs.with(Vec::len);
        series.with(|series| series.as_ref().map(|it| (it.row, jobs)))
    });
    let forecast = told(
        forecast_at,
        |a, b| a.0 == b.0,
        move |(cell, _)| async move { api::forecast_details(session.workbook, cell).await.ok().flatten() },
    );
    let shortages = told(
        row,
        |a, b| a.0 == b.0,
        move |((sheet, row), _)| async move { api::row_shortages(session.workbook, sheet, row).await.ok().flatten() },
    );
    RowSignals {
        series: series.into(),
        several: several(session).into(),
        forecast,
        shortages: Signal::derive(move || shortages.get().unwrap_or_default()),
    }
}

/// What the server answers to a question once somebody rests on it; a question about the same thing keeps the answer before
/// until the next is there, which may take a job. Without any the row is shown without it: what is wrong stands in its cells.
fn told<Q, A, F>(
    question: Memo<Option<Q>>,
    is_same: fn(&Q, &Q) -> bool,
    ask: impl Fn(Q) -> F + Copy + Send + Sync + 'static,
) -> Signal<Option<A>>
where
    Q: Clone + PartialEq + Send + Sync + 'static,
    A: Clone + PartialEq + Send + Sync + 'static,
    F: Future<Output = Option<A>> + 'static,
{
    let told = RwSignal::new(None::<(Q, A)>);
    Effect::new(move || {
        let Some(asked) = question.get() else { return };
        set_timeout(
            move || {
                let is_still = move |asked: &Q| question.try_get_untracked().flatten().is_some_and(|now| now == *asked);
                if is_still(&asked) {
                    spawn_local(async move {
                        let answer = ask(asked.clone()).await;
                        if let Some(answer) = answer.filter(|_| is_still(&asked)) {
                            told.try_set(Some((asked, answer)));
                        }
                    });
                }
            },
            REST,
        );
    });
    let answer = Memo::new(move |_| {
        let now = question.get()?;
        told.with(|told| told.as_ref().filter(|(of, _)| is_same(of, &now)).map(|(_, answer)| answer.clone()))
    });
    answer.into()
}

/// Of the active row.
fn series(session: Session) -> Memo<Option<SeriesFigures>> {
    Memo::new(move |_| {
        session.followed.track();
        session.structure.track();
        let cell = session.selected.get()?;
        session.read(|book| figures(book, cell))?
    })
}

/// Of all selected rows, where they are several.
fn several(session: Session) -> Memo<Option<RowsFigures>> {
    Memo::new(move |_| {
        session.followed.track();
        session.structure.track();
        let cells = session.selected_rows.get();
        if cells.len() < 2 {
            return None;
        }
        session.read(|book| RowsFigures::of(cells.iter().filter_map(|cell| figures(book, *cell)).collect()))?
    })
}

/// A row by its sheet's history, forecast and plan measures.
fn figures(book: &Workbook, cell: CellRef) -> Option<SeriesFigures> {
    let sheet = book.sheet(cell.sheet)?;
    let meta = sheet.meta();
    if meta.kind != SheetKind::Planning || !sheet.measures().iter().any(|measure| measure.timed) {
        return None;
    }
    let horizon = meta.horizon?;
    let timed =
        |wanted: &dyn Fn(&Measure) -> bool| sheet.measures().iter().find(|measure| measure.timed && wanted(measure));
    let is_forecast = |kind: &MeasureKind| matches!(kind, MeasureKind::Formula(text) if text.contains("FORECAST"));
    let history = timed(&|measure| measure.span == Span::History && measure.kind == MeasureKind::Layer);
    let baseline = timed(&|measure| is_forecast(&measure.kind));
    let selected = sheet.measure(cell.col.measure).filter(|measure| measure.timed);
    // The plan line is the sheet's consensus where it has one, else the measure one stands on.
    let plan = timed(&|measure| measure.id.to_string() == "consensus").or(selected)?;
    let values = |measure: Option<&Measure>| -> Vec<Option<f64>> {
        horizon
            .buckets()
            .map(|bucket| {
                let col = ColId::timed(measure?.id, bucket);
                book.value(CellRef { col, ..cell }).as_number()
            })
            .collect()
    };
    Some(SeriesFigures {
        title: row_in_words(book, cell).unwrap_or_default(),
        unit: plan.unit.clone(),
        buckets: horizon.buckets().collect(),
        plan_from: Some(horizon.current),
        history: values(history),
        baseline: values(baseline),
        consensus: values(Some(plan)),
        plan_name: plan.name.clone(),
        row: (cell.sheet, cell.row),
        forecast_at: baseline.map(|measure| CellRef { col: ColId::timed(measure.id, horizon.current), ..cell }),
    })
}
