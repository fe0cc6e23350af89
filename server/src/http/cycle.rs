//! The month's cycle: steps, gates, submissions, decisions.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use grid_engine::calendar::Date;
use grid_engine::plan::{Cycle, CycleFacts, CyclePage, Done, PartState, StepKind, execution_rate};
use grid_engine::refs::{CellRef, RoomId};
use grid_engine::value::{ErrorKind, Value};
use grid_engine::wire::{Me, PersonInfo, Role};
use serde::Deserialize;

use super::branches::home;
use super::request::{Body, Path, Query};
use super::status::Problem;
use crate::app::App;
use crate::auth::Session;
use crate::clock::now_ms;
use crate::store::WorkbookId;
use crate::sync::{Replica, confined_to, may_write};

const MS_PER_DAY: i64 = 86_400_000;

/// Which month; the present one where none is asked for.
#[derive(Deserialize)]
pub(super) struct Question {
    month: Option<String>,
}

pub(super) async fn read(
    State(app): State<Arc<App>>,
    session: Session,
    Path(workbook): Path<String>,
    Query(Question { month }): Query<Question>,
) -> Result<Json<CyclePage>, Problem> {
    let home = home(&app, &workbook)?;
    let today = today();
    let month = month.unwrap_or_else(|| month_of(today));
    let known = app.store.cycles(home)?;
    let cycle = match known.iter().find(|cycle| cycle.month == month) {
        Some(cycle) => cycle.clone(),
        None => Cycle::of_month(&month).ok_or_else(|| Problem::NotFound(format!("month {month:?}")))?,
    };
    let mut months: Vec<String> = known.iter().map(|cycle| cycle.month.clone()).chain([month_of(today)]).collect();
    months.sort_by(|a, b| b.cmp(a));
    months.dedup();
    let people = app.store.people()?;
    let facts = facts(&app, home, &session.me, &month, people.clone()).await?;
    let seen = confined_to(&session.me);
    let gates = facts.gates(seen.is_empty());
    // What people write of the whole plan may tell of rows that are hidden, as with comments.
    let (cycle, execution_rate) = match seen.is_empty() {
        true => (cycle, execution_rate(&known, today)),
        false => (Cycle { agenda: String::new(), minutes: String::new(), decisions: Vec::new(), ..cycle }, None),
    };
    let parts = facts.parts.into_iter().filter(|part| seen.is_empty() || seen.contains(&part.label)).collect();
    let active = people.into_iter().filter(|person| !person.disabled).map(|person| person.name);
    Ok(Json(CyclePage {
        execution_rate,
        cycle,
        months,
        gates,
        parts,
        may_lead: leads(&session.me),
        me: session.me.name,
        people: active.collect(),
        today: today.to_string(),
    }))
}

/// Who leads the cycle sees all of it.
fn leads(me: &Me) -> bool {
    me.may_freeze && !me.is_confined()
}

/// Keeps a cycle as somebody has changed it.
pub(super) async fn put(
    State(app): State<Arc<App>>,
    session: Session,
    Path(workbook): Path<String>,
    Body(cycle): Body<Cycle>,
) -> Result<(), Problem> {
    if !leads(&session.me) {
        return Err(Problem::Forbidden("change the cycle"));
    }
    if let Some(problem) = cycle.problem() {
        return Err(Problem::Invalid(problem));
    }
    let home = home(&app, &workbook)?;
    let month = cycle.month.clone();
    let change = move |kept: &mut Cycle| {
        if kept.revision != cycle.revision {
            return Err("Somebody else has changed the cycle since you opened it. Copy what you wrote, load the page anew, and put it in again.".to_owned());
        }
        // Steps are done by those who answer for them, not by rewriting.
        let done: Vec<Option<Done>> = kept.steps.iter().map(|step| step.done.clone()).collect();
        *kept = cycle;
        kept.steps.iter_mut().zip(done).for_each(|(step, done)| step.done = done);
        Ok(())
    };
    app.store.change_cycle(home, month.clone(), change).await?;
    app.revisions.changed(home);
    note(&app, &session.me, format!("changed the cycle of {month} in {home}")).await
}

/// A step that is done, or is not after all.
#[derive(Deserialize)]
pub(super) struct StepDone {
    month: String,
    step: StepKind,
    done: bool,
}

pub(super) async fn step(
    State(app): State<Arc<App>>,
    session: Session,
    Path(workbook): Path<String>,
    Body(StepDone { month, step, done }): Body<StepDone>,
) -> Result<(), Problem> {
    let home = home(&app, &workbook)?;
    let me = session.me.clone();
    let known = app.store.cycles(home)?.into_iter().find(|cycle| cycle.month == month);
    let is_owner = known.is_some_and(|cycle| cycle.steps.iter().any(|it| it.kind == step && it.owner == me.name));
    if !leads(&me) && !is_owner {
        return Err(Problem::Forbidden("say that this step is done: its owner does"));
    }
    if Cycle::of_month(&month).is_none() {
        return Err(Problem::Invalid(format!("{month:?} is no month.")));
    }
    let by = me.name.clone();
    let change = move |cycle: &mut Cycle| {
        for kept in cycle.steps.iter_mut().filter(|kept| kept.kind == step) {
            kept.done = done.then(|| Done { by: by.clone(), at: now_ms() });
        }
        Ok(())
    };
    app.store.change_cycle(home, month.clone(), change).await?;
    app.revisions.changed(home);
    let what = if done { "done" } else { "not done after all" };
    note(&app, &me, format!("{}: {what}, in the cycle of {month} in {home}", step.title())).await
}

