//! The application: who is signed in, and which page the address asks for.

use grid_engine::refs::{Id, SheetId};
use grid_engine::wire::{StartPage, WorkbookInfo};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use crate::address::asked_in;
use crate::cycle::CycleSteps;
use crate::pages::{Compare, Consensus, Login, Notices, People, SettingsPage, Tokens, WorkbookPage};
use crate::parts::{Maker, part, wasm_split};
use crate::state::{Account, NoticeBoard, Settings, Talk};
use crate::supply::SupplyPage;
use crate::tower::Tower;
use crate::{api, ui};

/// What an address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    Login,
    Home,
    /// The live workbook, or a frozen version of it.
    Workbook {
        workbook: SheetId,
        version: Option<Id>,
    },
    Consensus {
        workbook: SheetId,
    },
    /// Scenarios, trends and bottlenecks.
    Tower {
        workbook: SheetId,
    },
    /// The supply plan: what is short, why, and what would free it.
    Supply {
        workbook: SheetId,
    },
    /// The month's six steps.
    Cycle {
        workbook: SheetId,
    },
    /// Versions side by side, the base first; `live` is a version too.
    Compare {
        workbook: SheetId,
        versions: Vec<String>,
    },
    /// Who may sign in, for administrators.
    People,
    /// One's own access tokens.
    Tokens,
    /// How one has the interface.
    Settings,
    Unknown,
}

impl Route {
    /// Reads a path and its query.
    pub fn read(path: &str, query: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let found = |text: &str| text.parse::<SheetId>().ok();
        match *parts.as_slice() {
            [] => Self::Home,
            ["login"] => Self::Login,
            ["people"] => Self::People,
            ["tokens"] => Self::Tokens,
            ["settings"] => Self::Settings,
            ["w", workbook] => {
                found(workbook).map_or(Self::Unknown, |workbook| Self::Workbook { workbook, version: None })
            }
            ["w", workbook, "v", version] => match (found(workbook), version.parse().ok()) {
                (Some(workbook), version @ Some(_)) => Self::Workbook { workbook, version },
                _ => Self::Unknown,
            },
            ["w", workbook, "consensus"] => {
                found(workbook).map_or(Self::Unknown, |workbook| Self::Consensus { workbook })
            }
            ["w", workbook, "tower"] => found(workbook).map_or(Self::Unknown, |workbook| Self::Tower { workbook }),
            ["w", workbook, "supply"] => found(workbook).map_or(Self::Unknown, |workbook| Self::Supply { workbook }),
            ["w", workbook, "cycle"] => found(workbook).map_or(Self::Unknown, |workbook| Self::Cycle { workbook }),
            ["w", workbook, "compare"] => found(workbook).map_or(Self::Unknown, |workbook| {
                let asked = |name: &str| asked_in(query, name);
                let two = [asked("a").unwrap_or_default(), asked("b").unwrap_or_else(|| "live".to_owned())];
                let further = ["c", "d", "e"].into_iter().filter_map(asked);
                Self::Compare { workbook, versions: two.into_iter().chain(further).collect() }
            }),
            _ => Self::Unknown,
        }
    }
}

/// Where the application is. Links (`<a href="/…">`) are followed without loading the page anew.
#[derive(Clone, Copy)]
pub struct Router {
    route: RwSignal<Route>,
}

impl Router {
    /// The router of this application.
    pub fn current() -> Self {
        use_context().unwrap_or_else(|| Self { route: RwSignal::new(Route::Home) })
    }

    /// The page asked for; reading it follows changes.
    pub fn route(&self) -> Route {
        self.route.get()
    }

