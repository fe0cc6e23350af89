//! How a forecast was made, as the row's panel asks for it, and to whom it is told.

use std::time::Duration;

use grid_engine::doc::Input;
use grid_engine::formula::ForecastDetails;
use grid_engine::refs::{CellRef, ColId, MeasureId, RoomId};

use crate::peer::Peer;
use crate::plan::{override_of, price_of, sheet};
use crate::server::{PATIENCE, Server};

fn path(cell: CellRef) -> String {
    let CellRef { sheet, row, col } = cell;
    format!("/api/workbooks/plan/forecast?sheet={sheet}&row={row}&col={col}")
}

fn baseline_of(item: &str, region: &str) -> CellRef {
    let cell = override_of(item, region);
    let first = cell.col.bucket.unwrap();
    CellRef { col: ColId::timed(MeasureId::named("baseline").unwrap(), first), ..cell }
}

/// What is told once the forecast is made.
async fn told(server: &Server, cookie: &str, cell: CellRef) -> ForecastDetails {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let answer = server.get(&path(cell), cookie).await;
        assert_eq!(answer.status(), 200);
        if let Some(details) = answer.json::<Option<ForecastDetails>>().await.unwrap() {
            return details;
        }
        assert!(tokio::time::Instant::now() < deadline, "no forecast of {cell:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_forecast_says_how_it_was_made_to_whoever_sees_what_it_follows_from() {
    let server = Server::start().await;
    let (admin, dan, nora) = (server.sign_in("ada").await, server.sign_in("dan").await, server.sign_in("nora").await);
    server.confine("nora", &["North", "reads:North"], &admin).await;
    let mut ada = Peer::join(&server, "ada").await;
    let north = baseline_of("Tea", "North");
    let details = told(&server, &dan, north).await;
    assert!(!details.mean.is_empty() && !details.methods.is_empty() && !details.reasons.is_empty(), "{details:?}");
    assert_eq!((details.lower.len(), details.upper.len()), (details.mean.len(), details.mean.len()));
    for ((mean, lower), upper) in details.mean.iter().zip(&details.lower).zip(&details.upper) {
        assert!(lower <= mean && mean <= upper, "{details:?}");
    }
    // Later buckets of the row are the same forecast; a cell that forecasts nothing has none to tell of.
    let next = CellRef { col: ColId::timed(north.col.measure, north.col.bucket.unwrap().plus(1)), ..north };
    assert_eq!(told(&server, &dan, next).await, details);
    let none = server.get(&path(override_of("Tea", "North")), &dan).await;
    assert_eq!(none.json::<Option<ForecastDetails>>().await.unwrap(), None);
    let nowhere = server.get("/api/workbooks/plan/forecast?sheet=demand&row=no-id!&col=override", &dan).await;
    assert_eq!(nowhere.status(), 404);

    // A price that is forecast from every region's demand.
    let price = price_of("Soap");
    let formula = "=SUM(FORECAST(SEQUENCE(1,24)*SUM(Demand[Override])))";
    let stored = ada.workbook.formula_stored(price, formula).unwrap();
    ada.enter(price, Input::Formula(stored.into())).await;
    ada.until("the saved mark", |peer| peer.is_saved(RoomId::Sheet(sheet("prices")))).await;
    assert_eq!(told(&server, &dan, price).await.mean.len(), 12);
    assert_eq!(server.get(&path(north), &nora).await.status(), 403, "nothing is known of what she sees");
    let _nora = Peer::join(&server, "nora").await;
    assert_eq!(told(&server, &nora, north).await, details);
    for hidden in [baseline_of("Tea", "South"), price] {
        assert_eq!(server.get(&path(hidden), &nora).await.status(), 403);
    }
}
