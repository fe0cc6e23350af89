//! How the person at this browser has the interface: from the server, which keeps it, and from this browser's storage
//! until the server has said.

use grid_engine::refs::{PersonId, SheetId};
use grid_engine::wire::{CurrencyStyle, Density, Preferences, StartPage, ThemeChoice};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{NoticeBoard, Tone};
use crate::grid::layout::Freeze;
use crate::ui::{Theme, use_chosen_theme};
use crate::{api, locale};

/// Where it is kept in the browser; the page itself reads theme and density before anything else.
const KEY: &str = "equipoise.preferences";
const OWNER_KEY: &str = "equipoise.preferences.of";
const DENSITY_KEY: &str = "equipoise.density";
const COMPACT: &str = "compact";
const VIEW_KEY: &str = "equipoise.view";
const FREEZE_KEY: &str = "equipoise.freeze.";
const SIDE_BY_SIDE: &str = "side-by-side";
const SPARKLINES: &str = "sparklines";

/// The settings of this application.
#[derive(Clone, Copy)]
pub struct Settings {
    kept: RwSignal<Preferences>,
    /// As the server has them.
    stored: StoredValue<Option<Preferences>>,
    theme: RwSignal<Option<Theme>>,
    notices: NoticeBoard,
}

impl Settings {
    /// What this browser remembers; call once, at the root, after the theme is provided.
    pub fn remembered(notices: NoticeBoard) -> Self {
        let text = storage().and_then(|storage| storage.get_item(KEY).ok().flatten()).unwrap_or_default();
        let kept = serde_json::from_str(&text).unwrap_or_default();
        let settings = Self::new(kept, use_chosen_theme(), notices);
        settings.show();
        // The button of the top bar.
        let theme = settings.theme;
        Effect::new(move || {
            let chosen = match theme.get() {
                None => ThemeChoice::System,
                Some(Theme::Light) => ThemeChoice::Light,
                Some(Theme::Dark) => ThemeChoice::Dark,
            };
            if settings.kept.with_untracked(|kept| kept.theme != chosen) {
                settings.change(|kept| kept.theme = chosen);
            }
        });
        settings
    }

    fn new(kept: Preferences, theme: RwSignal<Option<Theme>>, notices: NoticeBoard) -> Self {
        Self { kept: RwSignal::new(kept), stored: StoredValue::new(None), theme, notices }
    }

    /// The settings of this application.
    pub fn current() -> Self {
        use_context().unwrap_or_else(|| Self::new(Preferences::default(), RwSignal::new(None), NoticeBoard::current()))
    }

    /// What was chosen; reading it follows changes.
    pub fn get(&self) -> Preferences {
        self.kept.get()
    }

    /// The page workbooks open with.
    pub fn start(&self) -> StartPage {
        self.kept.with_untracked(|kept| kept.start)
    }

    /// Whether rows are low.
    pub fn is_compact(&self) -> bool {
        self.kept.with_untracked(|kept| kept.density == Density::Compact)
    }

    /// How sheets are shown in this browser: measures side by side, and with sparklines.
    pub fn view() -> (bool, bool) {
        let kept = storage().and_then(|storage| storage.get_item(VIEW_KEY).ok().flatten()).unwrap_or_default();
        (kept.contains(SIDE_BY_SIDE), kept.contains(SPARKLINES))
    }

    /// Remembers how sheets are shown.
    pub fn remember_view((side_by_side, sparklines): (bool, bool)) {
        let words = [(side_by_side, SIDE_BY_SIDE), (sparklines, SPARKLINES)];
        let words: Vec<&str> = words.into_iter().filter(|(is_on, _)| *is_on).map(|(_, word)| word).collect();
        if let Some(storage) = storage() {
            let _ = storage.set_item(VIEW_KEY, &words.join(" "));
        }
    }

