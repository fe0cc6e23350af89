//! Routes and what is said of them: the router and its description ([`super::described`]) are made of one list.
//!
//! Beside each handler stands a sentence with what goes in and comes out:
//!
//! ```text
//! Signs in | takes Login | gives Me | fails login.wrong login.throttled
//! ```
//!
//! `asks month?` names parameters of the address, a question mark those that may be left out; `gives nothing` and
//! `gives file text/csv` are answers without a schema. What every route of a kind may answer is added here.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::routing::{MethodRouter, any, delete, get, post, put};
use axum::{Extension, Router};

use super::request::MostBytes;
use crate::app::App;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Everyone,
    SignedIn,
    /// Who sees every row.
    WholePlan,
}

/// Routes under one prefix, and what is said of each.
pub(super) struct Api {
    prefix: &'static str,
    who: Who,
    router: Router<Arc<App>>,
    said: Vec<Said>,
}

/// What is said of one route.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub method: &'static str,
    pub path: String,
    pub who: Who,
    pub words: &'static str,
}

impl Api {
    /// Routes for everyone.
    pub fn open(prefix: &'static str) -> Self {
        Self { prefix, who: Who::Everyone, router: Router::new(), said: Vec::new() }
    }

    /// Routes for who has signed in.
    pub fn signed_in(prefix: &'static str) -> Self {
        Self { who: Who::SignedIn, ..Self::open(prefix) }
    }

    /// Routes that speak of the whole plan.
    pub fn whole_plan(prefix: &'static str) -> Self {
        Self { who: Who::WholePlan, ..Self::open(prefix) }
    }

    pub fn get<T: 'static>(self, path: &str, handler: impl Handler<T, Arc<App>>, words: &'static str) -> Self {
        self.add("get", path, get(handler), words)
    }

    pub fn post<T: 'static>(self, path: &str, handler: impl Handler<T, Arc<App>>, words: &'static str) -> Self {
        self.add("post", path, post(handler), words)
    }

    /// A route whose body may have this many bytes.
    pub fn post_up_to<T: 'static>(
        self,
        path: &str,
        max: usize,
        handler: impl Handler<T, Arc<App>>,
        words: &'static str,
    ) -> Self {
        self.add("post", path, up_to(max, post(handler)), words)
    }

    pub fn put<T: 'static>(self, path: &str, handler: impl Handler<T, Arc<App>>, words: &'static str) -> Self {
        self.add("put", path, put(handler), words)
    }

    /// The same with a body of this many bytes.
    pub fn put_up_to<T: 'static>(
        self,
        path: &str,
        max: usize,
        handler: impl Handler<T, Arc<App>>,
        words: &'static str,
    ) -> Self {
        self.add("put", path, up_to(max, put(handler)), words)
    }

    pub fn delete<T: 'static>(self, path: &str, handler: impl Handler<T, Arc<App>>, words: &'static str) -> Self {
        self.add("delete", path, delete(handler), words)
    }

    /// A WebSocket, which is asked for as a page is; the router gives other methods their answer itself.
    pub fn socket<T: 'static>(self, path: &str, handler: impl Handler<T, Arc<App>>, words: &'static str) -> Self {
        self.add("get", path, any(handler), words)
    }

    fn add(mut self, method: &'static str, path: &str, handler: MethodRouter<Arc<App>>, words: &'static str) -> Self {
        self.said.push(Said { method, path: format!("{}{path}", self.prefix), who: self.who, words });
        self.router = self.router.route(path, handler);
        self
    }

    /// Takes other routes of the same prefix in.
    pub fn with(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.said.extend(other.said);
        self
    }

    /// Changes the router, e.g. by layers around it.
    pub fn layered(mut self, layer: impl FnOnce(Router<Arc<App>>) -> Router<Arc<App>>) -> Self {
        self.router = layer(self.router);
        self
    }

    /// The router, and what is said of its routes.
    pub fn into_parts(self) -> (Router<Arc<App>>, Vec<Said>) {
        (self.router, self.said)
    }
}

/// Handlers whose body may have this many bytes, and who can say so.
fn up_to(max: usize, of: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    of.layer((DefaultBodyLimit::max(max), Extension(MostBytes(max))))
}
