//! Primitives of the interface: they know nothing of plans, only of people looking and pressing.

mod avatar;
mod badge;
mod button;
mod dialog;
mod downloads;
mod empty;
mod figures_table;
mod file_button;
mod icon;
mod menu;
mod moment;
mod popup;
mod progress;
mod resized;
mod select;
mod tabs;
mod theme;

pub use avatar::Avatar;
pub use badge::{Badge, Tone};
pub use button::{Button, ButtonKind, IconButton};
pub use dialog::Dialog;
pub use downloads::Downloads;
pub use empty::{EmptyState, Notice};
pub use figures_table::{FiguresTable, Head};
pub use file_button::{ChosenFile, FileButton};
pub use icon::{Brand, Glyph, Icon};
pub use menu::{Menu, MenuChoice, MenuItem};
pub use moment::moment;
pub use popup::PopupMenu;
pub use progress::{Progress, Spinner};
pub use resized::on_resize;
pub use select::{Segmented, Select};
pub use tabs::Tabs;
pub use theme::{Theme, ThemeToggle, provide_theme, use_chosen_theme, use_theme};
