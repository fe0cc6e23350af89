//! Opening the sockets of rooms and of live values.

use std::sync::Arc;

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use grid_engine::refs::RoomId;

use super::status::Problem;
use super::workbooks::open;
use crate::app::App;
use crate::auth::{Session, check_origin};
use crate::sync::{Closing, StillValid, serve_live, serve_room, serve_rooms};

/// Frames above the sockets' own limits are still read, so that they are refused with a reason.
const MAX_READ: usize = 4 << 20;

pub(super) async fn sync(
    State(app): State<Arc<App>>,
    session: Session,
    headers: HeaderMap,
    Path((workbook, room)): Path<(String, String)>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    check_origin(&headers, app.config.public_url.as_deref(), true)?;
    let room: RoomId = room.parse().map_err(|_| Problem::NotFound(format!("room {room:?}")))?;
    let workbook = open(&app, &workbook).await?;
    let still_valid = still_valid(&app, &session);
    Ok(upgrade.max_message_size(MAX_READ).on_upgrade(move |socket: WebSocket| async move {
        let (open_sockets, peer) = (app.sockets.clone(), app.hub.peer_numbers()());
        drop(app);
        serve_room(socket, workbook, peer, Arc::new(session.me), room, still_valid).await;
        drop(open_sockets);
    }))
}

/// Many rooms on one connection.
pub(super) async fn sync_rooms(
    State(app): State<Arc<App>>,
    session: Session,
    headers: HeaderMap,
    Path(workbook): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    check_origin(&headers, app.config.public_url.as_deref(), true)?;
    let workbook = open(&app, &workbook).await?;
    let still_valid = still_valid(&app, &session);
    Ok(upgrade.max_message_size(MAX_READ).on_upgrade(move |socket: WebSocket| async move {
        let (open_sockets, next_peer) = (app.sockets.clone(), app.hub.peer_numbers());
        drop(app);
        serve_rooms(socket, workbook, next_peer, Arc::new(session.me), still_valid).await;
        drop(open_sockets);
    }))
}

pub(super) async fn live(
    State(app): State<Arc<App>>,
    session: Session,
    headers: HeaderMap,
    Path(workbook): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    check_origin(&headers, app.config.public_url.as_deref(), true)?;
    let workbook = open(&app, &workbook).await?;
    let still_valid = still_valid(&app, &session);
    Ok(upgrade.max_message_size(MAX_READ).on_upgrade(move |socket: WebSocket| async move {
        let (open_sockets, peer) = (app.sockets.clone(), app.hub.peer_numbers()());
        drop(app);
        serve_live(socket, workbook, peer, Arc::new(session.me), still_valid).await;
        drop(open_sockets);
    }))
}

/// Asked again and again while a socket is open: a session that ended or a role that changed closes it.
fn still_valid(app: &App, session: &Session) -> StillValid {
    let (store, session) = (app.store.clone(), session.clone());
    Arc::new(move || match Session::find(&store, session.token_hash) {
        Ok(Some(now)) if now.me == session.me => None,
        Ok(Some(_)) => Some(Closing::forbidden("grant.revoked")),
        Ok(None) => Some(Closing::signed_out()),
        // The store's trouble is no reason to send people away.
        Err(_) => None,
    })
}
