//! A connection of the load generator.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use grid_engine::wire::ToPeer;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::plan::{LoadPlan, WORKBOOK};

/// A WebSocket of a peer.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Joining takes at most this long, even when all come at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// Opens a socket with a token.
pub async fn open(address: &str, path: &str, token: &str) -> Result<Socket, String> {
    let mut request = format!("ws://{address}{path}").into_client_request().map_err(|error| error.to_string())?;
    let bearer = format!("Bearer {token}").parse().map_err(|_| "a token is no header".to_owned())?;
    request.headers_mut().insert("authorization", bearer);
    // Small frames are sent at once, as browsers do.
    let connecting = tokio_tungstenite::connect_async_with_config(request, None, true);
    let opened = tokio::time::timeout(PATIENCE, connecting).await;
    let (socket, _) = opened.map_err(|_| "connecting took too long".to_owned())?.map_err(|error| error.to_string())?;
    Ok(socket)
}

/// Opens `/live` and reads its greeting: the writer id to use.
pub async fn greet(address: &str, token: &str) -> Result<(Socket, u64), String> {
    let mut live = open(address, &format!("/live/{WORKBOOK}"), token).await?;
    while let Some(message) = live.next().await {
        if let Message::Text(text) = message.map_err(|error| error.to_string())?
            && let Ok(ToPeer::Hello { writer, .. }) = serde_json::from_str(&text)
        {
            return Ok((live, writer));
        }
    }
    Err("the server closed without a greeting".to_owned())
}

/// Joins the room as a newcomer and waits for its state; the bytes of the state.
pub async fn join(address: &str, token: &str, plan: &LoadPlan) -> Result<(Socket, Vec<u8>), String> {
    let mut socket = open(address, &format!("/sync/{WORKBOOK}/{}", plan.room), token).await?;
    // Sync step 1 with an empty state vector.
    socket.send(Message::binary(vec![0, 0, 1, 0])).await.map_err(|error| error.to_string())?;
    while let Some(message) = socket.next().await {
        if let Message::Binary(frame) = message.map_err(|error| error.to_string())?
            && frame.starts_with(&[0, 1])
        {
            return Ok((socket, frame.to_vec()));
        }
    }
    Err("the server closed before it answered".to_owned())
}
