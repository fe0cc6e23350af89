//! Versions taken out of one company and brought into another.

use equipoise_server::exchange::bundle_file::BundleFile;
use equipoise_server::store::verify_audit;
use grid_engine::plan::{PlanSummary, StateChange, VersionInfo, VersionState, differences, frozen_frames, origin};
use grid_engine::wire::Refusal;
use reqwest::Method;
use serde_json::json;

use crate::server::Server;
use crate::versions::{forge, freeze, run};

async fn taken_out(server: &Server, cookie: &str, version: &VersionInfo) -> Vec<u8> {
    let path = format!("/api/workbooks/plan/versions/{}/bundle", version.id);
    server.get(&path, cookie).await.bytes().await.unwrap().to_vec()
}

async fn brought_in(server: &Server, cookie: &str, bundle: &[u8], name: &str) -> Result<VersionInfo, (u16, Refusal)> {
    brought_in_as(server, cookie, bundle, &format!("name={name}")).await
}

async fn brought_in_as(server: &Server, cookie: &str, bundle: &[u8], how: &str) -> Result<VersionInfo, (u16, Refusal)> {
    let path = format!("/api/workbooks/plan/versions/bundle?{how}");
    let answer = server.request(Method::POST, &path, cookie).body(bundle.to_vec()).send().await.unwrap();
    match answer.status().as_u16() {
        200 => Ok(answer.json().await.unwrap()),
        status => Err((status, answer.json().await.unwrap())),
    }
}

async fn versions(server: &Server, cookie: &str) -> Vec<VersionInfo> {
    server.get("/api/workbooks/plan/versions", cookie).await.json().await.unwrap()
}

async fn mark(server: &Server, cookie: &str, version: &VersionInfo) {
    let path = format!("/api/workbooks/plan/versions/{}/consensus", version.id);
    assert_eq!(server.request(Method::POST, &path, cookie).send().await.unwrap().status(), 200);
}

/// What `equipoise verify` says of a bundle.
pub fn verified(bundle: &[u8]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle");
    std::fs::write(&file, bundle).unwrap();
    run(&["verify".as_ref(), file.as_ref()])
}

#[tokio::test]
async fn a_version_comes_into_another_company_as_it_was_and_verifies_when_it_leaves_again() {
    let (there, here) = (Server::start().await, Server::start().await);
    let (dan, eva) = (there.sign_in("dan").await, there.sign_in("eva").await);
    let march = freeze(&there, &dan, "March").await;
    mark(&there, &eva, &march).await;
    let bundle = taken_out(&there, &dan, &march).await;

    let (dan, eva) = (here.sign_in("dan").await, here.sign_in("eva").await);
    let ours = freeze(&here, &dan, "Ours").await;
    mark(&here, &eva, &ours).await;
    let came = brought_in(&here, &dan, &bundle, "").await.unwrap();
    assert_eq!((came.name.as_str(), came.kind, came.at), ("March", march.kind, march.at));
    assert_eq!(came.by_name, "DAN (brought in by DAN)");
    assert_eq!(came.headline, march.headline);
    let steps: Vec<_> = came.history.iter().map(|step| (step.to, step.by_name.as_str())).collect();
    assert_eq!(steps, [(VersionState::Draft, "DAN")], "what was decided elsewhere is not decided here");
    assert!(came.history[0].comment.contains(&march.hash[..12]), "{:?}", came.history);
    let states: Vec<_> = versions(&here, &eva).await.into_iter().map(|version| (version.name, version.state)).collect();
    assert_eq!(states, [("March".into(), VersionState::Draft), ("Ours".into(), VersionState::Consensus)]);

    // Every value is what it was.
    let again = taken_out(&here, &dan, &came).await;
    let parts = [&bundle, &again].map(|bytes| BundleFile::read(bytes).unwrap().parts);
    let [frozen, read] = parts.each_ref().map(|parts| frozen_frames(parts).unwrap());
    assert_eq!(differences(&frozen, &read, 9), (0, Vec::new()));
    assert_eq!(frozen, read);
    let path = format!("/api/workbooks/plan/versions/{}/summary", came.id);
    let summary: PlanSummary = here.get(&path, &eva).await.json().await.unwrap();
    assert_eq!(summary.headline, march.headline);
    let told = origin(&parts[1]).unwrap().unwrap().version;
    assert_eq!((told.hash.as_str(), told.state), (march.hash.as_str(), VersionState::Consensus));
    let (code, said) = verified(&again);
    assert!(code == 0 && said.contains("brought in from a file") && said.contains(&march.hash), "{said}");
    assert!(said.contains("values follow from its inputs") && said.contains("as they were sealed"), "{said}");
    verify_audit(here.folder()).unwrap();

    // Once is enough, whichever of its files it is, and where it was frozen it is there as well, however far it has been.
    let (away, third) = (there.sign_in("dan").await, Server::start().await);
    let far = third.sign_in("dan").await;
    let once_more = taken_out(&third, &far, &brought_in(&third, &far, &again, "").await.unwrap()).await;
    let files = [(&here, &dan, &bundle), (&here, &dan, &again), (&there, &away, &again)];
    for (server, cookie, file) in files.into_iter().chain([(&there, &away, &once_more), (&third, &far, &bundle)]) {
        let (status, refusal) = brought_in(server, cookie, file, "Other").await.unwrap_err();
        assert_eq!((status, refusal.code.as_str()), (422, "request.invalid"));
        assert!(refusal.message.contains("there already, as \"March\""), "{refusal:?}");
    }
    // It goes the way of any draft.
    let path = format!("/api/workbooks/plan/versions/{}/state", came.id);
    let body = json!({ "state": "proposed", "comment": "" });
    assert_eq!(here.request(Method::POST, &path, &dan).json(&body).send().await.unwrap().status(), 200);
    verify_audit(here.folder()).unwrap();
}

