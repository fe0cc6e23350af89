//! Layers, as the browser loads them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use grid_engine::refs::{MeasureId, SheetId};
use grid_engine::wire::{FactsData, FactsInfo};

use super::request::{LiveSession, Path};
use super::status::Problem;
use super::workbooks::open;
use crate::app::App;
use crate::sync::{Replica, seen_facts, sees_layers};

pub(super) async fn list(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
) -> Result<Json<Vec<FactsInfo>>, Problem> {
    Ok(Json(open(&app, &workbook).await?.ask(move |replica| replica.layer_infos(&session.me)).await?))
}

pub(super) async fn layer(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path((workbook, sheet, measure)): Path<(String, String, String)>,
) -> Result<Json<FactsData>, Problem> {
    let none = || Problem::NotFound(format!("layer {measure} of sheet {sheet}"));
    let (sheet, measure): (SheetId, MeasureId) =
        (sheet.parse().map_err(|_| none())?, measure.parse().map_err(|_| none())?);
    let workbook = open(&app, &workbook).await?;
    let seen = move |replica: &Replica| {
        let (book, me) = (&replica.workbook, &session.me);
        let facts = book.facts(sheet, measure).filter(|_| sees_layers(me, book.mirror(), sheet)).cloned();
        facts.map(|facts| seen_facts(me, book.mirror(), sheet, facts))
    };
    let facts = workbook.ask(seen).await?.ok_or_else(none)?;
    let values = facts.values.into_iter().map(|value| value.is_finite().then_some(value)).collect();
    Ok(Json(FactsData { rows: facts.rows, first: facts.first, width: facts.width, values }))
}
