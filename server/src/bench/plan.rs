//! The data folder of a load test: one free sheet, and people who sign in with tokens.

use std::path::Path;

use grid_engine::refs::{ColId, Id, MeasureId, RoomId, SheetId};
use grid_engine::wire::{Role, TokenInfo};
use grid_engine::workbook::Workbook;
use sha2::{Digest, Sha256};

use crate::exchange::blueprint::{Blueprint, MeasureBlueprint, RowBlueprint, SheetBlueprint, row_id};
use crate::store::{NewPerson, NewWorkbook, Store, person_id};

/// The workbook and its sheet.
pub const WORKBOOK: &str = "load";
/// Connections share some people, as colleagues share an address.
const PEOPLE: usize = 20;
const COLUMNS: usize = 20;
const LONG_AGO: i64 = 0;

/// What the generator needs to know.
pub struct LoadPlan {
    pub room: RoomId,
    pub rows: Vec<String>,
    /// Names of the columns' root maps.
    pub columns: Vec<String>,
    /// Secrets to sign in with.
    pub tokens: Vec<String>,
}

/// Fills a folder; `filled` has every cell entered already.
pub async fn fill(folder: &Path, cells: usize, filled: bool) -> Result<LoadPlan, String> {
    let folder = folder.to_owned();
    let filling = tokio::task::spawn_blocking(move || make(&folder, cells, filled));
    filling.await.map_err(|error| error.to_string())?
}

fn make(folder: &Path, cells: usize, filled: bool) -> Result<LoadPlan, String> {
    let sheet = SheetId::named(WORKBOOK).map_err(|error| error.to_string())?;
    let rows: Vec<String> = (0..cells.div_ceil(COLUMNS)).map(|row| format!("Row {row}")).collect();
    let measures: Vec<String> = (0..COLUMNS).map(|column| format!("m{column}")).collect();
    let columns: Result<Vec<ColId>, _> = measures.iter().map(|id| MeasureId::named(id).map(ColId::fixed)).collect();
    let columns = columns.map_err(|error| error.to_string())?;
    let mut blueprint = SheetBlueprint::planning(WORKBOOK, "Load", &["Row"]);
    for measure in &measures {
        blueprint = blueprint.measure(MeasureBlueprint::input(measure, measure));
    }
    let cells_of = |row: usize| {
        let entered = columns.iter().filter(move |_| filled).enumerate();
        entered.map(|(at, &col)| (col, ((row * COLUMNS + at) as f64).into())).collect()
    };
    let rows_of = rows.iter().enumerate().map(|(at, key)| RowBlueprint { key: vec![key.clone()], cells: cells_of(at) });
    let plan = Blueprint {
        title: "Load".into(),
        currency: "EUR".into(),
        sheets: vec![blueprint.rows(rows_of.collect::<Vec<_>>())],
    };
    Ok(LoadPlan {
        room: RoomId::Sheet(sheet),
        rows: rows.iter().map(|key| row_id(&[key]).to_string()).collect(),
        columns: columns.iter().map(|col| format!("c:{col}")).collect(),
        tokens: keep(folder, plan)?,
    })
}

/// Keeps a workbook in a new folder; secrets to sign in with, the first an administrator's.
pub fn keep(folder: &Path, plan: Blueprint) -> Result<Vec<String>, String> {
    let workbook: Workbook = plan.build(person_id("load0"), LONG_AGO).map_err(|error| error.to_string())?;
    let state = |room| workbook.encode_state(room, None).map(|state| (room, state)).map_err(|error| error.to_string());
    let store = Store::open(folder).map_err(|error| error.to_string())?;
    let new = NewWorkbook {
        id: SheetId::named(WORKBOOK).map_err(|error| error.to_string())?,
        title: plan.title,
        currency: plan.currency,
        rooms: workbook.known_rooms().into_iter().map(state).collect::<Result<_, _>>()?,
        facts: Vec::new(),
    };
    store.create_workbook(new).map_err(|error| error.to_string())?;
    (0..PEOPLE).map(|number| sign_up(&store, number)).collect()
}

fn sign_up(store: &Store, number: usize) -> Result<String, String> {
    let person = NewPerson {
        user: format!("load{number}"),
        password: format!("{:032x}", rand::random::<u128>()),
        name: format!("Load {number}"),
        title: String::new(),
        role: if number == 0 { Role::Admin } else { Role::Demand },
        scope: Vec::new(),
        colour: "#345".into(),
        demo_password_shown: false,
    };
    let id = store.put_person(person).map_err(|error| error.to_string())?;
    let secret = format!("eqp_{:032x}", rand::random::<u128>());
    let token = TokenInfo {
        id: Id::from_number(rand::random()),
        name: "load test".into(),
        created_at: LONG_AGO,
        expires_at: i64::MAX,
    };
    let hash = Sha256::digest(secret.as_bytes()).into();
    store.put_token(id, hash, token).wait().map_err(|error| error.to_string())?;
    Ok(secret)
}