#[tokio::test]
async fn a_taken_name_asks_for_another_and_a_side_stays_one() {
    let (there, here) = (Server::start().await, Server::start().await);
    let (away, dan) = (there.sign_in("dan").await, here.sign_in("dan").await);
    let april = crate::versions::freeze_kind(&there, &away, "April", "demand").await;
    let bundle = taken_out(&there, &away, &april).await;
    freeze(&here, &dan, "april").await;
    for (name, said) in
        [("", "would be taken for"), ("april", "is named \"april\" already"), ("live", "kept for the live plan")]
    {
        let (status, refusal) = brought_in(&here, &dan, &bundle, name).await.unwrap_err();
        assert_eq!((status, refusal.code.as_str()), (409, "version.name"), "{name}");
        assert!(refusal.message.contains(said) && refusal.message.contains("another name"), "{refusal:?}");
    }
    let came = brought_in(&here, &dan, &bundle, "April%20of%20the%20other").await.unwrap();
    assert_eq!((came.name.as_str(), came.kind), ("April of the other", april.kind));
    assert_eq!(verified(&taken_out(&here, &dan, &came).await).0, 0);
}

fn frame(bundle: &mut BundleFile) -> &mut Vec<u8> {
    &mut bundle.parts.iter_mut().find(|(name, _)| name == "sheet:demand").unwrap().1
}

/// Another value of the consensus, which does not follow from what was entered.
fn touch(bundle: &mut BundleFile) {
    let mut sheet: serde_json::Value = serde_json::from_slice(frame(bundle)).unwrap();
    let columns = sheet["columns"].as_array_mut().unwrap();
    let mut columns = columns.iter_mut().rev();
    let column = columns.find(|column| column["col"].as_str().unwrap().starts_with("consensus@")).unwrap();
    column["values"][0] = json!(123_456.0);
    *frame(bundle) = serde_json::to_vec(&sheet).unwrap();
}

#[tokio::test]
async fn what_another_engine_froze_comes_in_as_it_was_when_that_is_asked_for() {
    let (there, here) = (Server::start().await, Server::start().await);
    let away = there.sign_in("dan").await;
    let march = freeze(&there, &away, "March").await;
    let mut bundle = BundleFile::read(&taken_out(&there, &away, &march).await).unwrap();
    touch(&mut bundle);
    let engine = bundle.parts.iter_mut().find(|(name, _)| name == "engine").unwrap();
    engine.1 = b"9.9.9".to_vec();
    forge(&mut bundle);
    let bytes = bundle.write().unwrap();

    let dan = here.sign_in("dan").await;
    let (status, refusal) = brought_in(&here, &dan, &bytes, "").await.unwrap_err();
    assert_eq!((status, refusal.code.as_str()), (409, "version.engine"));
    assert!(refusal.message.contains("values do not follow") && refusal.message.contains("9.9.9"), "{refusal:?}");
    let came = brought_in_as(&here, &dan, &bytes, "as_frozen=true").await.unwrap();
    let told = &came.history[0].comment;
    assert!(told.contains("frozen by another engine") && told.contains("values do not follow"), "{told}");
    let again = BundleFile::read(&taken_out(&here, &dan, &came).await).unwrap().parts;
    assert_eq!(frozen_frames(&again).unwrap(), frozen_frames(&bundle.parts).unwrap(), "every value is what it was");
    let (code, said) = verified(&taken_out(&here, &dan, &came).await);
    assert!(code == 1 && said.contains("9.9.9"), "{said}");

    // The command line likewise.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("march.equipoise");
    std::fs::write(&file, &bytes).unwrap();
    let mut third = Server::start().await;
    assert_eq!(third.terminate().await, Some(0));
    let data = third.folder().to_owned();
    let import = |more: &[&str]| {
        let mut arguments: Vec<&std::ffi::OsStr> =
            ["import", "--workbook", "plan", "--name", "Other"].map(AsRef::as_ref).into();
        arguments.extend(["--data".as_ref(), data.as_os_str(), "--bundle".as_ref(), file.as_os_str()]);
        arguments.extend(more.iter().map(std::ffi::OsStr::new));
        run(&arguments)
    };
    let (code, said) = import(&[]);
    assert!(code == 1 && said.contains("--as-frozen"), "{said}");
    let (code, said) = import(&["--as-frozen"]);
    assert!(code == 0 && said.contains("taken as it was frozen"), "{said}");
    verify_audit(&data).unwrap();
}

