//! Freezing, marking, reading and comparing over HTTP.

use equipoise_server::exchange::bundle_file::BundleFile;
use grid_engine::doc::Input;
use grid_engine::plan::{Comparison, HEAD, Headline, VersionInfo, VersionState, seal};
use grid_engine::refs::RoomId;
use grid_engine::wire::{FactsData, FromPeer, Scalar, SheetFrame};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::peer::Peer;
use crate::plan::{override_of, part, price_of, row, sheet};
use crate::server::{PATIENCE, Server};

/// Freezes once the forecasts are there.
pub async fn freeze(server: &Server, cookie: &str, name: &str) -> VersionInfo {
    freeze_kind(server, cookie, name, "consensus").await
}

pub async fn freeze_kind(server: &Server, cookie: &str, name: &str, kind: &str) -> VersionInfo {
    freeze_of(server, cookie, "plan", name, kind).await
}

/// Freezes the plan or a branch of it.
pub async fn freeze_of(server: &Server, cookie: &str, workbook: &str, name: &str, kind: &str) -> VersionInfo {
    let path = format!("/api/workbooks/{workbook}/versions");
    let body = json!({ "name": name, "kind": kind, "comment": "" });
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let answer = server.request(Method::POST, &path, cookie).json(&body).send().await.unwrap();
        if answer.status() != 409 || tokio::time::Instant::now() > deadline {
            assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
            return answer.json().await.unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

/// Pages ask for the number every few seconds, whoever may open them.
#[tokio::test]
async fn a_plan_has_another_revision_whenever_what_pages_show_of_it_has_changed() {
    let server = Server::start().await;
    let (dan, eva) = (server.sign_in("dan").await, server.sign_in("eva").await);
    let revision = async || -> i64 {
        let answer = server.get("/api/workbooks/plan/revision", &eva).await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    };
    let mut last = revision().await;
    assert_eq!(revision().await, last, "asking changes nothing");
    let mut changed = async |what: &str| {
        let now = revision().await;
        assert_ne!(std::mem::replace(&mut last, now), now, "{what}");
    };
    let march = freeze(&server, &dan, "March").await;
    changed("a version").await;
    let path = format!("/api/workbooks/plan/versions/{}/consensus", march.id);
    assert_eq!(server.request(Method::POST, &path, &eva).send().await.unwrap().status(), 200);
    changed("its state").await;
    let rules = json!([{ "name": "Low", "when": "share < 0.9" }]);
    let put = server.request(Method::PUT, "/api/workbooks/plan/actuals/rules", &dan).json(&rules);
    assert_eq!(put.send().await.unwrap().status(), 200);
    changed("alert rules").await;
    let done = json!({ "month": "2026-04", "step": "demand", "done": true });
    let step = server.request(Method::POST, "/api/workbooks/plan/cycle/step", &dan).json(&done);
    assert_eq!(step.send().await.unwrap().status(), 200);
    changed("the cycle").await;
    assert_eq!(server.get("/api/workbooks/moon/revision", &eva).await.status(), 404);
}

#[tokio::test]
async fn a_frozen_version_stays_as_it_was() {
    let server = Server::start().await;
    let (dan, eva, vic) = (server.sign_in("dan").await, server.sign_in("eva").await, server.sign_in("vic").await);
    let march = freeze(&server, &dan, "March").await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(override_of("Tea", "North"), Input::Number(1000.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    let april = freeze(&server, &dan, "April").await;
    assert_ne!(march.hash, april.hash);

    let path = format!("/api/workbooks/plan/versions/{}/consensus", march.id);
    assert_eq!(server.request(Method::POST, &path, &dan).send().await.unwrap().status(), 403);
    let marked: VersionInfo = server.request(Method::POST, &path, &eva).send().await.unwrap().json().await.unwrap();
    assert_eq!(marked.state, VersionState::Consensus);

    // Drafts and proposals are their makers' to move, approval is Eva's, and what was decided stays.
    let to = |cookie: String, id, state: &'static str| {
        let path = format!("/api/workbooks/plan/versions/{id}/state");
        let request =
            server.request(Method::POST, &path, &cookie).json(&json!({ "state": state, "comment": "So be it" }));
        async move { request.send().await.unwrap() }
    };
    for (cookie, id, state, status) in [
        (&dan, april.id, "draft", 200),
        (&eva, april.id, "approved", 422),
        (&eva, april.id, "consensus", 422),
        (&vic, april.id, "proposed", 403),
        (&dan, april.id, "proposed", 200),
        (&dan, april.id, "approved", 403),
        (&eva, april.id, "approved", 200),
        (&eva, april.id, "draft", 422),
        (&eva, april.id, "superseded", 422),
        (&eva, march.id, "draft", 422),
    ] {
        assert_eq!(to(cookie.clone(), id, state).await.status(), status, "{state}");
    }
    let list: Vec<VersionInfo> = server.get("/api/workbooks/plan/versions", &eva).await.json().await.unwrap();
    let steps: Vec<_> =
        list[0].history.iter().map(|step| (step.to, step.by_name.as_str(), step.comment.as_str())).collect();
    assert_eq!(
        steps,
        [
            (VersionState::Draft, "DAN", "So be it"),
            (VersionState::Proposed, "DAN", "So be it"),
            (VersionState::Approved, "EVA", "So be it"),
        ]
    );

    let list: Vec<VersionInfo> = server.get("/api/workbooks/plan/versions", &eva).await.json().await.unwrap();
    assert_eq!(list.iter().map(|version| version.name.as_str()).collect::<Vec<_>>(), ["April", "March"]);
    let path = format!("/api/workbooks/plan/versions/{}/sheets", march.id);
    let sheets: Vec<Value> = server.get(&path, &eva).await.json().await.unwrap();
    assert_eq!(sheets.len(), 2);
    let frame: Value = server.get(&format!("{path}/demand"), &eva).await.json().await.unwrap();
    assert_eq!(frame["rows"].as_array().unwrap().len(), 4);

    let (a, b) = (march.id, april.id);
    let path = format!("/api/workbooks/plan/compare?a={a}&b={b}&measure=consensus&by=region");
    let comparison: Comparison = server.get(&path, &eva).await.json().await.unwrap();
    assert_eq!(comparison.lines[0].name, "North", "the largest difference first");
    assert!(comparison.lines[0].total_b > comparison.lines[0].total_a + 500.0, "{comparison:?}");
    assert_eq!(comparison.lines[1].total_a, comparison.lines[1].total_b);
    let path = format!("/api/workbooks/plan/compare?a={a}&b=live&measure=consensus&by=region");
    assert_eq!(server.get(&path, &eva).await.status(), 403, "live is not hers to see");
    assert_eq!(server.get(&path, &vic).await.status(), 200);
    let again = json!({ "name": "March", "kind": "demand", "comment": "" });
    let answer = server.request(Method::POST, "/api/workbooks/plan/versions", &dan).json(&again).send().await.unwrap();
    assert_eq!(answer.status(), 422);
}

/// However soon one asks after the saved mark, and however busy the workbook is with others, the values are those of
/// the saved inputs.
#[tokio::test]
async fn values_asked_for_follow_from_what_was_saved() {
    let server = Server::start().await;
    let vic = server.sign_in("vic").await;
    let mut nora = Peer::join(&server, "nora").await;
    let mut sven = Peer::join(&server, "sven").await;
    // While more is waiting when something has been stored, recalculation is put off.
    let ping = serde_json::to_string(&FromPeer::Ping).unwrap();
    let busy = tokio::spawn(async move {
        for number in 0.. {
            sven.enter(override_of("Tea", "South"), Input::Number(f64::from(number))).await;
            for _ in 0..20 {
                sven.send(None, Message::text(ping.clone())).await;
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    });
    let consensus = crate::plan::cell("consensus", "Tea", "North", "2026-04");
    for round in 1..=40 {
        let entered = f64::from(round * 100);
        nora.enter(override_of("Tea", "North"), Input::Number(entered)).await;
        nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
        let frame: SheetFrame =
            server.get("/api/workbooks/plan/versions/live/sheets/demand", &vic).await.json().await.unwrap();
        let row = frame.rows.iter().position(|row| *row == consensus.row).unwrap();
        let column = frame.columns.iter().find(|column| column.col == consensus.col).unwrap();
        assert_eq!(column.values[row], Scalar::Number(entered), "round {round}");
    }
    assert!(!busy.is_finished(), "the workbook was kept busy throughout");
    busy.abort();
}

#[tokio::test]
async fn wrong_requests_are_refused_in_words() {
    let server = Server::start().await;
    let vic = server.sign_in("vic").await;
    for (path, cookie, status) in [
        ("/api/me", "", 401),
        ("/api/workbooks/plan/versions", "", 401),
        ("/api/workbooks/nowhere/facts", &*vic, 404),
        ("/api/workbooks/nowhere/versions", &*vic, 404),
        ("/api/workbooks/nowhere/branches", &*vic, 404),
        ("/api/workbooks/nowhere/branch", &*vic, 404),
        ("/api/workbooks/plan/facts/demand/nothing", &*vic, 404),
        ("/api/workbooks/plan/versions/xyz/summary", &*vic, 404),
        ("/api/workbooks/plan/compare?a=live&b=live&measure=consensus&by=moon", &*vic, 422),
        ("/api/nowhere", &*vic, 404),
    ] {
        let answer = server.get(path, cookie).await;
        assert_eq!(answer.status(), status, "{path}");
        let refusal: grid_engine::wire::Refusal = answer.json().await.unwrap();
        assert!(!refusal.code.is_empty() && !refusal.message.is_empty(), "{path}");
    }
    let body = json!({ "name": "Mine", "kind": "demand", "comment": "" });
    let path = "/api/workbooks/plan/versions";
    let answer = server.request(Method::POST, path, &vic).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    let answer = server.request(Method::POST, "/api/login", "").body("{").send().await.unwrap();
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn bad_addresses_and_long_bodies_are_refused_with_codes() {
    let server = Server::start().await;
    let dan = server.sign_in("dan").await;
    let refusal = async |answer: reqwest::Response| {
        let status = answer.status().as_u16();
        let refusal: grid_engine::wire::Refusal = answer.json().await.unwrap();
        (status, refusal.code, refusal.message)
    };
    for path in [
        "/api/workbooks/plan/history?sheet=demand",
        "/api/workbooks/plan/branch/differences?direction=sideways",
        "/api/workbooks/plan/compare?a=live",
        "/api/workbooks/%ff/versions",
    ] {
        let (status, code, message) = refusal(server.get(path, &dan).await).await;
        assert_eq!((status, code.as_str()), (400, "request.malformed"), "{path}: {message}");
    }
    let (status, code, _) =
        refusal(server.request(Method::DELETE, "/api/workbooks/plan/locks/seven", &dan).send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (400, "request.malformed"));
    let long = json!({ "name": "Long", "kind": "demand", "comment": "x".repeat(70_000) });
    let answer = server.request(Method::POST, "/api/workbooks/plan/versions", &dan).json(&long).send().await.unwrap();
    let (status, code, message) = refusal(answer).await;
    assert_eq!((status, code.as_str()), (413, "request.too_large"), "{message}");
    assert!(message.contains("64 kB"), "{message}");
    let cycle = json!({ "month": "x".repeat(2 << 20) });
    let answer = server.request(Method::PUT, "/api/workbooks/plan/cycle", &dan).json(&cycle).send().await.unwrap();
    let (status, code, message) = refusal(answer).await;
    assert_eq!((status, code.as_str()), (413, "request.too_large"), "{message}");
    assert!(message.contains("1 MB"), "{message}");
}

#[tokio::test]
async fn c4_a_version_is_not_named_as_another_or_as_the_live_plan() {
    let server = Server::start().await;
    let dan = server.sign_in("dan").await;
    freeze(&server, &dan, "March plan").await;
    for name in [
        "March plan",
        "MARCH PLAN",
        "March  plan",
        "March\u{a0}plan",
        "M\u{430}rch plan",
        "March\u{200b} plan",
        "March\u{ad} plan",
        "live",
        "Live",
        "\u{2800}",
    ] {
        let body = json!({ "name": name, "kind": "consensus", "comment": "" });
        let request = server.request(Method::POST, "/api/workbooks/plan/versions", &dan).json(&body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 422, "{name:?}");
        let refusal: grid_engine::wire::Refusal = answer.json().await.unwrap();
        assert_eq!(refusal.code, "request.invalid", "{name:?}");
    }
    freeze(&server, &dan, "April plan").await;
}

#[tokio::test]
async fn colours_of_people_are_colours_and_nothing_else() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let put = async |colour: &str| {
        let request = server.request(Method::PUT, "/api/people/nora", &ada).json(&json!({ "colour": colour }));
        request.send().await.unwrap().status().as_u16()
    };
    for colour in ["red;background:url(//evil.example)", "red", "", "#12", "#12345g", "url(x)", "#0f766e\n"] {
        assert_eq!(put(colour).await, 422, "{colour:?}");
    }
    assert_eq!((put("#0F766e").await, put("#345").await), (200, 200));
}

/// Runs the program; its exit code and what it said.
pub fn run(arguments: &[&std::ffi::OsStr]) -> (i32, String) {
    let output = std::process::Command::new(equipoise_tests::program()).args(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

/// Seals what was altered anew, as who forges a bundle would.
pub fn forge(bundle: &mut BundleFile) {
    bundle.parts.retain(|(name, _)| name != HEAD);
    seal(&mut bundle.info, &bundle.previous, &mut bundle.parts).unwrap();
}

#[tokio::test]
async fn a_version_taken_out_verifies_and_a_touched_one_does_not() {
    use grid_engine::plan::chained_hash;

    let server = Server::start().await;
    let (dan, vic) = (server.sign_in("dan").await, server.sign_in("vic").await);
    freeze(&server, &dan, "March").await;
    let april = freeze(&server, &dan, "April").await;
    let path = format!("/api/workbooks/plan/versions/{}/bundle", april.id);
    let bytes = server.get(&path, &vic).await.bytes().await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("april.equipoise");
    let check = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        run(&["verify".as_ref(), file.as_ref()])
    };
    let (code, said) = check(&bytes);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("values follow from its inputs"), "{said}");

    let exported = folder.path().join("exported");
    let arguments = ["export", "--workbook", "plan", "--version", "April", "--data"].map(AsRef::as_ref);
    let (code, said) =
        run(&[&arguments[..], &[server.folder().as_ref(), "--output".as_ref(), exported.as_ref()]].concat());
    assert_eq!(code, 0, "{said}");
    assert_eq!(std::fs::read(&exported).unwrap(), bytes, "the command writes what is downloaded");

    let mut touched = BundleFile::read(&bytes).unwrap();
    let (_, frame) = touched.parts.iter_mut().find(|(name, _)| name == "sheet:demand").unwrap();
    let mut sheet: Value = serde_json::from_slice(frame).unwrap();
    let column = sheet["columns"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .rfind(|column| column["col"].as_str().unwrap().starts_with("consensus@"));
    column.unwrap()["values"][0] = json!(123_456.0);
    *frame = serde_json::to_vec(&sheet).unwrap();
    let (code, said) = check(&touched.write().unwrap());
    assert_eq!(code, 1);
    assert!(said.contains("is not what was frozen") && said.contains("the part sheet:"), "{said}");
    // Whoever also makes a new hash is told by the values.
    forge(&mut touched);
    let (code, said) = check(&touched.write().unwrap());
    assert_eq!(code, 1);
    assert!(said.contains("1 of") && said.contains("frozen Number(123456.0)"), "{said}");
    // So are figures of the summary.
    let mut touched = BundleFile::read(&bytes).unwrap();
    let (_, summary) = touched.parts.iter_mut().find(|(name, _)| name == "summary").unwrap();
    let mut told: Value = serde_json::from_slice(summary).unwrap();
    told["headline"]["revenue"] = json!(9.0);
    *summary = serde_json::to_vec(&told).unwrap();
    forge(&mut touched);
    let (code, said) = check(&touched.write().unwrap());
    assert!(code == 1 && said.contains("figures of \"April\" do not follow from its values"), "{said}");
    assert_eq!(check(&bytes[..bytes.len() / 2]).0, 1);

    // What the version says of itself is sealed, and follows from its values even for who makes a new seal.
    type Change = fn(&mut VersionInfo);
    let changes: [(&str, Change); 7] = [
        ("revenue", |info| info.headline.revenue = Some(1e6)),
        ("profit", |info| info.headline.profit = Some(1e6)),
        ("name", |info| info.name = "May".into()),
        ("by_name", |info| info.by_name = "Eve".into()),
        ("at", |info| info.at += 1),
        ("comment", |info| info.comment = "as agreed by everybody".into()),
        ("log", |info| info.log = None),
    ];
    for (what, change) in changes {
        let mut touched = BundleFile::read(&bytes).unwrap();
        change(&mut touched.info);
        let (code, said) = check(&touched.write().unwrap());
        assert!(code == 1 && said.contains("is not what was frozen") && said.contains(&format!("{what}: ")), "{said}");
    }
    let mut touched = BundleFile::read(&bytes).unwrap();
    touched.info.headline.revenue = Some(1e6);
    forge(&mut touched);
    let (code, said) = check(&touched.write().unwrap());
    assert!(code == 1 && said.contains("figures of \"April\" do not follow from its values"), "{said}");
    // A version of before there was a seal verifies, and it is said what nobody can tell of it.
    let mut earlier = BundleFile::read(&bytes).unwrap();
    earlier.parts.retain(|(name, _)| name != "head");
    earlier.info.log = None;
    earlier.info.seals.clear();
    earlier.info.hash = chained_hash(&earlier.previous, &earlier.parts);
    let (code, said) = check(&earlier.write().unwrap());
    assert!(code == 0 && said.contains("frozen before these were sealed: its name, kind, comment"), "{said}");
    assert!(said.contains("its state and history were not sealed yet"), "{said}");
    earlier.info.headline.profit = Some(1e6);
    let (code, said) = check(&earlier.write().unwrap());
    assert!(code == 1 && said.contains("profit: frozen"), "{said}");
    // Nothing may follow.
    let (code, said) = check(&[&bytes[..], b"more"].concat());
    assert!(code == 1 && said.contains("4 bytes follow that belong to no part"), "{said}");
    assert!(check(&[&bytes[..], &bytes[..]].concat()).1.contains("bytes follow"));

    // Freezing is in the edit log, and the log in what was frozen.
    assert_eq!(april.log.as_ref().map(|head| head.seq > 0), Some(true));
    assert!(equipoise_server::store::verify_audit(server.folder()).is_ok());
}

#[tokio::test]
async fn a_version_of_one_side_is_that_side_and_no_consensus() {
    let server = Server::start().await;
    let (dan, eva) = (server.sign_in("dan").await, server.sign_in("eva").await);
    let whole = freeze(&server, &dan, "Whole").await;
    let body = json!({ "name": "Demand only", "kind": "demand", "comment": "" });
    let request = server.request(Method::POST, "/api/workbooks/plan/versions", &dan).json(&body);
    let demand: VersionInfo = request.send().await.unwrap().json().await.unwrap();
    let titles = async |version: &VersionInfo| -> Vec<String> {
        let path = format!("/api/workbooks/plan/versions/{}/sheets", version.id);
        let sheets: Vec<Value> = server.get(&path, &eva).await.json().await.unwrap();
        sheets.iter().map(|sheet| sheet["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        (titles(&whole).await, titles(&demand).await),
        (vec!["Demand".into(), "Prices".into()], vec!["Demand".into()])
    );
    let path = format!("/api/workbooks/plan/versions/{}/consensus", demand.id);
    assert_eq!(server.request(Method::POST, &path, &eva).send().await.unwrap().status(), 422);
    let sides = |demand: &VersionInfo, supply: &VersionInfo| {
        format!("/api/workbooks/plan/scenarios?demand={}&supply={}&cost={}", demand.id, supply.id, whole.id)
    };
    assert_eq!(server.get(&sides(&demand, &whole), &eva).await.status(), 200);
    let refused = server.get(&sides(&whole, &demand), &eva).await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("was not frozen for its supply"));
    // Nor can such a scenario be proposed.
    let scenario = json!({ "demand": whole.id, "supply": demand.id, "cost": whole.id });
    let body = json!({ "scenario": scenario, "name": "Proposal" });
    let request = server.request(Method::POST, "/api/workbooks/plan/scenarios/propose", &dan).json(&body);
    let refused = request.send().await.unwrap();
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("was not frozen for its supply"));
}

/// The parts of a version's bundle, and what `verify` says of it.
async fn taken_out(server: &Server, cookie: &str, version: &VersionInfo) -> (Vec<String>, (i32, String)) {
    let path = format!("/api/workbooks/plan/versions/{}/bundle", version.id);
    let bytes = server.get(&path, cookie).await.bytes().await.unwrap();
    let parts = BundleFile::read(&bytes).unwrap().parts.into_iter().map(|(name, _)| name).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle");
    std::fs::write(&file, &bytes).unwrap();
    (parts, run(&["verify".as_ref(), file.as_ref()]))
}

#[tokio::test]
async fn a_version_of_one_side_holds_what_that_side_needs_and_can_be_put_together_and_branched() {
    let server = Server::start().await;
    let dan = server.sign_in("dan").await;
    let mut ada = Peer::join(&server, "ada").await;
    // What Tea costs follows from the demand; what Soap costs does not.
    let tea = price_of("Tea");
    let stored = ada.workbook.formula_stored(tea, "=1+SUM(Demand[Override])/1000").unwrap();
    ada.enter(tea, Input::Formula(stored.into())).await;
    ada.enter(override_of("Tea", "North"), Input::Number(100.0)).await;
    let rooms = [part("North"), RoomId::Sheet(sheet("prices"))];
    ada.until("the saved marks", |peer| rooms.iter().all(|room| peer.is_saved(*room))).await;
    let whole = freeze(&server, &dan, "Whole").await;
    let demand = freeze_kind(&server, &dan, "Demand only", "demand").await;
    let supply = freeze_kind(&server, &dan, "Supply only", "supply").await;
    let cost = freeze_kind(&server, &dan, "Costs only", "cost").await;
    assert_eq!(demand.headline, Headline::default(), "it does not hold what money follows from");
    for (version, holds_demand, holds_prices) in
        [(&whole, true, true), (&demand, true, false), (&supply, false, false), (&cost, true, true)]
    {
        let (parts, (code, said)) = taken_out(&server, &dan, version).await;
        let holds = |of: &str| parts.iter().any(|part| part.starts_with(of));
        assert_eq!(
            ((holds("sheet:demand"), holds("room:demand")), (holds("sheet:prices"), holds("room:prices"))),
            ((holds_demand, holds_demand), (holds_prices, holds_prices)),
            "{}: {parts:?}",
            version.name
        );
        assert!(code == 0 && said.contains("values follow from its inputs"), "{said}");
    }
    // What a side does not hold is said in words.
    let bridge = format!("/api/workbooks/plan/bridge?a={}&b={}&figure=profit&by=item", demand.id, whole.id);
    let answer = server.get(&bridge, &dan).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains("was frozen for its demand and has no"));

    // The three together are the plan again, and so is a version of before, which held every sheet whatever its side.
    for (name, demand, supply, cost) in
        [("Together", &demand, &supply, &cost), ("With a whole", &demand, &whole, &cost)]
    {
        let scenario = json!({ "demand": demand.id, "supply": supply.id, "cost": cost.id });
        let body = json!({ "scenario": scenario, "name": name });
        let path = "/api/workbooks/plan/scenarios/propose";
        let answer = server.request(Method::POST, path, &dan).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        let proposed: VersionInfo = answer.json().await.unwrap();
        for sheet in ["demand", "prices"] {
            let frame = |version: &VersionInfo| format!("/api/workbooks/plan/versions/{}/sheets/{sheet}", version.id);
            let (a, b) = (server.get(&frame(&proposed), &dan).await, server.get(&frame(&whole), &dan).await);
            assert_eq!(a.json::<SheetFrame>().await.unwrap(), b.json::<SheetFrame>().await.unwrap(), "{name}: {sheet}");
        }
    }

    // A branch of it has that side as it was, and all else as the plan is now.
    ada.enter(override_of("Tea", "North"), Input::Number(900.0)).await;
    let soap = price_of("Soap");
    ada.enter(soap, Input::Number(7.5)).await;
    ada.until("the saved marks", |peer| rooms.iter().all(|room| peer.is_saved(*room))).await;
    let table = "item,region,bucket,quantity\nTea,North,2026-03,81\n";
    let import = server.request(Method::POST, "/api/workbooks/plan/actuals", &dan).body(table);
    assert_eq!(import.send().await.unwrap().status(), 200);
    for (version, in_tea, costs, actual) in [(&demand, 100.0, 7.5, 120.0), (&cost, 900.0, 2.5, 81.0)] {
        let made = json!({ "name": format!("From {}", version.name), "version": version.id });
        let request = server.request(Method::POST, "/api/workbooks/plan/branches", &dan).json(&made);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        let branch: Value = answer.json().await.unwrap();
        let id = branch["id"].as_str().unwrap();
        let there = Peer::join_workbook(&server, "ada", id).await;
        assert_eq!(there.input(override_of("Tea", "North")), Some(Input::Number(in_tea)), "{}", version.name);
        assert_eq!(there.input(soap), Some(Input::Number(costs)), "{}", version.name);
        let path = format!("/api/workbooks/{id}/facts/demand/history");
        let facts: FactsData = server.get(&path, &dan).await.json().await.unwrap();
        let tea = facts.rows.iter().position(|known| *known == row("Tea", "North")).unwrap();
        assert_eq!(facts.values[tea * facts.width + 2], Some(actual), "{}", version.name);
    }
}

#[tokio::test]
async fn a_bundle_whose_formulas_read_another_version_and_the_matrix_verifies_alone() {
    let server = Server::start().await;
    let dan = server.sign_in("dan").await;
    let mut ada = Peer::join(&server, "ada").await;
    ada.enter(override_of("Tea", "North"), Input::Number(100.0)).await;
    ada.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    let before = freeze(&server, &dan, "Before").await;
    let question = format!("demand={0}&supply={0}&cost={0}", before.id);
    crate::scenarios::calculated(&server, &dan, &question).await;
    ada.enter(override_of("Tea", "North"), Input::Number(130.0)).await;
    let (tea, soap) = (price_of("Tea"), price_of("Soap"));
    let numbers = "=2*SUM(VERSION.DIFF(Demand[Override],\"Before\"))+SUM(Demand@'Before'[Override])";
    let texts = "=TEXTJOIN(\",\",TRUE,UNIQUE(Demand@'Before'[Item]))&SCENARIO(\"Before\",,,\"status\")&YEAR(TODAY())";
    for (cell, formula) in [(tea, numbers), (soap, texts)] {
        let stored = ada.workbook.formula_stored(cell, formula).unwrap();
        ada.enter(cell, Input::Formula(stored.into())).await;
    }
    ada.watch(&["prices"]).await;
    let rooms = [part("North"), RoomId::Sheet(sheet("prices"))];
    ada.until("the saved marks", |peer| rooms.iter().all(|room| peer.is_saved(*room))).await;
    ada.until("the texts of the version", |peer| format!("{:?}", peer.notices).contains("Tea,Soapdone")).await;
    let after = freeze(&server, &dan, "After").await;

    let path = format!("/api/workbooks/plan/versions/{}/bundle", after.id);
    let bytes = server.get(&path, &dan).await.bytes().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("after");
    let check = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        run(&["verify".as_ref(), file.as_ref()])
    };
    let (code, said) = check(&bytes);
    assert!(code == 0 && said.contains("values follow from its inputs"), "{said}");
    // Inside a scenario there is no matrix, however many were calculated, and that is what verifies.
    let scenario = json!({ "demand": after.id, "supply": after.id, "cost": after.id });
    let body = json!({ "scenario": scenario, "name": "Proposed" });
    let propose = server.request(Method::POST, "/api/workbooks/plan/scenarios/propose", &dan).json(&body);
    let proposed: VersionInfo = propose.send().await.unwrap().json().await.unwrap();
    let frame = server.get(&format!("/api/workbooks/plan/versions/{}/sheets/prices", proposed.id), &dan).await;
    let said = frame.text().await.unwrap();
    assert!(said.contains("#N/A") && !said.contains("Tea,Soapdone"), "{said}");
    let (_, (code, said)) = taken_out(&server, &dan, &proposed).await;
    assert!(code == 0 && said.contains("values follow from its inputs"), "{said}");
    // What it read of the other version and of the matrix is part of what it proves.
    let bundle = || BundleFile::read(&bytes).unwrap();
    for (part, old, new, cell) in
        [("versions", "100.0", "101.0", "frozen Number(160.0)"), ("scenarios", "done", "open", "Tea,Soapdone")]
    {
        let mut touched = bundle();
        let (_, content) = touched.parts.iter_mut().find(|(name, _)| name == part).unwrap();
        let text = String::from_utf8(content.clone()).unwrap();
        assert!(text.contains(old), "{text}");
        *content = text.replacen(old, new, 1).into_bytes();
        assert!(check(&touched.write().unwrap()).1.contains("is not what was frozen"), "{part}");
        forge(&mut touched);
        let (code, said) = check(&touched.write().unwrap());
        assert!(code == 1 && said.contains("do not follow from the inputs") && said.contains(cell), "{part}: {said}");
    }
}
