//! The supply plan of the live workbook, and questions to it.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use grid_engine::calc::AskedPlan;
use grid_engine::formula::{PlanTable, SolveCall};
use grid_engine::plan::{AskPlan, Customer, PlanAnswer, ShortageLine, SolvedSupply, SupplyReport, SupplyState};
use grid_engine::supply::study::Study;
use grid_engine::value::Value;
use grid_engine::wire::Role;
use serde::Deserialize;
use tokio::sync::oneshot;

use super::request::{Body, LiveSession, Path, Query};
use super::status::Problem;
use super::workbooks::{open, workbook_id};
use crate::app::App;
use crate::jobs::KeptAnswer;
use crate::sync::{Command, LiveWorkbook, ShownPlan};

/// A question that takes longer is asked again: proxies end requests that are silent for long.
const PATIENCE: Duration = Duration::from_secs(20);

/// The plan whoever asks knows already.
#[derive(Deserialize)]
pub(super) struct Known {
    #[serde(default)]
    known: String,
}

pub(super) async fn read(
    State(app): State<Arc<App>>,
    LiveSession(_): LiveSession,
    Path(workbook): Path<String>,
    Query(Known { known }): Query<Known>,
) -> Result<Json<SupplyState>, Problem> {
    let id = workbook_id(&workbook)?;
    let live = open(&app, &workbook).await?;
    let (plan, shown, currency) = live
        .ask(|replica| (replica.workbook.supply_plan(), replica.shown_plan.clone(), replica.currency.clone()))
        .await?;
    let Some(plan) = plan else { return Ok(Json(SupplyState::None)) };
    let solved = |shown: &ShownPlan| {
        let report = SupplyReport::clone(shown.report.as_ref()?);
        let (key, objective) = (shown.key.to_string(), shown.objective.clone());
        Some(Box::new(SolvedSupply { key, objective, currency: currency.clone(), report }))
    };
    let shown = shown.filter(|shown| shown.report.is_some());
    match &plan.answer {
        None => return Ok(Json(SupplyState::Solving)),
        Some(Value::Error(error)) => {
            let message = error.detail().map_or_else(|| "The plan failed.".to_owned(), ToString::to_string);
            let remedy = remedy(&plan).to_owned();
            return Ok(Json(match shown {
                None => SupplyState::Failed { message, remedy },
                Some(last) if last.key.to_string() == known => SupplyState::Outdated { message, remedy, last: None },
                Some(last) => SupplyState::Outdated { message, remedy, last: solved(&last) },
            }));
        }
        Some(_) => {}
    }
    let key = told_key(&plan);
    if key == known {
        return Ok(Json(SupplyState::Same));
    }
    if let Some(solved) = shown.filter(|shown| shown.key == plan.key).and_then(|shown| solved(&shown)) {
        return Ok(Json(SupplyState::Solved(Box::new(SolvedSupply { key, ..*solved }))));
    }
    let (store, of) = (app.store.clone(), plan.key);
    let kept = tokio::task::spawn_blocking(move || store.answer(id, of)).await;
    let kept = kept.map_err(|error| Problem::Invalid(error.to_string()))??;
    let answer: Option<KeptAnswer> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    // The answer is in the cells a moment before it is in the store.
    let Some(report) = answer.and_then(|answer| answer.report) else { return Ok(Json(SupplyState::Solving)) };
    let objective = plan.call.objective.clone();
    Ok(Json(SupplyState::Solved(Box::new(SolvedSupply { key, objective, currency, report: *report }))))
}

/// Ends the key of a plan that is shown until the same one has been solved afresh.
const EARLY: char = '~';

/// The key of the plan as pages know it: another one once it is final.
fn told_key(plan: &AskedPlan) -> String {
    let early = plan.is_early.then_some(EARLY);
    plan.key.to_string().chars().chain(early).collect()
}

/// What to do where there is no plan.
fn remedy(plan: &AskedPlan) -> &'static str {
    match plan.is_given_up {
        true => {
            "Nothing in the workbook is wrong by that: have the plan solved again, or change something it is made of."
        }
        false => "Correct what is named there in the workbook, and the plan is solved again by itself.",
    }
}

/// A row of a sheet.
#[derive(Deserialize)]
pub(super) struct OfRow {
    sheet: String,
    row: String,
}

/// What comes late or never of a row, and why; `None` while the plan is being solved.
pub(super) async fn shortages(
    State(app): State<Arc<App>>,
    LiveSession(_): LiveSession,
    Path(workbook): Path<String>,
    Query(OfRow { sheet, row }): Query<OfRow>,
) -> Result<Json<Option<Vec<ShortageLine>>>, Problem> {
    let (Ok(sheet), Ok(row)) = (sheet.parse(), row.parse()) else {
        return Err(Problem::NotFound(format!("row {row:?} of sheet {sheet:?}")));
    };
    let live = open(&app, &workbook).await?;
    let (plan, _) = plan_of(&live).await?;
    let customer = live.ask(move |replica| Customer::of_row(&replica.workbook, sheet, row)).await?;
    let (Some(customer), Some(plan)) = (customer, plan) else { return Ok(Json(Some(Vec::new()))) };
    Ok(Json(plan.answer.map(|answer| customer.shortages(&PlanTable::Why.of(answer)))))
}

pub(super) async fn ask(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
    Body(request): Body<AskPlan>,
) -> Result<Json<PlanAnswer>, Problem> {
    if session.me.role == Role::Viewer {
        return Err(Problem::Forbidden("ask questions to the supply plan"));
    }
    if request.study == Study::Plan {
        return Err(Problem::Invalid("Ask a what-if, for relief or for a trade-off.".into()));
    }
    let live = open(&app, &workbook).await?;
    let (plan, _) = plan_of(&live).await?;
    let Some(plan) = plan.filter(|plan| plan.key.to_string() == request.key.trim_end_matches(EARLY)) else {
        return Ok(Json(PlanAnswer::Outdated));
    };
    let call = Arc::new(SolveCall { study: request.study, ..(*plan.call).clone() });
    let (told, answer) = oneshot::channel();
    live.send(Command::AskPlan { call, told }).await?;
    Ok(Json(match tokio::time::timeout(PATIENCE, answer).await {
        Err(_) => PlanAnswer::Working,
        Ok(Err(_)) => PlanAnswer::Failed { message: "The workbook was closed meanwhile: ask again.".into() },
        Ok(Ok(answer)) => match answer.value {
            Value::Array(table) => {
                PlanAnswer::Done { table: table.cells().chunks(table.cols()).map(<[Value]>::to_vec).collect() }
            }
            Value::Error(error) => PlanAnswer::Failed {
                message: error.detail().map_or_else(|| "There is no answer.".to_owned(), ToString::to_string),
            },
            _ => PlanAnswer::Failed { message: "There is no answer.".into() },
        },
    }))
}

/// The plan that sheets show, and the currency.
async fn plan_of(live: &LiveWorkbook) -> Result<(Option<AskedPlan>, String), Problem> {
    Ok(live.ask(|replica| (replica.workbook.supply_plan(), replica.currency.clone())).await?)
}
