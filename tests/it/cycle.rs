//! The month's cycle over HTTP: who may do what, what two people cannot overwrite, and what opens the gates.

use grid_engine::doc::Input;
use grid_engine::plan::{CyclePage, Decision, StepKind};
use grid_engine::wire::Refusal;
use reqwest::{Method, Response};
use serde_json::json;

use crate::peer::Peer;
use crate::plan::{override_of, part};
use crate::server::Server;
use crate::versions::freeze;

const PATH: &str = "/api/workbooks/plan/cycle";

async fn page(server: &Server, cookie: &str) -> CyclePage {
    let answer = server.get(PATH, cookie).await;
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    answer.json().await.unwrap()
}

async fn send(server: &Server, cookie: &str, method: Method, path: &str, body: &impl serde::Serialize) -> Response {
    server.request(method, &format!("{PATH}{path}"), cookie).json(body).send().await.unwrap()
}

fn failing(page: &CyclePage, step: StepKind) -> Vec<&str> {
    page.gates.iter().filter(|gate| gate.step == step && !gate.passed).map(|gate| &*gate.words).collect()
}

#[tokio::test]
async fn a_month_goes_from_submissions_to_decisions() {
    let mut server = Server::start().await;
    let dan = server.sign_in("dan").await;
    let (nora, eva) = (server.sign_in("nora").await, server.sign_in("eva").await);
    let first = page(&server, &dan).await;
    assert_eq!((first.cycle.steps.len(), first.cycle.revision, first.may_lead), (6, 0, true));
    assert_eq!(failing(&first, StepKind::Demand), ["0 of 2 parts submitted", "The demand is not frozen yet"]);
    let planners: Vec<_> = first.parts.iter().map(|part| (&*part.label, part.planners.clone())).collect();
    assert_eq!(planners, [("North", vec!["NORA".to_owned()]), ("South", vec!["SVEN".to_owned()])]);

    // Owners are named by whoever leads; two who lead do not overwrite each other.
    let mut cycle = first.cycle.clone();
    cycle.steps[1].owner = "NORA".into();
    cycle.decisions = vec![Decision { what: "Second shift".into(), ..Decision::default() }];
    assert_eq!(send(&server, &nora, Method::PUT, "", &cycle).await.status(), 403);
    assert_eq!(send(&server, &dan, Method::PUT, "", &cycle).await.status(), 200);
    let again = send(&server, &dan, Method::PUT, "", &cycle).await;
    assert_eq!(again.status(), 409);
    assert!(again.json::<Refusal>().await.unwrap().message.contains("Somebody else has changed the cycle"));
    let mut wrong = page(&server, &dan).await.cycle;
    wrong.steps[0].due = "soon".into();
    assert_eq!(send(&server, &dan, Method::PUT, "", &wrong).await.status(), 422);

    // Parts are submitted by those who plan them, steps are done by their owners.
    let month = first.cycle.month.clone();
    let submit = |part: &str, submitted: bool| json!({ "month": month, "part": part, "submitted": submitted });
    let submissions = async |cookie: &str, part: &str, submitted: bool| {
        send(&server, cookie, Method::POST, "/submissions", &submit(part, submitted)).await.status()
    };
    assert_eq!(submissions(&nora, "South", true).await, 403);
    assert_eq!(submissions(&eva, "North", true).await, 403);
    assert_eq!(submissions(&nora, "West", true).await, 404);
    assert_eq!(submissions(&nora, "North", true).await, 200);
    let step = async |cookie: &str, step: &str| {
        let done = json!({ "month": month, "step": step, "done": true });
        send(&server, cookie, Method::POST, "/step", &done).await.status()
    };
    assert_eq!(step(&nora, "supply").await, 403);
    assert_eq!(step(&nora, "demand").await, 200);
    freeze(&server, &dan, "Demand of the month").await;
    server.crash_and_restart().await;

    let seen = page(&server, &nora).await;
    assert_eq!(failing(&seen, StepKind::Demand), ["1 of 2 parts submitted"]);
    assert_eq!(seen.cycle.steps[1].done.as_ref().map(|done| &*done.by), Some("NORA"));
    assert_eq!(seen.parts[0].submitted.as_ref().map(|done| &*done.by), Some("NORA"));
    assert_eq!(seen.parts.iter().map(|part| part.is_mine).collect::<Vec<_>>(), [true, false]);
    assert_eq!((&*seen.cycle.decisions[0].what, seen.may_lead), ("Second shift", false));
    // What is changed after it was submitted is told, with who did it; submitted again, it is not.
    assert_eq!(seen.parts[0].changed, None);
    let mut planner = Peer::join(&server, "nora").await;
    planner.enter(override_of("Tea", "North"), Input::Number(8.0)).await;
    planner.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    let changed = page(&server, &dan).await.parts;
    assert_eq!(changed[0].changed.as_ref().map(|change| &*change.by), Some("NORA"));
    assert_eq!(changed[1].changed, None);
    let again = send(&server, &nora, Method::POST, "/submissions", &submit("North", true)).await;
    assert_eq!(again.status(), 200);
    assert_eq!(page(&server, &dan).await.parts[0].changed, None);
    // Rewriting the cycle does not undo what an owner said.
    let mut rewritten = seen.cycle.clone();
    rewritten.steps[1].done = None;
    assert_eq!(send(&server, &dan, Method::PUT, "", &rewritten).await.status(), 200);
    assert!(page(&server, &dan).await.cycle.steps[1].done.is_some());
    let take_back = send(&server, &nora, Method::POST, "/submissions", &submit("North", false)).await;
    assert_eq!(take_back.status(), 200);
    assert!(page(&server, &eva).await.parts[0].submitted.is_none());
    assert_eq!(server.get(&format!("{PATH}?month=never"), &eva).await.status(), 404);
}

