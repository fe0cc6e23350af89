//! Opening the sockets of rooms and of live values.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::Response;
use grid_engine::refs::RoomId;

use super::request::{Path, Query};
use super::status::Problem;
use super::workbooks::open;
use crate::app::App;
use crate::auth::{Session, check_origin};
use crate::sync::{Closing, LiveWorkbook, Seat, Standing, serve_live, serve_room, serve_rooms};

/// Frames above the sockets' own limits are still read, so that they are refused with a reason.
const MAX_READ: usize = 4 << 20;
/// What a socket reads and writes at once.
const BUFFER: usize = 8 << 10;

pub(super) async fn sync(
    State(app): State<Arc<App>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    session: Session,
    headers: HeaderMap,
    Path((workbook, room)): Path<(String, String)>,
    Query(joining): Query<Joining>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let room: RoomId = room.parse().map_err(|_| Problem::NotFound(format!("room {room:?}")))?;
    joining.check(&app)?;
    let (workbook, seat) = admit(&app, &session, &headers, from, &workbook).await?;
    let standing = standing(&app, &session);
    let peer = app.hub.peer_numbers()();
    Ok(opened(app, seat, upgrade, move |socket| {
        serve_room(socket, workbook, peer, Arc::new(session.me), (room, joining.writers()), standing)
    }))
}

/// Many rooms on one connection.
pub(super) async fn sync_rooms(
    State(app): State<Arc<App>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    session: Session,
    headers: HeaderMap,
    Path(workbook): Path<String>,
    Query(joining): Query<Joining>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    joining.check(&app)?;
    let (workbook, seat) = admit(&app, &session, &headers, from, &workbook).await?;
    let standing = standing(&app, &session);
    let next_peer = app.hub.peer_numbers();
    Ok(opened(app, seat, upgrade, move |socket| {
        serve_rooms(socket, workbook, next_peer, Arc::new(session.me), standing)
    }))
}

pub(super) async fn live(
    State(app): State<Arc<App>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    session: Session,
    headers: HeaderMap,
    Path(workbook): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let (workbook, seat) = admit(&app, &session, &headers, from, &workbook).await?;
    let standing = standing(&app, &session);
    let peer = app.hub.peer_numbers()();
    Ok(opened(app, seat, upgrade, move |socket| serve_live(socket, workbook, peer, Arc::new(session.me), standing)))
}

/// Serves a socket, which keeps its seat and is waited for when the server ends, until it closes.
fn opened<Served: Future<Output = ()> + Send>(
    app: Arc<App>,
    seat: Seat,
    upgrade: WebSocketUpgrade,
    serve: impl FnOnce(WebSocket) -> Served + Send + 'static,
) -> Response {
    let open_sockets = app.sockets.clone();
    // Large frames are rare: buffers of their size for every socket would be most of the server's memory.
    let sized = upgrade.max_message_size(MAX_READ).read_buffer_size(BUFFER).write_buffer_size(BUFFER);
    sized.on_upgrade(move |socket| async move {
        serve(socket).await;
        drop((seat, open_sockets));
    })
}

/// What a client says when it joins.
#[derive(serde::Deserialize)]
pub(super) struct Joining {
    /// The incarnation of what it holds already.
    incarnation: Option<String>,
    /// Writer ids it has written under before, in a room of its own connection, with commas between them: what is answered
    /// tells how far each had come.
    #[serde(default)]
    writers: String,
}

impl Joining {
    fn writers(&self) -> Vec<u64> {
        self.writers.split(',').filter_map(|writer| writer.parse().ok()).collect()
    }

    /// What is of a time before a restore must not come back.
    fn check(&self, app: &App) -> Result<(), Problem> {
        match &self.incarnation {
            Some(held) if app.store.incarnation()? != *held => Err(Problem::Restored),
            _ => Ok(()),
        }
    }
}

/// What every socket asks of whoever opens it.
async fn admit(
    app: &App,
    session: &Session,
    headers: &HeaderMap,
    from: SocketAddr,
    workbook: &str,
) -> Result<(LiveWorkbook, Seat), Problem> {
    // A script with a token sends no Origin; a page always does, and cannot send a token with a socket.
    check_origin(headers, app.config.public_url.as_deref(), !session.is_bearer)?;
    let workbook = open(app, workbook).await?;
    let seat = app.seats.take(from.ip(), session.me.person).ok_or(Problem::Full)?;
    Ok((workbook, seat))
}

/// Asked again and again while a socket is open: a session that ended or a role that changed closes it.
fn standing(app: &App, session: &Session) -> Standing {
    let (store, session) = (app.store.clone(), session.clone());
    let still_valid = Arc::new(move || match session.again(&store) {
        Ok(Some(now)) if now.me == session.me => None,
        Ok(Some(_)) => Some(Closing::forbidden("grant.revoked")),
        Ok(None) => Some(Closing::signed_out()),
        // The store's trouble is no reason to send people away.
        Err(_) => None,
    });
    Standing { still_valid, rights: app.rights.subscribe() }
}
