//! A WebSocket that comes back: it reconnects with growing pauses until it is closed for good.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use js_sys::{ArrayBuffer, Uint8Array};
use leptos::prelude::{set_timeout, window};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

/// What happens on a link.
#[derive(Debug)]
pub enum LinkEvent {
    Open,
    Text(String),
    Bytes(Vec<u8>),
    /// The connection ended; another attempt follows unless the code says that it would be in vain.
    Closed {
        code: u16,
        reason: String,
    },
}

/// Pauses between attempts: short at first, because most interruptions are, and never long,
/// because people wait.
const PAUSES_MS: [u64; 6] = [250, 500, 1000, 2000, 4000, 8000];

/// The server ends a session or a right with these: trying again would give the same answer.
pub const SIGNED_OUT: u16 = 4401;
pub const FORBIDDEN: u16 = 4403;
/// What is held of the room is of another epoch: it is joined as if nothing were.
pub const PAST: u16 = 4409;

/// A connection by path, e.g. `/live/demo`. Dropping it closes it.
pub struct Link {
    inner: Rc<Inner>,
}

struct Inner {
    path: RefCell<String>,
    socket: RefCell<Option<Socket>>,
    attempts: Cell<usize>,
    closed: Cell<bool>,
    on_event: Box<dyn Fn(LinkEvent)>,
}

/// A socket and the callbacks that must live as long.
struct Socket {
    socket: WebSocket,
    _open: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

impl Link {
    /// Connects, and keeps connected.
    pub fn open(path: String, on_event: impl Fn(LinkEvent) + 'static) -> Self {
        let inner = Rc::new(Inner {
            path: RefCell::new(path),
            socket: RefCell::new(None),
            attempts: Cell::new(0),
            closed: Cell::new(false),
            on_event: Box::new(on_event),
        });
        Inner::connect(&inner);
        Self { inner }
    }

    /// Connects by another path from the next time on.
    pub fn redirect(&self, path: String) {
        self.inner.path.replace(path);
    }

    /// Whether messages can be sent now.
    pub fn is_open(&self) -> bool {
        self.inner.socket.borrow().as_ref().is_some_and(|socket| socket.socket.ready_state() == WebSocket::OPEN)
    }

    /// Sends bytes; lost when the link is down (a reconnection brings both sides up to date).
    pub fn send_bytes(&self, bytes: &[u8]) {
        if let Some(socket) = self.inner.socket.borrow().as_ref() {
            let _ = socket.socket.send_with_u8_array(bytes);
        }
    }

    /// Sends text; lost when the link is down.
    pub fn send_text(&self, text: &str) {
        if let Some(socket) = self.inner.socket.borrow().as_ref() {
            let _ = socket.socket.send_with_str(text);
        }
    }

    /// Tries at once rather than after the pause, e.g. when the browser says that the network is back.
    pub fn hurry(&self) {
        self.inner.attempts.set(0);
        if self.inner.socket.borrow().is_none() {
            Inner::connect(&self.inner);
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.inner.closed.set(true);
        self.inner.drop_socket();
    }
}

impl Inner {
    fn connect(self: &Rc<Self>) {
        if self.closed.get() || self.socket.borrow().is_some() {
            return;
        }
        let location = window().location();
        let scheme = if location.protocol().is_ok_and(|protocol| protocol == "https:") { "wss" } else { "ws" };
        let address = format!("{scheme}://{}{}", location.host().unwrap_or_default(), self.path.borrow());
        let Ok(socket) = WebSocket::new(&address) else {
            Self::retry(self);
            return;
        };
        socket.set_binary_type(BinaryType::Arraybuffer);

        let this = Rc::downgrade(self);
        let open = Closure::<dyn FnMut(Event)>::new(move |_| {
            if let Some(this) = this.upgrade() {
                this.attempts.set(0);
                (this.on_event)(LinkEvent::Open);
            }
        });
        let this = Rc::downgrade(self);
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let Some(this) = this.upgrade() else { return };
            match event.data().dyn_into::<ArrayBuffer>() {
                Ok(buffer) => (this.on_event)(LinkEvent::Bytes(Uint8Array::new(&buffer).to_vec())),
                Err(data) => {
                    if let Some(text) = data.as_string() {
                        (this.on_event)(LinkEvent::Text(text));
                    }
                }
            }
        });
        let this = Rc::downgrade(self);
        let close = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
            let Some(this) = this.upgrade() else { return };
            // The callback that runs now must not be freed by itself: the socket is let go afterwards.
            if let Some(old) = this.socket.borrow_mut().take() {
                detach(&old.socket);
                set_timeout(move || drop(old), Duration::ZERO);
            }
            (this.on_event)(LinkEvent::Closed { code: event.code(), reason: event.reason() });
            if !matches!(event.code(), SIGNED_OUT | FORBIDDEN) {
                Self::retry(&this);
            }
        });
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        *self.socket.borrow_mut() = Some(Socket { socket, _open: open, _message: message, _close: close });
    }

    fn retry(self: &Rc<Self>) {
        let attempt = self.attempts.get();
        self.attempts.set(attempt + 1);
        let pause = PAUSES_MS[attempt.min(PAUSES_MS.len() - 1)];
        // Spread out, so that a restarted server is not met by everyone at once.
        let pause = pause / 2 + (js_sys::Math::random() * pause as f64) as u64;
        let this = Rc::downgrade(self);
        set_timeout(
            move || {
                if let Some(this) = this.upgrade() {
                    this.connect();
                }
            },
            Duration::from_millis(pause),
        );
    }

    fn drop_socket(&self) {
        if let Some(old) = self.socket.borrow_mut().take() {
            detach(&old.socket);
            let _ = old.socket.close();
            // This may run inside one of the socket's own callbacks.
            set_timeout(move || drop(old), Duration::ZERO);
        }
    }
}

fn detach(socket: &WebSocket) {
    socket.set_onopen(None);
    socket.set_onmessage(None);
    socket.set_onclose(None);
}
