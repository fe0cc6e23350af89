//! People edit at the same time and see each other.

use grid_engine::doc::Input;
use grid_engine::wire::{JobState, Scalar, ToPeer};
use tokio_tungstenite::tungstenite::Message;
use yrs::block::ClientID;
use yrs::sync::awareness::AwarenessUpdateEntry;
use yrs::sync::{AwarenessUpdate, Message as YMessage};
use yrs::updates::encoder::Encode;

use crate::peer::Peer;
use crate::plan::{cell, override_of, part, sheet};
use crate::server::Server;

#[tokio::test]
async fn two_people_edit_and_see_each_other() {
    let server = Server::start().await;
    let (mut nora, mut dan) = (Peer::join(&server, "nora").await, Peer::join(&server, "dan").await);
    let (tea, soap) = (override_of("Tea", "North"), override_of("Soap", "North"));
    nora.enter(tea, Input::Number(150.0)).await;
    dan.enter(soap, Input::Number(80.0)).await;
    for peer in [&mut nora, &mut dan] {
        peer.until("both edits", |peer| {
            peer.input(tea) == Some(Input::Number(150.0)) && peer.input(soap) == Some(Input::Number(80.0))
        })
        .await;
        peer.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    }
    let mut late = Peer::join(&server, "vic").await;
    late.until("what was entered before", |peer| peer.input(tea) == Some(Input::Number(150.0))).await;
}

#[tokio::test]
async fn additions_by_two_people_add_up() {
    let server = Server::start().await;
    let (mut nora, mut dan) = (Peer::join(&server, "nora").await, Peer::join(&server, "dan").await);
    let uplift = cell("uplift", "Tea", "North", "2026-05");
    nora.enter(uplift, Input::Number(10.0)).await;
    dan.enter(uplift, Input::Number(10.0)).await;
    for peer in [&mut nora, &mut dan] {
        peer.until("both additions", |peer| peer.input(uplift) == Some(Input::Number(20.0))).await;
    }
}

#[tokio::test]
async fn a_forecast_is_computed_beside_the_editing_and_sent_to_who_looks() {
    let server = Server::start().await;
    let mut vic = Peer::join(&server, "vic").await;
    vic.watch(&["demand"]).await;
    let baseline = cell("baseline", "Tea", "North", "2026-04");
    vic.until("the forecast", |peer| {
        peer.notices.iter().any(|notice| match notice {
            ToPeer::Official { sheet: on, cells } => {
                *on == sheet("demand")
                    && cells.iter().any(|found| {
                        (found.row, found.col) == (baseline.row, baseline.col)
                            && !found.pending
                            && matches!(found.value, Scalar::Number(value) if value > 0.0)
                    })
            }
            _ => false,
        })
    })
    .await;
    let failed = |notice: &ToPeer| matches!(notice, ToPeer::Job { job } if job.state == JobState::Failed);
    assert!(!vic.notices.iter().any(failed), "{:?}", vic.notices);
}

#[tokio::test]
async fn presence_is_seen_while_one_is_there() {
    let server = Server::start().await;
    let (mut nora, mut dan) = (Peer::join(&server, "nora").await, Peer::join(&server, "dan").await);
    let entry = AwarenessUpdateEntry { clock: 1, json: r#"{"name":"NORA"}"#.into() };
    let update = AwarenessUpdate { clients: [(ClientID::new(77), entry)].into() };
    let frame = Message::binary(YMessage::Awareness(update).encode_v1());
    nora.send(Some(grid_engine::refs::RoomId::Book), frame).await;
    dan.until("Nora's presence", |peer| peer.presence.get(&77).is_some_and(|json| json.contains("NORA"))).await;
    nora.leave().await;
    dan.until("Nora's absence", |peer| peer.presence.get(&77).is_some_and(|json| json == "null")).await;
}
