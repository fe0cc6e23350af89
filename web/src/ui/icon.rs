//! The icons, drawn on a 16 × 16 field with the text's colour.

use leptos::prelude::*;

/// An icon of the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    Alert,
    Bell,
    Chart,
    Check,
    ChevronDown,
    ChevronUp,
    Clock,
    Close,
    Comment,
    Compare,
    Download,
    Flag,
    Help,
    Info,
    Link,
    Lock,
    Moon,
    More,
    Panel,
    People,
    Plus,
    Print,
    Redo,
    Search,
    SignOut,
    Sliders,
    Snapshot,
    Sun,
    Swap,
    Table,
    Undo,
}

impl Glyph {
    fn path(self) -> &'static str {
        match self {
            Self::Alert => "M8 2 14.5 13.5H1.5ZM8 6.5v3.2M8 11.6v.1",
            Self::Bell => "M3.5 11.5V7.5a4.5 4.5 0 0 1 9 0v4l1 1h-11ZM6.8 14h2.4",
            Self::Chart => "M2 2.5v11h12M4.5 10.5l3-3.5 2.5 2 3.5-4.5",
            Self::Check => "M3 8.5 6.5 12 13 4.5",
            Self::ChevronDown => "M4 6l4 4 4-4",
            Self::ChevronUp => "M4 10l4-4 4 4",
            Self::Clock => "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0ZM8 4.5V8l2.4 1.6",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Comment => "M2.5 3h11v8h-6l-3 2.5V11h-2Z",
            Self::Compare => "M2.5 3h4v10h-4ZM9.5 3h4v10h-4ZM4.5 6v0M11.5 6v0",
            Self::Download => "M8 2.5v7.5M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
            Self::Flag => "M3.5 14V2.5h8.5l-2 3 2 3H3.5",
            Self::Help => {
                "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0ZM6.2 6.3a1.9 1.9 0 1 1 2.6 1.8c-.6.3-.8.6-.8 1.2M8 11.4v.1"
            }
            Self::Info => "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0ZM8 7.2v3.6M8 5v.1",
            Self::Link => {
                "M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.4-2.4a2.6 2.6 0 0 0-3.7-3.7L8.3 4M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.1 9.2a2.6 2.6 0 0 0 3.7 3.7l.9-.9"
            }
            Self::Lock => "M3.5 7.5h9v6h-9ZM5.5 7.5v-2a2.5 2.5 0 0 1 5 0v2",
            Self::Moon => "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z",
            Self::More => "M3.5 8v.1M8 8v.1M12.5 8v.1",
            Self::Panel => "M2.5 3h11v10h-11ZM10 3v10",
            Self::People => {
                "M8.2 5.2a2.2 2.2 0 1 1-4.4 0 2.2 2.2 0 0 1 4.4 0ZM2 13c.3-2.5 1.8-4 4-4s3.7 1.5 4 4M10.5 3.2a2.2 2.2 0 0 1 0 4M12 9.3c1.2.6 1.9 1.9 2 3.7"
            }
            Self::Plus => "M8 3v10M3 8h10",
            Self::Print => "M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7Z",
            Self::Redo => "M13 6H6.5a3.5 3.5 0 0 0 0 7H10M10 3l3 3-3 3",
            Self::Search => "M11 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0ZM10 10l3.5 3.5",
            Self::Sliders => "M2.5 4.5h11M2.5 8h11M2.5 11.5h11M5.5 3v3M10.5 6.5v3M7 10v3",
            Self::SignOut => "M6.5 13.5h-4v-11h4M6.5 8h7M10.5 5l3 3-3 3",
            Self::Snapshot => "M2.5 4.5h3l1-2h3l1 2h3v8.5h-11ZM10.3 8.5a2.3 2.3 0 1 1-4.6 0 2.3 2.3 0 0 1 4.6 0Z",
            Self::Sun => {
                "M11 8a3 3 0 1 1-6 0 3 3 0 0 1 6 0ZM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7"
            }
            Self::Swap => "M3 5.5h10M10.5 3 13 5.5 10.5 8M13 10.5H3M5.5 8 3 10.5 5.5 13",
            Self::Table => "M2.5 3h11v10h-11ZM2.5 6.3h11M2.5 9.7h11",
            Self::Undo => "M3 6h6.5a3.5 3.5 0 0 1 0 7H6M6 3 3 6l3 3",
        }
    }
}

/// Draws an icon. It is decoration: whatever holds it carries the words.
#[component]
pub fn Icon(name: Glyph) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
            <path d=name.path()></path>
        </svg>
    }
}

/// The product's mark: a beam in balance.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
            <rect width="24" height="24" rx="6" fill="var(--accent)"></rect>
            <g fill="none" stroke="var(--text-on-accent)" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">
                <path d="M5 8.5h14M12 5.5v12M9 18h6"></path>
                <path d="M5 8.5 3.4 13a2.1 2.1 0 0 0 3.2 0ZM19 8.5 17.4 13a2.1 2.1 0 0 0 3.2 0Z"></path>
            </g>
        </svg>
    }
}
