//! `equipoise demo`.

use std::collections::HashMap;
use std::path::PathBuf;

use grid_engine::calc::JobKey;
use grid_engine::calendar::{Bucket, Date, Grain};
use grid_engine::doc::{Edit, Op};
use grid_engine::plan::{VersionInfo, VersionKind, VersionState, freeze};
use grid_engine::refs::{CellRef, Id, RoomId, SheetId};
use grid_engine::wire::Scalar;
use grid_engine::workbook::{Clock, Workbook};

use super::Refused;
use super::import::stored;
use crate::clock::now_ms;
use crate::demo::people::{PASSWORD, PEOPLE};
use crate::demo::{self, Company};
use crate::jobs::settle;
use crate::store::{CellChange, EditRecord, NewPerson, NewUpdate, NewVersion, Store, StoreError, person_id};
use crate::sync::scalar_of_input;

/// Fills a data folder with the demo company: a workbook, its people, and a frozen consensus.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder; made when missing.
    #[arg(long)]
    data: PathBuf,
    /// The same seed makes the same company.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// The workbook's id, as its address shows it.
const WORKBOOK: &str = "demo";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    make(args).map_err(|problem| vec![problem])
}

fn make(args: &Args) -> Result<(), String> {
    let say = |error: StoreError| error.to_string();
    let store = Store::open(&args.data).map_err(say)?;
    let id = SheetId::named(WORKBOOK).map_err(|error| error.to_string())?;
    if store.workbook(id).map_err(say)?.is_some() {
        return Err(format!("{} holds the demo company already: delete the folder to start over", args.data.display()));
    }
    let now = now_ms();
    let current = Bucket::containing(Date::from_days((now / DAY_MS) as i32), Grain::Month);
    let company = demo::found(args.seed, current);
    let mut made = Making { answers: Vec::new(), versions: Vec::new() };
    println!("making up the company, forecasting and solving its plan (about half a minute)");
    let mut workbook = company.blueprint.build(person_id("admin"), now).map_err(|error| error.to_string())?;
    let last_month = current.plus(-1);
    made.freeze(
        &mut workbook,
        &company,
        &format!("Consensus {last_month}"),
        VersionState::Consensus,
        now - 24 * DAY_MS,
    )?;
    let blueprint = &company.blueprint;
    let begun = stored(id, &blueprint.title, &blueprint.currency, &workbook)?;
    let mut entered = Vec::new();
    for edit in company.entries(&workbook, person_id, now).map_err(|error| error.to_string())? {
        entered.extend(enter(&mut workbook, &edit, entered.len() as u64)?);
    }
    made.freeze(&mut workbook, &company, &format!("Proposal {current}"), VersionState::Proposed, now)?;
    store.create_workbook(begun).map_err(say)?;
    for Entered { update, why } in entered {
        let (room, by, at, clocks) = (update.room, update.by, update.at, (update.record.writer, update.record.to));
        store.append_updates(id, vec![update], Vec::new()).wait().map_err(say)?;
        store.note_why(id, room, by, at, clocks, why).wait().map_err(say)?;
    }
    store.put_answers(id, made.answers).wait().map_err(say)?;
    for version in made.versions {
        let (_, kept) = store.freeze_version(id, version).map_err(say)?;
        kept.wait().map_err(say)?;
    }
    for person in &PEOPLE {
        let new = NewPerson {
            user: person.user.to_owned(),
            password: PASSWORD.to_owned(),
            name: person.name.to_owned(),
            title: person.title.to_owned(),
            role: person.role,
            scope: person.scope.iter().map(|part| (*part).to_owned()).collect(),
            colour: person.colour.to_owned(),
            demo_password_shown: true,
        };
        store.put_person(new).map_err(say)?;
    }
    store.put_alert_rules(id, demo::alert_rules()).wait().map_err(say)?;
    let month = current.to_string();
    store
        .change_cycle(id, month, |cycle| {
            demo::plan_cycle(cycle);
            Ok(())
        })
        .wait()
        .map_err(say)?;
    println!("{} is ready in {}; people (password {PASSWORD}):", blueprint.title, args.data.display());
    for person in &PEOPLE {
        println!("  {:8} {}, {}", person.user, person.name, person.title);
    }
    Ok(())
}

