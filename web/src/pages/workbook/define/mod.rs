//! Dialogs about what a sheet is made of: names, rules, measures, rows with keys.

mod highlight;
mod locks;
mod measure;
mod names;
mod new_row;
mod validation;

use grid_engine::doc::Op;
use grid_engine::refs::a1::column_letters;
use grid_engine::refs::{ColId, MeasureId, RoomId, SheetId};
use grid_engine::wire::Role;
use leptos::prelude::*;

use crate::grid::{Defining, Grid};
use crate::state::Session;
use crate::ui::{Button, ButtonKind, Dialog, Glyph, Icon, Menu, MenuItem, Notice, Tone};
use highlight::HighlightForm;
use locks::LocksForm;
use measure::MeasureForm;
use names::NamesForm;
use new_row::RowForm;
use validation::ValidationForm;

/// What the dialogs work with.
#[derive(Clone, Copy)]
struct Definer {
    session: Session,
    grid: Grid,
    open: RwSignal<bool>,
    /// Why the last attempt was refused.
    refused: RwSignal<Option<String>>,
}

impl Definer {
    /// Makes an edit; the dialog closes when it is made, and says why where it is not.
    fn make(&self, ops: Vec<Op>, close: bool) -> bool {
        match self.session.edit(ops, None) {
            Ok(()) => {
                self.refused.set(None);
                self.grid.restructured();
                if close {
                    self.open.set(false);
                }
                true
            }
            Err(error) => {
                self.refuse(error.to_string());
                false
            }
        }
    }

    fn refuse(&self, why: impl Into<String>) {
        self.refused.set(Some(why.into()));
    }

    /// What was wrong, over a form.
    fn problem(&self) -> impl IntoView + use<> {
        let refused = self.refused;
        move || refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })
    }

    /// The buttons under a form.
    fn actions(&self, words: &'static str) -> impl IntoView + use<> {
        let open = self.open;
        view! {
            <div class="actions">
                <Button on_click=move |_| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary role="submit">{words}</Button>
            </div>
        }
    }
}

fn is_admin(session: Session) -> bool {
    session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.role == Role::Admin))
}

/// The menu in the tool bar.
#[component]
pub fn DefineMenu(grid: Grid, session: Session) -> impl IntoView {
    let planning = move || grid.subject().is_some_and(|subject| subject.kind == grid_engine::doc::SheetKind::Planning);
    view! {
        <Menu label="Names, rules and measures" class="quiet" face=|| view! { <Icon name=Glyph::Sliders /> <span class="tool-words">"Define"</span> <Icon name=Glyph::ChevronDown /> }>
            {move || {
                grid.sheet.track();
                session.opening.track();
                let (admin, planning) = (is_admin(session), planning());
                let rows = planning && grid.may_restructure().1;
                view! {
                    {rows.then(|| view! { <MenuItem icon=Glyph::Plus on_click=move |()| grid.define(Defining::NewRow)>"Add a row…"</MenuItem> })}
                    <MenuItem on_click=move |()| grid.define(Defining::Names)>"Names…"</MenuItem>
                    <MenuItem on_click=move |()| grid.define(Defining::Validation)>"What cells accept…"</MenuItem>
                    <MenuItem on_click=move |()| grid.define(Defining::Highlight)>"Conditional format…"</MenuItem>
                    <MenuItem icon=Glyph::Lock on_click=move |()| grid.define(Defining::Locks)>"Locks…"</MenuItem>
                    {planning.then(|| view! { <MenuItem on_click=move |()| grid.define(Defining::Measure)>"This measure…"</MenuItem> })}
                    {(planning && admin).then(|| view! { <MenuItem on_click=move |()| grid.define(Defining::NewMeasure)>"New measure…"</MenuItem> })}
                }
            }}
        </Menu>
    }
}

/// The dialog in `grid.defining`.
#[component]
pub fn DefineDialog(grid: Grid, session: Session) -> impl IntoView {
    let open = RwSignal::new(false);
    let definer = Definer { session, grid, open, refused: RwSignal::new(None) };
    Effect::new(move || {
        definer.refused.set(None);
        open.set(grid.defining.get().is_some());
    });
    let close = move |()| {
        grid.defining.set(None);
        grid.focus();
    };
    let title = Signal::derive(move || {
        match grid.defining.get() {
            Some(Defining::Names) => "Names for formulas",
            Some(Defining::Validation) => "What cells accept",
            Some(Defining::Highlight) => "Conditional format",
            Some(Defining::Measure) => "Measure",
            Some(Defining::NewMeasure) => "New measure",
            Some(Defining::NewRow) => "Add a row",
            Some(Defining::Locks) => "Locks",
            None => "",
        }
        .to_owned()
    });
    view! {
        <Dialog open title on_close=close>
            {move || {
                let subject = grid.subject()?;
                Some(match grid.defining.get()? {
                    Defining::Names => view! { <NamesForm definer subject /> }.into_any(),
                    Defining::Validation => view! { <ValidationForm definer subject /> }.into_any(),
                    Defining::Highlight => view! { <HighlightForm definer subject /> }.into_any(),
                    Defining::Measure => view! { <MeasureForm definer subject fresh=false /> }.into_any(),
                    Defining::NewMeasure => view! { <MeasureForm definer subject fresh=true /> }.into_any(),
                    Defining::NewRow => view! { <RowForm definer subject /> }.into_any(),
                    Defining::Locks => view! { <LocksForm definer subject /> }.into_any(),
                })
            }}
        </Dialog>
    }
}

/// A line of text in a form.
fn line(
    label: &'static str,
    name: &'static str,
    hint: impl Into<String>,
    value: RwSignal<String>,
    read_only: bool,
) -> impl IntoView {
    let hint = hint.into();
    view! {
        <label class="field">
            <span class="label">{label}</span>
            <input class="input" name=name autocomplete="off" spellcheck="false" readonly=read_only prop:value=value on:input=move |event| value.set(event_target_value(&event)) />
            {(!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> })}
        </label>
    }
}

/// What a column or measure is called.
fn called(definer: Definer, sheet: SheetId, measure: MeasureId) -> Option<String> {
    let read = |book: &grid_engine::workbook::Workbook| {
        let sheet = book.sheet(sheet)?;
        let named = sheet.measure(measure).map(|measure| measure.name.clone());
        named.or_else(|| Some(format!("Column {}", column_letters(sheet.col_index(ColId::fixed(measure))? as u32))))
    };
    definer.session.read(read).flatten()
}

/// Whether a person may write what all of a sheet's parts share.
fn may_define(definer: Definer, sheet: SheetId) -> bool {
    is_admin(definer.session) && definer.session.may_write(RoomId::Sheet(sheet))
}