/// What people write of the plan may tell of rows somebody does not see, and so may a count of cells in error.
#[tokio::test]
async fn who_does_not_see_every_row_sees_the_calendar_and_their_own_part() {
    let server = Server::start().await;
    let (ada, dan) = (server.sign_in("ada").await, server.sign_in("dan").await);
    let mut cycle = page(&server, &dan).await.cycle;
    cycle.minutes = "South cut by 4,242".into();
    cycle.decisions = vec![Decision { what: "Second shift in the South".into(), ..Decision::default() }];
    assert_eq!(send(&server, &dan, Method::PUT, "", &cycle).await.status(), 200);
    let mut peer = Peer::join(&server, "ada").await;
    peer.enter(override_of("Tea", "South"), Input::Formula("=NA()".into())).await;
    peer.until("the saved mark", |peer| peer.is_saved(part("South"))).await;
    let whole = page(&server, &dan).await;
    assert!(failing(&whole, StepKind::Demand)[0].ends_with("in error on the demand sheet"), "{:?}", whole.gates);

    server.confine("dan", &["reads:North"], &ada).await;
    let dan = server.sign_in("dan").await;
    let seen = page(&server, &dan).await;
    assert!(!seen.may_lead);
    assert_eq!((&*seen.cycle.minutes, seen.cycle.decisions.len(), seen.cycle.steps.len()), ("", 0, 6));
    assert!(!seen.gates.iter().any(|gate| gate.words.contains("rror")), "{:?}", seen.gates);
    assert_eq!(seen.parts.iter().map(|part| &*part.label).collect::<Vec<_>>(), ["North"]);
    assert_eq!(send(&server, &dan, Method::PUT, "", &seen.cycle).await.status(), 403);
    let step = json!({ "month": seen.cycle.month, "step": "executive", "done": true });
    assert_eq!(send(&server, &dan, Method::POST, "/step", &step).await.status(), 403);
    assert_eq!(page(&server, &ada).await.cycle.minutes, "South cut by 4,242");
}