/// What somebody has entered in a room, and why.
struct Entered {
    update: NewUpdate,
    why: String,
}

/// Makes an edit, as one would who has the workbook open: the edit log tells of it later. `count` are those before it.
fn enter(workbook: &mut Workbook, edit: &Edit, count: u64) -> Result<Vec<Entered>, String> {
    let applied = workbook.apply(edit).map_err(|error| error.to_string())?;
    let before: HashMap<CellRef, Scalar> = inputs(&applied.inverse.ops).collect();
    let record = |room: RoomId, from: u64| {
        let room_of = |cell: CellRef| {
            let part = workbook.sheet(cell.sheet).and_then(|sheet| sheet.part_of(cell.row));
            part.map_or(RoomId::Sheet(cell.sheet), |part| RoomId::Part(cell.sheet, part))
        };
        let cells = inputs(&edit.ops).filter(|(cell, _)| room_of(*cell) == room).map(|(cell, new)| CellChange {
            cell,
            old: before.get(&cell).cloned().unwrap_or(Scalar::Blank(())),
            new,
        });
        // Nobody's writer id: its clocks only say which reason belongs to which entry.
        EditRecord { writer: 0, from, to: from + 1, cells: cells.collect(), others: 0 }
    };
    let update = |((room, body), from): ((RoomId, Vec<u8>), u64)| Entered {
        update: NewUpdate { room, by: edit.by, at: edit.at, body, record: record(room, from), first_use: false },
        why: edit.why.as_deref().unwrap_or_default().to_owned(),
    };
    Ok(applied.updates.into_iter().zip(count..).map(update).collect())
}

/// What an edit writes into cells.
fn inputs(ops: &[Op]) -> impl Iterator<Item = (CellRef, Scalar)> {
    ops.iter().filter_map(|op| match op {
        Op::SetCell { cell, input, .. } => Some((*cell, input.as_ref().map_or(Scalar::Blank(()), scalar_of_input))),
        _ => None,
    })
}

/// What comes about while the company is made.
struct Making {
    answers: Vec<(JobKey, Vec<u8>)>,
    /// Versions, oldest first.
    versions: Vec<NewVersion>,
}

impl Making {
    fn freeze(
        &mut self,
        workbook: &mut Workbook,
        company: &Company,
        name: &str,
        state: VersionState,
        at: i64,
    ) -> Result<(), String> {
        let clock = Clock { now: Date::from_days((at / DAY_MS) as i32).serial(), seed: 1 };
        self.answers.extend(settle(workbook, clock)?);
        let blueprint = &company.blueprint;
        let bundle = freeze(workbook, &blueprint.title, &blueprint.currency).map_err(|error| error.to_string())?;
        let (user, comment) = match state {
            VersionState::Consensus => ("elena", "Agreed in last month's executive meeting."),
            _ => ("dana", "With the summer promotion and Iberia's hotel season."),
        };
        let info = VersionInfo {
            id: Id::of_key(&[WORKBOOK, name]),
            name: name.to_owned(),
            kind: VersionKind::Consensus,
            state,
            comment: comment.to_owned(),
            by: person_id(user),
            by_name: PEOPLE
                .iter()
                .find(|person| person.user == user)
                .map_or_else(String::new, |person| person.name.to_owned()),
            at,
            hash: String::new(),
            headline: bundle.headline,
            history: Vec::new(),
            log: None,
            logs: Vec::new(),
            seals: Vec::new(),
        };
        self.versions.push(NewVersion { info, parts: bundle.parts });
        Ok(())
    }
}
