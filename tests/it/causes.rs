//! What drives a key figure, over HTTP: taken apart live and in a frozen version, each as it is.

use std::path::Path;

use equipoise_server::exchange::blueprint::{MeasureBlueprint, RowBlueprint, SheetBlueprint, measure_id, row_id};
use grid_engine::calendar::Horizon;
use grid_engine::doc::{Input, Span};
use grid_engine::plan::{Bridge, Cause, CauseNode, RootCause, VersionInfo};
use grid_engine::refs::{CellRef, ColId, RoomId};
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::peer::Peer;
use crate::plan::{self, bucket, sheet};
use crate::server::Server;

const WORKBOOK: &str = "service";

/// Ten of each asked for in both months; two of Tea and three of Soap are not served, and why is told of Soap.
fn fill(folder: &Path) {
    plan::fill(folder);
    let months = ["2026-04", "2026-05"].map(bucket);
    let horizon = Horizon { first: months[0], current: months[0], last: months[1] };
    let row = |item: &str, region: &str, family: &str, served: [f64; 2]| {
        let timed = |measure: &str, numbers: [f64; 2]| {
            let of = measure_id(measure);
            months.into_iter().zip(numbers).map(move |(month, number)| (ColId::timed(of, month), number.into()))
        };
        let family = (ColId::fixed(measure_id("family")), family.into());
        let cells = timed("demand", [10.0; 2]).chain(timed("served", served)).chain([family]).collect();
        RowBlueprint { key: vec![item.to_owned(), region.to_owned()], cells }
    };
    let profit = SheetBlueprint::planning("profit", "Profit", &["Item", "Region"])
        .role("profit")
        .horizon(horizon)
        .measure(MeasureBlueprint::input("family", "Family"))
        .measure(MeasureBlueprint::input("demand", "Demand").timed(Span::Plan))
        .measure(MeasureBlueprint::input("served", "Served").timed(Span::Plan))
        .rows([row("Tea", "North", "Drinks", [8.0, 10.0]), row("Soap", "South", "Care", [10.0, 7.0])]);
    let score = (ColId::fixed(measure_id("value")), "=KPI(\"unit_fill_rate\",Profit[Served],Profit[Demand])".into());
    let kpis = SheetBlueprint::planning("kpis", "KPIs", &["KPI"])
        .role("kpis")
        .measure(MeasureBlueprint::input("target", "Target"))
        .measure(MeasureBlueprint::input("value", "Value"))
        .rows([RowBlueprint { key: vec!["unit_fill_rate".to_owned()], cells: vec![score] }]);
    let summary = SheetBlueprint::free("summary", "Summary").role("summary");
    let told =
        summary.cell(0, 0, "Short: Soap / South, 2026-05").cell(0, 1, 3.0).cell(0, 2, "capacity of Line 2 in 2026-05");
    plan::keep(folder, WORKBOOK, "Service", vec![profit, kpis, told]);
}

/// A tree's nodes from the root on, as `level name value`.
fn told(node: &CauseNode, into: &mut Vec<String>) {
    into.push(format!("{} {} {}", node.level, node.name, node.value).trim().to_owned());
    let sum: f64 = node.children.iter().map(|child| child.value).sum();
    assert!(node.children.is_empty() || sum == node.value, "{node:?}");
    node.children.iter().for_each(|child| told(child, into));
}

#[tokio::test]
async fn a_figure_is_taken_apart_as_it_was_frozen_and_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_owned();
    tokio::task::spawn_blocking(move || fill(&path)).await.unwrap();
    let server = Server::serve(folder).await;
    let (dan, eva) = (server.sign_in("dan").await, server.sign_in("eva").await);
    let body = json!({ "name": "Short", "kind": "consensus", "comment": "" });
    let path = format!("/api/workbooks/{WORKBOOK}/versions");
    let frozen: VersionInfo =
        server.request(Method::POST, &path, &dan).json(&body).send().await.unwrap().json().await.unwrap();

    let mut ada = Peer::join_workbook(&server, "ada", WORKBOOK).await;
    let served = ColId::timed(measure_id("served"), bucket("2026-05"));
    let soap = CellRef { sheet: sheet("profit"), row: row_id(&["Soap", "South"]), col: served };
    ada.enter(soap, Input::Number(10.0)).await;
    ada.until("the saved mark", |peer| peer.is_saved(RoomId::Sheet(sheet("profit")))).await;

    let causes = async |cookie: &str, version: &str, kpi: &str| {
        server.get(&format!("{path}/{version}/causes/{kpi}"), cookie).await
    };
    let tree = |found: &RootCause| {
        let mut nodes = Vec::new();
        told(&found.root, &mut nodes);
        nodes
    };
    let before: RootCause = causes(&eva, &frozen.id.to_string(), "unit_fill_rate").await.json().await.unwrap();
    assert_eq!((before.kpi.value, &*before.unit), (Some(35.0 / 40.0), "units"));
    assert_eq!(
        tree(&before),
        [
            "5",
            "Family Care 3",
            "Item Soap 3",
            "Region South 3",
            "Cause capacity of Line 2 3",
            "Family Drinks 2",
            "Item Tea 2",
            "Region North 2",
            "Cause short, its limit not told 2",
        ]
    );
    assert_eq!(before.root.points, 5.0 / 40.0, "what the figure is short of perfect");
    let now: RootCause = causes(&dan, "live", "unit_fill_rate").await.json().await.unwrap();
    assert_eq!(now.kpi.value, Some(38.0 / 40.0));
    assert_eq!(tree(&now)[..3], ["2", "Family Drinks 2", "Item Tea 2"]);
    // The same figure is bridged from one to the other: Soap is served better in May.
    let bridge = format!("/api/workbooks/{WORKBOOK}/bridge?a={}&b=live&by=Family&figure=", frozen.id);
    let found: Bridge = server.get(&format!("{bridge}unit_fill_rate"), &dan).await.json().await.unwrap();
    assert_eq!((found.from, found.to, &*found.unit), (35.0 / 40.0, 38.0 / 40.0, "%"));
    assert_eq!(found.parts.iter().map(|part| part.cause).collect::<Vec<_>>(), [Cause::Rate]);
    assert!((found.parts[0].lines[0].value - 3.0 / 40.0).abs() < 1e-12 && found.parts[0].lines[0].name == "Care");
    let refused = server.get(&format!("{bridge}fva"), &dan).await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("fva has no bridge: it is one error less another"));
    for (cookie, version, kpi, status, words) in [
        (&dan, "live", "otif", 422, "the scorecard has no key figure"),
        (&dan, "nowhere", "unit_fill_rate", 404, "nowhere"),
        (&eva, "live", "unit_fill_rate", 403, "the live plan"),
    ] {
        let answer = causes(cookie, version, kpi).await;
        assert_eq!(answer.status(), status, "{version} {kpi}");
        let said = answer.text().await.unwrap();
        assert!(said.contains(words), "{said}");
    }
}