    /// Goes to a path, as a click on a link would.
    pub fn go(&self, path: &str) {
        let window = window();
        if let Ok(history) = window.history() {
            let _ = history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(path));
        }
        self.follow();
    }

    /// Goes to a path in place of the present one.
    pub fn replace(&self, path: &str) {
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(path));
        }
        self.follow();
    }

    fn follow(&self) {
        let next = read_location();
        if self.route.with_untracked(|route| *route != next) {
            self.route.set(next);
        }
    }

    fn listen(self) {
        let back = Closure::<dyn Fn()>::new(move || self.follow());
        let click = Closure::<dyn Fn(web_sys::MouseEvent)>::new(move |event: web_sys::MouseEvent| {
            if event.default_prevented()
                || event.button() != 0
                || event.ctrl_key()
                || event.meta_key()
                || event.shift_key()
            {
                return;
            }
            let link = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
                .and_then(|element| element.closest("a[href^='/']").ok().flatten());
            let Some(link) = link else { return };
            if link.has_attribute("download") || link.has_attribute("target") {
                return;
            }
            if let Some(path) = link.get_attribute("href").filter(|path| !path.starts_with("/api/")) {
                event.prevent_default();
                self.go(&path);
            }
        });
        let window = window();
        let _ = window.add_event_listener_with_callback("popstate", back.as_ref().unchecked_ref());
        let _ = window.add_event_listener_with_callback("click", click.as_ref().unchecked_ref());
        // Both live as long as the page.
        back.forget();
        click.forget();
    }
}

fn read_location() -> Route {
    let location = window().location();
    Route::read(&location.pathname().unwrap_or_default(), &location.search().unwrap_or_default())
}

/// Puts the application on the page.
pub fn mount() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(App);
}

/// The whole application.
#[component]
fn App() -> impl IntoView {
    let router = Router { route: RwSignal::new(read_location()) };
    router.listen();
    provide_context(router);
    let account = Account::new();
    provide_context(account);
    let notices = NoticeBoard::new();
    provide_context(notices);
    provide_context(Talk::new());
    ui::provide_theme();
    let settings = Settings::remembered(notices);
    provide_context(settings);

    if matches!(router.route.get_untracked(), Route::Workbook { .. }) {
        // Fetched while the server says who is signed in; a failure shows where the page is asked for.
        spawn_local(async { drop(sheets_ahead().await) });
    }
    // Asked once; signing in sets it, a refusal because of the session clears it.
    let asked = RwSignal::new(false);
    // Whose settings hold: pages of somebody new to this browser wait for them.
    let settled = RwSignal::new(settings.owner());
    spawn_local(async move {
        if let Ok(me) = api::me().await {
            account.set(Some(me));
        }
        asked.set(true);
    });
    Effect::new(move || match account.get() {
        Some(me) => spawn_local(async move {
            let differs = settings.load(me.person).await;
            if differs || settled.get_untracked() != Some(me.person) {
                settled.set(Some(me.person));
            }
        }),
        None => settings.leave(),
    });
    Effect::new(move |_| {
        let signed_in = account.get().is_some();
        match (asked.get(), signed_in, router.route()) {
            (true, false, route) if route != Route::Login => router.replace("/login"),
            (true, true, Route::Login) => router.replace("/"),
            _ => {}
        }
    });
    let page = move || match (asked.get(), account.get()) {
        (false, _) => waiting(),
        (true, None) => view! { <Login /> }.into_any(),
        (true, Some(me)) if settled.get() != Some(me.person) => waiting(),
        (true, Some(_)) => match router.route() {
            Route::Login | Route::Home => view! { <Home /> }.into_any(),
            Route::Workbook { workbook, version } => part(sheets, (workbook, version), waiting),
            Route::Consensus { workbook } => part(consensus, workbook, waiting),
            Route::Tower { workbook } => part(tower, workbook, waiting),
            Route::Supply { workbook } => part(supply, workbook, waiting),
            Route::Cycle { workbook } => part(cycle, workbook, waiting),
            Route::Compare { workbook, versions } => part(compare, (workbook, versions), waiting),
            Route::People => part(people, (), waiting),
            Route::Tokens => part(tokens, (), waiting),
            Route::Settings => part(settings_page, (), waiting),
            Route::Unknown => view! { <NotFound /> }.into_any(),
        },
    };
    view! {
        {page}
        <Notices />
    }
}

/// Stands in place of a page that is on its way.
pub fn waiting() -> AnyView {
    view! { <div class="page-wait" aria-busy="true"></div> }.into_any()
}

#[wasm_split(workbook, fallible, wasm_split_path = leptos::wasm_split, preload(sheets_ahead))]
fn sheets() -> Maker<(SheetId, Option<Id>)> {
    Ok(|(workbook, version)| view! { <WorkbookPage workbook version /> }.into_any())
}

