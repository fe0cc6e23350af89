//! How a person has the interface. Whatever is chosen holds at once, and in every browser this person signs in with.

use grid_engine::calendar::Date;
use grid_engine::value::Locale;
use grid_engine::wire::{CurrencyStyle, Density, StartPage, ThemeChoice};
use leptos::prelude::*;

use super::keys::KeyTable;
use super::top_bar::PlainBar;
use crate::locale;
use crate::state::{Settings, settings_tag};
use crate::ui::{Segmented, Select};

/// Its look; it comes with the part.
const STYLE: &str = include_str!("../../styles/settings.css");

const THEMES: [(ThemeChoice, &str); 3] =
    [(ThemeChoice::System, "As the system"), (ThemeChoice::Light, "Light"), (ThemeChoice::Dark, "Dark")];
const DENSITIES: [(Density, &str); 2] = [(Density::Comfortable, "Comfortable"), (Density::Compact, "Compact")];
const CURRENCIES: [(CurrencyStyle, &str); 2] = [(CurrencyStyle::Code, "EUR"), (CurrencyStyle::Symbol, "€")];
const STARTS: [(StartPage, &str); 4] = [
    (StartPage::Workbook, "Workbook"),
    (StartPage::Consensus, "Consensus"),
    (StartPage::Tower, "Tower"),
    (StartPage::Cycle, "Cycle"),
];

/// The settings page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let settings = Settings::current();
    let locales = Signal::derive(move || {
        let browser = window().navigator().language().unwrap_or_default();
        let mut options = vec![(String::new(), format!("As the browser ({browser})"))];
        options.extend(locale::CHOICES.map(|(tag, example)| (tag.to_owned(), example.to_owned())));
        options
    });
    let sample = move || {
        let locale = Locale::of(&settings_tag(&settings.get()));
        let date = Date::from_ymd(2026, 3, 31).map(|day| locale.day(day)).unwrap_or_default();
        format!("{} · {date}", locale.shown("-1,234,567.89"))
    };
    view! {
        <style>{STYLE}</style>
        <div class="reading">
        <PlainBar />
        <main class="page settings-page">
            <div class="page-head">
                <h1>"Settings"</h1>
            </div>
            <p class="muted">"They are yours, and hold in every browser you sign in with."</p>
            <section class="card settings">
                <div class="setting">
                    <div>
                        <h2>"Numbers and dates"</h2>
                        <p class="muted">"How they are shown, and how what you type is read: " <b data-testid="sample">{sample}</b>". Formulas are the same for everyone: "<code>"=MAX(1.5,A1)"</code>"."</p>
                    </div>
                    <Select
                        label="Numbers and dates"
                        options=locales
                        value=Signal::derive(move || settings.get().locale)
                        on_change=move |tag| settings.change(|kept| kept.locale = tag)
                    />
                </div>
                <Choice title="Currency" help="How it is named beside figures." choices=&CURRENCIES now=move || settings.get().currency set=move |currency| settings.change(|kept| kept.currency = currency) />
                <Choice title="Theme" help="Light, dark, or whatever your system has." choices=&THEMES now=move || settings.get().theme set=move |theme| settings.change(|kept| kept.theme = theme) />
                <Choice title="Rows" help="How high the rows of sheets and tables are." choices=&DENSITIES now=move || settings.get().density set=move |density| settings.change(|kept| kept.density = density) />
                <Choice title="Start page" help="What a workbook opens with." choices=&STARTS now=move || settings.get().start set=move |start| settings.change(|kept| kept.start = start) />
            </section>
            <section class="card">
                <h2>"Help"</h2>
                <p><a href="/help/functions" target="_blank">"Every function, with its arguments and an example"</a></p>
                <details>
                    <summary>"The keys of the workbook (F1 shows them there)"</summary>
                    <KeyTable />
                </details>
            </section>
        </main>
        </div>
    }
}

/// One setting with its choices in a row.
#[component]
fn Choice<T: Copy + PartialEq + Send + Sync + 'static>(
    title: &'static str,
    help: &'static str,
    choices: &'static [(T, &'static str)],
    now: impl Fn() -> T + Copy + Send + Sync + 'static,
    set: impl Fn(T) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let value = move || choices.iter().position(|(choice, _)| *choice == now()).unwrap_or(0).to_string();
    let choose = move |index: String| {
        if let Some((choice, _)) = index.parse::<usize>().ok().and_then(|index| choices.get(index)) {
            set(*choice);
        }
    };
    view! {
        <div class="setting">
            <div>
                <h2>{title}</h2>
                <p class="muted">{help}</p>
            </div>
            <Segmented
                label=title
                options=choices.iter().enumerate().map(|(index, (_, words))| (index.to_string(), (*words).to_owned())).collect()
                value=Signal::derive(value)
                on_change=choose
            />
        </div>
    }
}
