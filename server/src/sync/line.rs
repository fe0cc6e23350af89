//! A connection's way out to the network.
//!
//! Whoever has a message sends it at once where nothing waits before it: waking the connection's own task for each frame
//! costs as much again as sending it. What the network does not take yet is that task's to see through.

use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::ws::{Message, WebSocket};
use futures_util::future::poll_fn;
use futures_util::stream::SplitSink;
use futures_util::{FutureExt, Sink};
use tokio::task::coop::unconstrained;

/// The sending half of a WebSocket, shared by the workbook's task and the connection's own.
pub struct Line(Mutex<SplitSink<WebSocket, Message>>);

/// What came of sending at once.
pub enum AtOnce {
    Sent,
    /// The line has taken it, the network has not yet, or has ended: [`Line::flush`] tells.
    Begun,
    /// The line is in use.
    NotNow(Message),
}

impl Line {
    pub fn new(sink: SplitSink<WebSocket, Message>) -> Self {
        Self(Mutex::new(sink))
    }

    fn sink(&self) -> MutexGuard<'_, SplitSink<WebSocket, Message>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a message without waiting, where `is_free` still says so once the line is ours: the connection's task would
    /// not be woken for what it has begun.
    pub fn at_once(&self, message: Message, is_free: impl Fn() -> bool) -> AtOnce {
        let Ok(mut sink) = self.0.try_lock() else { return AtOnce::NotNow(message) };
        if !is_free() {
            return AtOnce::NotNow(message);
        }
        let mut sink = Pin::new(&mut *sink);
        // Telling hundreds of peers is one step of the workbook's task, however much of it is input and output.
        let ready = unconstrained(poll_fn(|context| sink.as_mut().poll_ready(context))).now_or_never();
        if !matches!(ready, Some(Ok(()))) {
            return AtOnce::NotNow(message);
        }
        if sink.as_mut().start_send(message).is_err() {
            return AtOnce::Begun;
        }
        let flushed = unconstrained(poll_fn(|context| sink.as_mut().poll_flush(context))).now_or_never();
        if matches!(flushed, Some(Ok(()))) { AtOnce::Sent } else { AtOnce::Begun }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// When the network has ended.
    pub async fn send(&self, message: Message) -> Result<(), axum::Error> {
        poll_fn(|context| Pin::new(&mut *self.sink()).poll_ready(context)).await?;
        Pin::new(&mut *self.sink()).start_send(message)?;
        self.flush().await
    }

    /// Waits until the network has taken what the line has.
    ///
    /// # Errors
    /// When the network has ended.
    pub async fn flush(&self) -> Result<(), axum::Error> {
        poll_fn(|context| Pin::new(&mut *self.sink()).poll_flush(context)).await
    }
}