#[wasm_split(reading, fallible, wasm_split_path = leptos::wasm_split)]
fn consensus() -> Maker<SheetId> {
    Ok(|workbook| view! { <Consensus workbook /> }.into_any())
}

#[wasm_split(versions, fallible, wasm_split_path = leptos::wasm_split)]
fn tower() -> Maker<SheetId> {
    Ok(|workbook| view! { <Tower workbook /> }.into_any())
}

#[wasm_split(versions, fallible, wasm_split_path = leptos::wasm_split)]
fn supply() -> Maker<SheetId> {
    Ok(|workbook| view! { <SupplyPage workbook /> }.into_any())
}

#[wasm_split(forms, fallible, wasm_split_path = leptos::wasm_split)]
fn cycle() -> Maker<SheetId> {
    Ok(|workbook| view! { <CycleSteps workbook /> }.into_any())
}

#[wasm_split(comparing, fallible, wasm_split_path = leptos::wasm_split)]
fn compare() -> Maker<(SheetId, Vec<String>)> {
    Ok(|(workbook, versions)| view! { <Compare workbook versions /> }.into_any())
}

#[wasm_split(forms, fallible, wasm_split_path = leptos::wasm_split)]
fn people() -> Maker<()> {
    Ok(|()| view! { <People /> }.into_any())
}

#[wasm_split(forms, fallible, wasm_split_path = leptos::wasm_split)]
fn tokens() -> Maker<()> {
    Ok(|()| view! { <Tokens /> }.into_any())
}

#[wasm_split(forms, fallible, wasm_split_path = leptos::wasm_split)]
fn settings_page() -> Maker<()> {
    Ok(|()| view! { <SettingsPage /> }.into_any())
}

/// The list of workbooks; a single one opens at once.
#[component]
fn Home() -> impl IntoView {
    let router = Router::current();
    let account = Account::current();
    // Found now: there is no page to find it by once the server has answered.
    let settings = Settings::current();
    let workbooks = RwSignal::new(None::<Result<Vec<WorkbookInfo>, String>>);
    let place = move |workbook: &WorkbookInfo| {
        let reads_live = account.get_untracked().is_some_and(|me| me.may_read_live);
        let page = match settings.start() {
            StartPage::Workbook if reads_live => "",
            StartPage::Workbook | StartPage::Consensus => "/consensus",
            StartPage::Tower => "/tower",
            StartPage::Cycle => "/cycle",
        };
        format!("/w/{}{page}", workbook.id)
    };
    spawn_local(async move {
        match api::workbooks().await {
            Ok(list) => match list.as_slice() {
                [only] => router.replace(&place(only)),
                _ => workbooks.set(Some(Ok(list))),
            },
            Err(refusal) => workbooks.set(Some(Err(refusal.message))),
        }
    });
    move || {
        workbooks.get().map(|answer| match answer {
            Ok(list) if list.is_empty() => view! {
                <main class="home">
                    <h1>"No workbook yet"</h1>
                    <p>"Import order and master data tables with "<code>"equipoise import"</code>", or fill the data folder with the demo company: "<code>"equipoise demo"</code>"."</p>
                </main>
            }
            .into_any(),
            Ok(list) => view! {
                <main class="home">
                    <h1>"Workbooks"</h1>
                    <ul class="home-list">
                        {list
                            .iter()
                            .map(|workbook| view! { <li><a class="home-card" href=place(workbook)>{workbook.title.clone()}</a></li> })
                            .collect_view()}
                    </ul>
                </main>
            }
            .into_any(),
            Err(message) => view! {
                <main class="home">
                    <h1>"The workbooks could not be loaded"</h1>
                    <p>{message}</p>
                    <a class="button" href="/">"Try again"</a>
                </main>
            }
            .into_any(),
        })
    }
}

/// An address that leads nowhere.
#[component]
fn NotFound() -> impl IntoView {
    view! {
        <main class="home">
            <h1>"Nothing here"</h1>
            <p>"This address leads to no page. The workbook or version may have been renamed or removed."</p>
            <a class="button" href="/">"Back to the workbooks"</a>
        </main>
    }
}