#[tokio::test]
async fn what_is_not_as_it_was_frozen_does_not_come_in() {
    let (there, here) = (Server::start().await, Server::start().await);
    let (away, eva) = (there.sign_in("dan").await, there.sign_in("eva").await);
    let march = freeze(&there, &away, "March").await;
    mark(&there, &eva, &march).await;
    let bytes = taken_out(&there, &away, &march).await;
    let dan = here.sign_in("dan").await;
    type Change = fn(&mut BundleFile);
    fn step() -> StateChange {
        let by = grid_engine::refs::PersonId::named("eve").unwrap();
        StateChange { to: VersionState::Consensus, by, by_name: "Eve".into(), at: 1, comment: String::new() }
    }
    let changes: [(Change, &str); 8] = [
        (|bundle| frame(bundle).push(b' '), "the part sheet:demand is not what was frozen"),
        (|bundle| drop(bundle.parts.pop()), "was left out"),
        (|bundle| bundle.info.name = "April".into(), "name: frozen \"March\", now \"April\""),
        (
            |bundle| bundle.info.history[0].by_name = "Eve".into(),
            "history: step 1, the consensus by Eve is not as it was taken",
        ),
        (|bundle| bundle.info.history.clear(), "history: 1 of its 1 steps are left out"),
        (|bundle| bundle.info.seals.clear(), "seals: those of its state and history were left out"),
        (|bundle| bundle.info.history.push(step()), "history: step 2, the consensus by Eve was added"),
        // Whoever makes all seals anew is told by the values.
        (
            |bundle| {
                touch(bundle);
                forge(bundle);
            },
            "values do not follow from the inputs",
        ),
    ];
    let refused = async |bytes: &[u8]| {
        let (status, refusal) = brought_in(&here, &dan, bytes, "").await.unwrap_err();
        assert_eq!((status, refusal.code.as_str()), (422, "request.invalid"), "{refusal:?}");
        refusal.message
    };
    for (change, expected) in changes {
        let mut bundle = BundleFile::read(&bytes).unwrap();
        change(&mut bundle);
        let said = refused(&bundle.write().unwrap()).await;
        assert!(said.contains(expected), "{expected}: {said}");
    }
    for (bytes, expected) in [
        (bytes[..bytes.len() / 2].to_vec(), "damaged"),
        (b"PK\x03\x04 a workbook".to_vec(), "this is not a bundle"),
        (Vec::new(), "this is not a bundle"),
        ([&bytes[..], b"more"].concat(), "4 bytes follow"),
    ] {
        let said = refused(&bytes).await;
        assert!(said.contains(expected), "{expected}: {said}");
    }
    for user in ["vic", "nora", "eva"] {
        let cookie = here.sign_in(user).await;
        assert_eq!(brought_in(&here, &cookie, &bytes, "").await.unwrap_err().0, 403, "{user}");
    }
    // Asking for what was frozen helps nobody whose engine is this one.
    let mut bundle = BundleFile::read(&bytes).unwrap();
    touch(&mut bundle);
    forge(&mut bundle);
    let refusal = brought_in_as(&here, &dan, &bundle.write().unwrap(), "as_frozen=true").await.unwrap_err();
    assert_eq!((refusal.0, refusal.1.code.as_str()), (422, "request.invalid"));
    assert_eq!(versions(&here, &dan).await, []);
    assert!(here.is_well().await);
}

#[tokio::test]
async fn a_version_comes_in_by_the_command_line() {
    let (there, mut here) = (Server::start().await, Server::start().await);
    let away = there.sign_in("dan").await;
    let march = freeze(&there, &away, "March").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("march.equipoise");
    std::fs::write(&file, taken_out(&there, &away, &march).await).unwrap();
    let data = here.folder().to_owned();
    let import = |workbook: &str, more: &[&str]| {
        let mut arguments: Vec<&std::ffi::OsStr> =
            ["import", "--workbook", workbook, "--data"].map(AsRef::as_ref).into();
        arguments.extend([data.as_os_str(), "--bundle".as_ref(), file.as_os_str()]);
        arguments.extend(more.iter().map(std::ffi::OsStr::new));
        run(&arguments)
    };
    let (code, said) = import("plan", &[]);
    assert!(code == 1 && said.contains("a server uses the data folder"), "{said}");
    assert_eq!(here.terminate().await, Some(0));
    let (code, said) = import("nowhere", &[]);
    assert!(code == 1 && said.contains("there is no workbook \"nowhere\""), "{said}");
    let (code, said) = import("plan", &["--name", "March of the other"]);
    assert!(code == 0 && said.contains("brought in as a draft"), "{said}");
    let (code, said) = import("plan", &[]);
    assert!(code == 1 && said.contains("there already, as \"March of the other\""), "{said}");
    here.start_again().await;
    let dan = here.sign_in("dan").await;
    let names: Vec<String> = versions(&here, &dan).await.into_iter().map(|version| version.name).collect();
    assert_eq!(names, ["March of the other"]);
    verify_audit(here.folder()).unwrap();
}