    /// What of a sheet stays in view in this browser.
    pub fn freeze(sheet: SheetId) -> Freeze {
        let kept = storage().and_then(|storage| storage.get_item(&format!("{FREEZE_KEY}{sheet}")).ok().flatten());
        let kept = kept.as_deref().and_then(|kept| kept.split_once(' '));
        kept.map(|(row, col)| Freeze { row: row.parse().ok(), col: col.parse().ok() }).unwrap_or_default()
    }

    /// Remembers what of a sheet stays in view.
    pub fn remember_freeze(sheet: SheetId, Freeze { row, col }: Freeze) {
        let Some(storage) = storage() else { return };
        let key = format!("{FREEZE_KEY}{sheet}");
        let _ = match (row, col) {
            (None, None) => storage.remove_item(&key),
            (row, col) => {
                let (row, col) = (row.map(|row| row.to_string()), col.map(|col| col.to_string()));
                storage.set_item(&key, &format!("{} {}", row.unwrap_or_default(), col.unwrap_or_default()))
            }
        };
    }

    /// The language tag everything is shown in.
    pub fn tag(&self) -> String {
        self.kept.with_untracked(tag)
    }

    /// Changes what is chosen: shown at once, and kept.
    pub fn change(&self, change: impl FnOnce(&mut Preferences)) {
        self.kept.update(change);
        self.show();
        let kept = self.kept.get_untracked();
        if self.stored.get_value().is_none_or(|stored| stored == kept) {
            return;
        }
        self.stored.set_value(Some(kept.clone()));
        let notices = self.notices;
        spawn_local(async move {
            if let Err(refusal) = api::put_preferences(&kept).await {
                notices.say(Tone::Warn, "The setting holds in this browser only", refusal.message);
            }
        });
    }

    /// Whose settings this browser remembers: whoever comes back does not wait for the server's.
    pub fn owner(&self) -> Option<PersonId> {
        storage()?.get_item(OWNER_KEY).ok().flatten()?.parse().ok()
    }

    /// Takes what the server keeps of the person who has signed in. Whether that is something else than was shown.
    pub async fn load(self, person: PersonId) -> bool {
        // Without an answer, what this browser remembers is good enough.
        let Ok(found) = api::preferences().await else { return false };
        self.stored.set_value(Some(found.clone()));
        let differs = self.kept.with_untracked(|kept| *kept != found);
        if differs {
            self.kept.set(found);
            self.show();
        }
        if let Some(storage) = storage() {
            let _ = storage.set_item(OWNER_KEY, &person.to_string());
        }
        differs
    }

    /// Nobody is signed in: what is changed now is this browser's alone.
    pub fn leave(&self) {
        self.stored.set_value(None);
    }

    /// Has everything follow, before anything is shown anew.
    fn show(&self) {
        self.kept.with_untracked(|kept| {
            locale::take(&tag(kept));
            locale::show_symbols(kept.currency == CurrencyStyle::Symbol);
            remember(kept);
        });
        let chosen = match self.kept.with_untracked(|kept| kept.theme) {
            ThemeChoice::System => None,
            ThemeChoice::Light => Some(Theme::Light),
            ThemeChoice::Dark => Some(Theme::Dark),
        };
        if self.theme.get_untracked() != chosen {
            self.theme.set(chosen);
        }
    }
}

/// The language tag of a person's choice.
pub fn tag(kept: &Preferences) -> String {
    let of_browser = || window().navigator().language().unwrap_or_default();
    if kept.locale.is_empty() { of_browser() } else { kept.locale.clone() }
}

/// Keeps it in this browser, and has the style sheets follow. A full or forbidden storage only means that it is not
/// remembered.
fn remember(kept: &Preferences) {
    let compact = (kept.density == Density::Compact).then_some(COMPACT);
    if let Some(root) = document().document_element() {
        let _ = match compact {
            Some(density) => root.set_attribute("data-density", density),
            None => root.remove_attribute("data-density"),
        };
    }
    let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(kept)) else { return };
    let _ = storage.set_item(KEY, &text);
    let _ = match compact {
        Some(density) => storage.set_item(DENSITY_KEY, density),
        None => storage.remove_item(DENSITY_KEY),
    };
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
