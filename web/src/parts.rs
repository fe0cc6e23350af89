//! Parts of the interface that are fetched when they are first shown, so that a sheet is on the screen sooner.
//!
//! A function with `#[wasm_split(name, …)]` is a place where the program is cut: the build puts what only such
//! functions of one name reach into a file of its own, and what several names reach into one that they share.

use std::future::Future;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;
pub use leptos::wasm_split::wasm_split;

use crate::state::{NoticeBoard, Tone};
use crate::ui::{Button, EmptyState, Glyph};

/// What makes a part from what it is about, once it is here.
pub type Maker<T> = Result<Make<T>, SplitLoaderError>;

type Make<T> = fn(T) -> AnyView;

/// Shows a part as soon as it is here; until then, `meanwhile`.
pub fn part<T, F>(fetch: fn() -> F, about: T, meanwhile: fn() -> AnyView) -> AnyView
where
    T: Clone + Send + Sync + 'static,
    F: Future<Output = Maker<T>> + 'static,
{
    let maker = RwSignal::new(None::<Option<Make<T>>>);
    let ask = move || {
        spawn_local(async move {
            let fetched = fetch().await.ok();
            maker.try_set(Some(fetched));
        });
    };
    ask();
    let again = move |_| {
        maker.set(None);
        ask();
    };
    let shown = move || match maker.get() {
        None => meanwhile(),
        Some(Some(make)) => make(about.clone()),
        Some(None) => not_fetched(again),
    };
    shown.into_any()
}

/// Stands in place of a part that could not be fetched.
fn not_fetched(again: impl Fn(web_sys::MouseEvent) + Send + Sync + 'static) -> AnyView {
    let reload = |_| {
        let _ = window().location().reload();
    };
    view! {
        <EmptyState
            icon=Glyph::Alert
            title="This part did not arrive"
            text="The server could not be reached, or has a newer version: then load the page again. What was entered is kept."
        >
            <Button on_click=again>"Try again"</Button>
            <Button on_click=reload>"Load the page"</Button>
        </EmptyState>
    }
    .into_any()
}

/// How long after a failure a part is asked for again.
pub const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Adds a part that leaves no gap before it is here. It is asked for until it comes; a failure is told.
pub fn later<T, F>(fetch: fn() -> F, about: T) -> AnyView
where
    T: Clone + Send + Sync + 'static,
    F: Future<Output = Maker<T>> + 'static,
{
    let maker = RwSignal::new(None::<Make<T>>);
    ask(fetch, maker, NoticeBoard::current());
    (move || maker.get().map(|make| make(about.clone()))).into_any()
}

fn ask<T, F>(fetch: fn() -> F, maker: RwSignal<Option<Make<T>>>, notices: NoticeBoard)
where
    T: 'static,
    F: Future<Output = Maker<T>> + 'static,
{
    spawn_local(async move {
        match fetch().await {
            Ok(make) => drop(maker.try_set(Some(make))),
            Err(_) if maker.is_disposed() => {}
            Err(_) => {
                notices.say(Tone::Warn, "Some tools have not arrived", "The server is asked for them again.");
                set_timeout(move || ask(fetch, maker, notices), AGAIN_AFTER);
            }
        }
    });
}
