//! Layers, as the browser loads them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use grid_engine::refs::{MeasureId, SheetId};
use grid_engine::wire::{FactsData, FactsInfo};

use super::request::LiveSession;
use super::status::Problem;
use super::workbooks::open;
use crate::app::App;
use crate::sync::Replica;

pub(super) async fn list(
    State(app): State<Arc<App>>,
    _: LiveSession,
    Path(workbook): Path<String>,
) -> Result<Json<Vec<FactsInfo>>, Problem> {
    Ok(Json(open(&app, &workbook).await?.ask(Replica::layer_infos).await?))
}

pub(super) async fn layer(
    State(app): State<Arc<App>>,
    _: LiveSession,
    Path((workbook, sheet, measure)): Path<(String, String, String)>,
) -> Result<Json<FactsData>, Problem> {
    let none = || Problem::NotFound(format!("layer {measure} of sheet {sheet}"));
    let (sheet, measure): (SheetId, MeasureId) =
        (sheet.parse().map_err(|_| none())?, measure.parse().map_err(|_| none())?);
    let workbook = open(&app, &workbook).await?;
    let facts = workbook.ask(move |replica| replica.workbook.facts(sheet, measure).cloned()).await?.ok_or_else(none)?;
    let values = facts.values.into_iter().map(|value| value.is_finite().then_some(value)).collect();
    Ok(Json(FactsData { rows: facts.rows, first: facts.first, width: facts.width, values }))
}
