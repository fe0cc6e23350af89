//! What changed between versions, by whom and why.

use grid_engine::doc::Input;
use grid_engine::plan::{RowChange, Unmoved, VersionChanges};
use grid_engine::wire::{FromPeer, Scalar};
use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::branches::branch;
use crate::peer::Peer;
use crate::plan::{override_of, part};
use crate::server::{PATIENCE, Server};
use crate::versions::{freeze, freeze_of};

#[tokio::test]
async fn a_version_tells_what_changed_since_another_by_whom_and_why() {
    let server = Server::start().await;
    let (dan, eva) = (server.sign_in("dan").await, server.sign_in("eva").await);
    let mut ada = Peer::join(&server, "ada").await;
    let (tea, soap) = (override_of("Tea", "North"), override_of("Soap", "North"));
    let south = override_of("Tea", "South");
    ada.enter(soap, Input::Number(30.0)).await;
    ada.enter(south, Input::Number(20.0)).await;
    ada.until("the saved marks", |peer| ["North", "South"].iter().all(|region| peer.is_saved(part(region)))).await;
    let before = freeze(&server, &dan, "Before").await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(tea, Input::Number(1000.0)).await;
    let why = FromPeer::Why { room: part("North"), writer: nora.writer, clock: 1, why: "Summer fair".into() };
    nora.send(None, Message::text(serde_json::to_string(&why).unwrap())).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    ada.until("what nora entered", |peer| peer.input(tea) == Some(Input::Number(1000.0))).await;
    ada.enter(tea, Input::Number(900.0)).await;
    ada.enter(soap, Input::Number(31.0)).await;
    // There and back: nothing moves.
    ada.enter(south, Input::Number(25.0)).await;
    ada.enter(south, Input::Number(20.0)).await;
    ada.until("the saved marks", |peer| ["North", "South"].iter().all(|region| peer.is_saved(part(region)))).await;
    let after = freeze(&server, &dan, "After").await;
    ada.enter(tea, Input::Number(5.0)).await;
    ada.until("the saved mark", |peer| peer.is_saved(part("North"))).await;

    let asked = async |version: &str, since: &str, cookie: &str| {
        server.get(&format!("/api/workbooks/plan/versions/{version}/changes?since={since}"), cookie).await
    };
    let (before, after) = (before.id.to_string(), after.id.to_string());
    // The reason travels on another socket and may come last.
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let found = loop {
        let found: VersionChanges = asked(&after, &before, &eva).await.json().await.unwrap();
        if found.people.iter().any(|who| !who.whys.is_empty()) {
            break found;
        }
        assert!(tokio::time::Instant::now() < deadline, "{found:?}");
    };
    let titles: Vec<&str> = found.rows.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(titles, ["Tea / North", "Soap / North"], "what moved most comes first; what did not is left out");
    let moved = |row: &RowChange| row.after - row.before;
    assert_eq!(moved(&found.rows[1]), 1.0);
    assert!((found.after - found.before - moved(&found.rows[0]) - 1.0).abs() < 1e-6, "{found:?}");
    let [latest, first] = &found.rows[0].edits[..] else { panic!("none from after the version: {found:?}") };
    assert_eq!((latest.what.as_str(), &latest.new), ("Override 2026-04", &Scalar::Number(900.0)), "newest first");
    assert_eq!(latest.old, Scalar::Number(1000.0));
    assert_eq!((&first.old, &first.new), (&Scalar::Blank(()), &Scalar::Number(1000.0)));
    assert_eq!((first.why.as_deref(), &latest.why), (Some("Summer fair"), &None));
    let people: Vec<_> = found.people.iter().map(|who| (who.rows, who.entries, who.whys.len())).collect();
    assert_eq!(people, [(2, 2, 0), (1, 1, 1)], "whoever changed most first");
    assert_eq!(found.unmoved, Unmoved { rows: 1, entries: 2 });
    // The plan as it is now, for those who see it; and nothing has changed since itself.
    let live: VersionChanges = asked("live", &after, &dan).await.json().await.unwrap();
    assert_eq!((live.rows[0].title.as_str(), live.rows[0].edits.len()), ("Tea / North", 1));
    assert_eq!(asked("live", &after, &eva).await.status(), 403);
    let same: VersionChanges = asked(&after, &after, &eva).await.json().await.unwrap();
    assert!(same.rows.is_empty() && same.before == same.after);
    assert_eq!(asked(&after, "live", &dan).await.status(), 404, "what is not frozen has no time since which to tell");
}

#[tokio::test]
async fn what_was_entered_on_a_branch_is_told_of_the_branch_alone() {
    let server = Server::start().await;
    let dan = server.sign_in("dan").await;
    let before = freeze(&server, &dan, "Before").await;
    let branch = branch(&server, &dan, "plan", json!({ "name": "Fair" })).await;
    let mut nora = Peer::join_workbook(&server, "nora", &branch.id.to_string()).await;
    nora.enter(override_of("Tea", "North"), Input::Number(1000.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    // What others enter in the plan meanwhile is not the branch's.
    let mut ada = Peer::join(&server, "ada").await;
    ada.enter(override_of("Soap", "North"), Input::Number(31.0)).await;
    ada.until("the saved mark", |peer| peer.is_saved(part("North"))).await;

    let told = async |version: &str| {
        let path = format!("/api/workbooks/plan/versions/{version}/changes?since={}", before.id);
        let found: VersionChanges = server.get(&path, &dan).await.json().await.unwrap();
        found.rows.iter().map(|row| (row.title.clone(), row.edits.len())).collect::<Vec<_>>()
    };
    assert_eq!(told(&format!("branch.{}", branch.id)).await, [("Tea / North".to_owned(), 1)]);
    assert_eq!(told("live").await, [("Soap / North".to_owned(), 1)]);
    // A version frozen from the branch holds what was entered there, and stays so when the branch is gone.
    let frozen = freeze_of(&server, &dan, &branch.id.to_string(), "Of the fair", "consensus").await;
    assert_eq!(told(&frozen.id.to_string()).await, [("Tea / North".to_owned(), 1)]);
    let path = format!("/api/workbooks/{}/branch", branch.id);
    assert_eq!(server.request(Method::DELETE, &path, &dan).send().await.unwrap().status(), 200);
    assert_eq!(told(&frozen.id.to_string()).await, [("Tea / North".to_owned(), 1)]);
}