/// A part that is submitted, or is not after all.
#[derive(Deserialize)]
pub(super) struct Submit {
    month: String,
    part: String,
    submitted: bool,
}

pub(super) async fn submit(
    State(app): State<Arc<App>>,
    session: Session,
    Path(workbook): Path<String>,
    Body(Submit { month, part, submitted }): Body<Submit>,
) -> Result<(), Problem> {
    let home = home(&app, &workbook)?;
    if Cycle::of_month(&month).is_none() {
        return Err(Problem::Invalid(format!("{month:?} is no month.")));
    }
    let live = app.hub.workbook(home).await?;
    let (me, label) = (session.me.clone(), part.clone());
    let found = live.ask(move |replica| parts(replica, &me).into_iter().find(|(known, ..)| *known == label)).await?;
    match found {
        None => return Err(Problem::NotFound(format!("part {part:?} of the demand"))),
        Some((_, _, false)) => return Err(Problem::Forbidden("submit this part: those who plan it do")),
        Some(_) => {}
    }
    let done = submitted.then(|| Done { by: session.me.name.clone(), at: now_ms() });
    app.store.submit(home, month.clone(), part.clone(), done).await?;
    app.revisions.changed(home);
    let what = if submitted { "submitted" } else { "took back" };
    note(&app, &session.me, format!("{what} {part} for {month} in {home}")).await
}

async fn note(app: &App, me: &Me, body: String) -> Result<(), Problem> {
    Ok(app.store.note(now_ms(), me.person, "cycle", body).await?)
}

fn today() -> Date {
    Date::from_days(i32::try_from(now_ms() / MS_PER_DAY).unwrap_or(0))
}

fn month_of(day: Date) -> String {
    let (year, month, _) = day.ymd();
    format!("{year}-{month:02}")
}

/// The parts of the demand with their rooms, and whether a person may write them. A demand that has none is one part.
fn parts(replica: &Replica, me: &Me) -> Vec<(String, RoomId, bool)> {
    let mirror = replica.workbook.mirror();
    let Some(info) = mirror.sheets().iter().find(|info| info.role == "demand") else { return Vec::new() };
    let Some(sheet) = mirror.sheet(info.id) else { return Vec::new() };
    let known = &sheet.meta().parts;
    if known.is_empty() {
        let room = RoomId::Sheet(info.id);
        return vec![(info.title.clone(), room, may_write(me, mirror, room))];
    }
    let part = |(part, label): (&_, &String)| {
        let room = RoomId::Part(info.id, *part);
        (label.clone(), room, may_write(me, mirror, room))
    };
    known.iter().map(part).collect()
}

/// What the gates are judged by.
async fn facts(
    app: &App,
    home: WorkbookId,
    me: &Me,
    month: &str,
    people: Vec<PersonInfo>,
) -> Result<CycleFacts, Problem> {
    let live = app.hub.workbook(home).await?;
    let asked = me.clone();
    let (parts, errors, waiting) = live
        .ask(move |replica| {
            let (errors, waiting) = errors(replica);
            (parts(replica, &asked), errors, waiting)
        })
        .await?;
    let submissions = app.store.submissions(home, month)?;
    let mut states = Vec::new();
    for (label, room, is_mine) in parts {
        let plans =
            |person: &&PersonInfo| person.role == Role::Sales && !person.disabled && person.scope.contains(&label);
        let submitted = submissions.iter().find(|(part, _)| *part == label).map(|(_, done)| done.clone());
        let changed = match &submitted {
            Some(_) => app.store.changed_since_submission(home, month, &label, room)?,
            None => None,
        };
        let planners = people.iter().filter(plans).map(|person| person.name.clone()).collect();
        states.push(PartState { planners, submitted, changed, is_mine, label });
    }
    let first: Option<Date> = format!("{month}-01").parse().ok();
    let since = first.map_or(0, |day| i64::from(day.days()) * MS_PER_DAY);
    let versions = app.store.versions(home)?.into_iter().filter(|version| version.at >= since);
    Ok(CycleFacts {
        parts: states,
        errors,
        waiting,
        versions: versions.map(|version| (version.kind, version.state)).collect(),
    })
}

/// Cells in error by the roles of their sheets, and cells whose values are being worked out.
fn errors(replica: &Replica) -> (Vec<(String, usize)>, usize) {
    let (mut errors, mut waiting) = (Vec::new(), 0);
    let mirror = replica.workbook.mirror();
    for info in mirror.sheets().iter().filter(|info| !info.role.is_empty()) {
        let Some(sheet) = mirror.sheet(info.id) else { continue };
        let mut count = 0;
        for &row in sheet.rows() {
            for &col in sheet.cols() {
                match replica.workbook.value(CellRef { sheet: info.id, row, col }) {
                    Value::Error(error) if error.kind == ErrorKind::Busy => waiting += 1,
                    Value::Error(_) => count += 1,
                    _ => {}
                }
            }
        }
        if count > 0 {
            errors.push((info.role.clone(), count));
        }
    }
    (errors, waiting)
}
