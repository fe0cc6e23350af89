//! Adding, renaming, moving, duplicating and hiding sheets.

use std::sync::Arc;

use grid_engine::doc::{Guard, Op, SheetInfo, SheetKind, SheetMeta, TabColour, position};
use grid_engine::refs::{CellRef, ColId, MeasureId, RoomId, RowId, SheetId};
use leptos::prelude::*;

use super::dragging::{Side, listen_to_drags};
use crate::grid::{Grid, fresh_id};
use crate::state::{NoticeBoard, Session, Tone};
use crate::ui::{Button, ButtonKind, Dialog, Glyph, Icon, Menu, MenuItem, Notice, PopupMenu, Tone as NoticeTone};

/// A new sheet begins with this many rows and columns.
const NEW_SIZE: (usize, usize) = (200, 26);
/// A duplicate takes as many cells as one edit may write.
const MOST_CELLS: usize = 20_000;

/// The look of their menu; it comes with the part.
const STYLE: &str = include_str!("../../../styles/sheets.css");

/// What a tab can be coloured with.
const COLOURS: [(Option<TabColour>, &str); 7] = [
    (None, "No colour"),
    (Some(TabColour::Red), "Red"),
    (Some(TabColour::Orange), "Orange"),
    (Some(TabColour::Green), "Green"),
    (Some(TabColour::Teal), "Teal"),
    (Some(TabColour::Blue), "Blue"),
    (Some(TabColour::Purple), "Purple"),
];

/// What style sheets call a tab's colour.
pub fn colour_name(colour: Option<TabColour>) -> &'static str {
    match colour {
        None => "none",
        Some(TabColour::Red) => "red",
        Some(TabColour::Orange) => "orange",
        Some(TabColour::Green) => "green",
        Some(TabColour::Teal) => "teal",
        Some(TabColour::Blue) => "blue",
        Some(TabColour::Purple) => "purple",
    }
}

/// The tab whose menu is open, and where.
#[derive(Clone, Copy)]
pub struct SheetTools {
    session: Session,
    grid: Grid,
    notices: NoticeBoard,
    pub at: RwSignal<Option<(f64, f64)>>,
    pub chosen: RwSignal<Option<SheetId>>,
    renaming: RwSignal<bool>,
}

impl SheetTools {
    /// The tools of a live workbook.
    pub fn new(session: Session, grid: Grid) -> Self {
        Self {
            session,
            grid,
            notices: NoticeBoard::current(),
            at: RwSignal::new(None),
            chosen: RwSignal::new(None),
            renaming: RwSignal::new(false),
        }
    }

    /// Whether this person may change the list of sheets.
    pub fn allowed(&self) -> bool {
        self.session.opening.track();
        self.session.may_write(RoomId::Book)
    }

    /// Opens a tab's menu.
    pub fn open(&self, sheet: SheetId, at: (f64, f64)) {
        self.chosen.set(Some(sheet));
        self.at.set(Some(at));
    }

    /// Asks for another name of a sheet; only free sheets have one of their own.
    pub fn rename(&self, sheet: SheetId) {
        if self.all().iter().any(|info| info.id == sheet && info.kind == SheetKind::Free) {
            self.chosen.set(Some(sheet));
            self.renaming.set(true);
        }
    }

    fn all(&self) -> Vec<SheetInfo> {
        self.session.read(|book| book.mirror().sheets().to_vec()).unwrap_or_default()
    }

    fn edit(&self, ops: Vec<Op>) -> bool {
        match self.session.edit(ops, None) {
            Ok(()) => true,
            Err(error) => {
                self.notices.say(Tone::Warn, "The sheets were not changed", error.to_string());
                false
            }
        }
    }

    /// Changes what the list says of the chosen sheet.
    fn change(&self, change: impl FnOnce(&mut SheetInfo)) -> bool {
        let Some(sheet) = self.chosen.get_untracked() else { return false };
        let Some(mut info) = self.all().into_iter().find(|info| info.id == sheet) else { return false };
        let Some(meta) = self.session.read(|book| book.sheet(sheet).map(|it| it.meta().clone())).flatten() else {
            return false;
        };
        change(&mut info);
        let meta = SheetMeta { title: info.title.clone(), ..meta };
        self.edit(vec![Op::PutSheet { info, meta }])
    }

    /// Hides the chosen sheet, and says how it is shown again.
    fn hide(&self) {
        let Some(sheet) = self.chosen.get_untracked() else { return };
        let title = self.all().into_iter().find(|info| info.id == sheet).map(|info| info.title);
        if !self.change(|info| info.hidden = true) {
            return;
        }
        let tools = *self;
        let show: Arc<dyn Fn() + Send + Sync> = Arc::new(move || tools.unhide(sheet));
        self.notices.hold(
            format!("“{}” is hidden for everyone", title.unwrap_or_default()),
            "Formulas go on reading it. It stands under + beside the tabs.".to_owned(),
            vec![("Show it again".to_owned(), show)],
            || {},
        );
    }

    /// Shows a hidden sheet to everyone again, and turns to it.
    fn unhide(&self, sheet: SheetId) {
        self.chosen.set(Some(sheet));
        if self.change(|info| info.hidden = false) {
            self.grid.show(sheet);
        }
    }

    /// Why a sheet cannot be called so.
    fn objection(&self, sheet: Option<SheetId>, title: &str) -> Option<String> {
        if title.is_empty() {
            return Some("Give the sheet a title.".to_owned());
        }
        let lower = title.to_lowercase();
        let other = self.all().into_iter().find(|info| Some(info.id) != sheet && info.title.to_lowercase() == lower)?;
        let hidden = if other.hidden { ", which is hidden," } else { "" };
        Some(format!("Another sheet{hidden} is called “{}”. Choose another title.", other.title))
    }

    fn shift(&self, forward: bool) {
        let all = self.all();
        let Some(at) = self.chosen.get_untracked().and_then(|id| all.iter().position(|info| info.id == id)) else {
            return;
        };
        let (next, side) = if forward { (at.checked_add(1), Side::After) } else { (at.checked_sub(1), Side::Before) };
        if let Some(next) = next.and_then(|next| all.get(next)) {
            self.put_beside(next.id, side);
        }
    }

    /// Puts the chosen sheet beside another one.
    fn put_beside(&self, other: SheetId, side: Side) {
        let (mut chosen, mut others): (Vec<_>, Vec<_>) =
            self.all().into_iter().partition(|info| Some(info.id) == self.chosen.get_untracked());
        let (Some(moved), Some(at)) = (chosen.pop(), others.iter().position(|info| info.id == other)) else { return };
        let at = at + usize::from(side == Side::After);
        let place = |at: Option<usize>| at.and_then(|at| others.get(at)).map(|info| info.position.as_str());
        let (below, above) = (place(at.checked_sub(1)), place(Some(at)));
        let position = position::between(below, above);
        if below.is_none_or(|below| below < &*position) && above.is_none_or(|above| &*position < above) {
            self.change(|info| info.position = position);
            return;
        }
        // There is no place between places that are none, as earlier programs wrote them: all get new ones.
        others.insert(at, moved);
        let mut last = None;
        let steps = others.into_iter().map(|info| {
            let position = position::between(last.as_deref(), None);
            last = Some(position.clone());
            let meta = self.session.read(|book| book.sheet(info.id).map(|it| it.meta().clone())).flatten()?;
            Some(Op::PutSheet { info: SheetInfo { position, ..info }, meta })
        });
        if let Some(ops) = steps.collect() {
            self.edit(ops);
        }
    }

    fn free_title(&self, stem: &str) -> String {
        let all = self.all();
        let taken = |title: &str| all.iter().any(|info| info.title.eq_ignore_ascii_case(title));
        (1..).map(|number| format!("{stem} {number}")).find(|title| !taken(title)).unwrap_or_default()
    }

    /// Adds an empty sheet at the end.
    pub fn add(&self) {
        let (id, title) = (SheetId(fresh_id()), self.free_title("Sheet"));
        let rows = (0..NEW_SIZE.0).map(|_| RowId(fresh_id())).collect();
        let cols = (0..NEW_SIZE.1).map(|_| ColId::fixed(MeasureId(fresh_id()))).collect();
        let last = self.all().last().map(|info| info.position.clone());
        self.make(id, title, position::between(last.as_deref(), None), rows, cols);
    }

    fn make(&self, id: SheetId, title: String, position: String, rows: Vec<RowId>, cols: Vec<ColId>) {
        if self.edit(new_sheet(id, title, position, rows, cols)) {
            self.grid.show(id);
        }
    }

    /// Copies a free sheet with what was entered in it and how that is shown, beside it, as one edit.
    fn duplicate(&self) {
        let Some(sheet) = self.chosen.get_untracked() else { return };
        let found = self.session.read(|book| {
            let mirror = book.sheet(sheet)?;
            let cells: Vec<(CellRef, String)> =
                mirror.inputs().map(|(cell, _)| (cell, book.entry_text(cell))).take(MOST_CELLS).collect();
            let id = SheetId(fresh_id());
            let here = |cell: CellRef| CellRef { sheet: id, ..cell };
            let all = mirror.rows().iter().flat_map(|&row| mirror.cols().iter().map(move |&col| (row, col)));
            let styles = all.filter_map(|(row, col)| {
                let style = mirror.style(row, col)?;
                Some(Op::SetStyle { cell: here(CellRef { sheet, row, col }), style: Some(style.into()) })
            });
            let widths = mirror.cols().iter().filter_map(|&col| {
                let width = mirror.width(col)?;
                Some(Op::SetColWidth { sheet: id, col, width: Some(width) })
            });
            let shown: Vec<Op> = styles.take(MOST_CELLS).chain(widths).collect();
            let cells: Vec<_> = cells.into_iter().map(|(cell, text)| (here(cell), text)).collect();
            Some((id, mirror.meta().title.clone(), mirror.rows().to_vec(), mirror.cols().to_vec(), cells, shown))
        });
        let Some((id, title, rows, cols, cells, shown)) = found.flatten() else { return };
        let Some(me) = self.session.me.get_untracked().map(|me| me.person) else { return };
        let all = self.all();
        let at = all.iter().position(|info| info.id == sheet).unwrap_or_default();
        let place = |at: usize| all.get(at).map(|info| info.position.as_str());
        let position = position::between(place(at), place(at + 1));
        let mut ops = new_sheet(id, self.free_title(&title), position, rows, cols);
        // Read at their new places: what referred to the sheet itself refers to the copy.
        let entered = self.session.suppose(ops.clone(), |book| {
            let set = |(cell, text): &(CellRef, String)| {
                let input = book.read_entry(*cell, me, text).ok()?;
                Some(Op::SetCell { cell: *cell, input, guard: Guard::Always })
            };
            cells.iter().filter_map(set).collect::<Vec<Op>>()
        });
        let Some(entered) = entered else { return };
        ops.extend(entered);
        ops.extend(shown);
        if self.edit(ops) {
            self.grid.show(id);
        }
    }
}

/// What adds an empty free sheet.
fn new_sheet(id: SheetId, title: String, position: String, rows: Vec<RowId>, cols: Vec<ColId>) -> Vec<Op> {
    let info = SheetInfo {
        id,
        title: title.clone(),
        kind: SheetKind::Free,
        position,
        role: String::new(),
        group: String::new(),
        hidden: false,
        published: false,
        colour: None,
    };
    let meta =
        SheetMeta { kind: SheetKind::Free, title, epoch: 0, horizon: None, partition: None, parts: Default::default() };
    vec![
        Op::PutSheet { info, meta },
        Op::InsertCols { sheet: id, after: None, cols },
        Op::InsertRows { sheet: id, part: None, after: None, rows },
    ]
}

/// The menu of a sheet's tab, and the dialog for its name.
#[component]
pub fn SheetMenu(tools: SheetTools) -> impl IntoView {
    let is_free = move || {
        let sheet = tools.chosen.get();
        tools.all().iter().any(|info| Some(info.id) == sheet && info.kind == SheetKind::Free)
    };
    // Its values then reach also those who may not see the rows they follow from.
    let published = move || {
        let sheet = tools.chosen.get();
        tools.all().iter().any(|info| Some(info.id) == sheet && info.published)
    };
    let now = move || {
        let sheet = tools.chosen.get();
        tools.all().iter().find(|info| Some(info.id) == sheet).and_then(|info| info.colour)
    };
    let close = move |()| tools.grid.focus();
    listen_to_drags(move |sheet, other, side| {
        tools.chosen.set(Some(sheet));
        tools.put_beside(other, side);
    });
    view! {
        <PopupMenu at=tools.at label="Sheet" on_close=close>
            {is_free().then(|| view! {
                <MenuItem on_click=move |()| tools.renaming.set(true)>"Rename…"</MenuItem>
                <MenuItem on_click=move |()| tools.duplicate()>"Duplicate"</MenuItem>
            })}
            <style>{STYLE}</style>
            <div class="tab-colours" role="group" aria-label="Colour of the tab">
                {COLOURS
                    .map(|(colour, words)| {
                        let is_on = colour == now();
                        view! {
                            <button type="button" class="menu-item" role="menuitemradio" aria-checked=is_on.to_string() aria-label=words title=words data-colour=colour_name(colour)
                                on:click=move |_| { tools.change(|info| info.colour = colour); }></button>
                        }
                    })
                    .collect_view()}
            </div>
            <MenuItem on_click=move |()| tools.shift(false)>"Move left"</MenuItem>
            <MenuItem on_click=move |()| tools.shift(true)>"Move right"</MenuItem>
            <div class="menu-rule"></div>
            {published().then(|| view! {
                <MenuItem icon=Glyph::Check on_click=move |()| { tools.change(|info| info.published = false); }>"Published to everyone"</MenuItem>
            })}
            {(!published()).then(|| view! {
                <MenuItem on_click=move |()| { tools.change(|info| info.published = true); }>"Publish to everyone"</MenuItem>
            })}
            <MenuItem on_click=move |()| tools.hide()>"Hide for everyone"</MenuItem>
        </PopupMenu>
        <Dialog open=tools.renaming title="Rename the sheet" on_close=close>
            <RenameForm tools />
        </Dialog>
    }
}

#[component]
fn RenameForm(tools: SheetTools) -> impl IntoView {
    let sheet = tools.chosen.get_untracked();
    let stands = tools.all().into_iter().find(|info| Some(info.id) == sheet).map(|info| info.title);
    let title = RwSignal::new(stands.unwrap_or_default());
    let problem = RwSignal::new(None::<String>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let title = title.get_untracked().trim().to_owned();
        problem.set(tools.objection(sheet, &title));
        if problem.with_untracked(Option::is_none) && tools.change(|info| info.title = title) {
            tools.renaming.set(false);
        }
    };
    view! {
        <form class="stack" on:submit=submit>
            <label class="field">
                <span class="label">"Title"</span>
                <input class="input" name="title" maxlength="80" autofocus=true autocomplete="off" prop:value=title aria-invalid=move || problem.with(Option::is_some).then_some("true")
                    on:input=move |event| {
                        title.set(event_target_value(&event));
                        problem.set(None);
                    }
                />
                <span class="hint">"Formulas that name the sheet follow by themselves."</span>
            </label>
            {move || problem.get().map(|words| view! { <Notice tone=NoticeTone::Bad>{words}</Notice> })}
            <div class="actions">
                <Button on_click=move |_| tools.renaming.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary role="submit">"Rename"</Button>
            </div>
        </form>
    }
}

/// The button beside the tabs: a new sheet, and the hidden ones.
#[component]
pub fn AddSheet(tools: SheetTools) -> impl IntoView {
    let hidden = move || tools.all().into_iter().filter(|info| info.hidden).collect::<Vec<_>>();
    view! {
        <Menu label="Add a sheet" class="quiet square small" face=|| view! { <Icon name=Glyph::Plus /> }>
            <MenuItem icon=Glyph::Plus on_click=move |()| tools.add()>"New sheet"</MenuItem>
            {move || {
                let hidden = hidden();
                (!hidden.is_empty()).then(|| view! {
                    <div class="menu-rule"></div>
                    <p class="menu-label">"Hidden sheets"</p>
                    {hidden.into_iter().map(|info| view! { <MenuItem on_click=move |()| tools.unhide(info.id)>{info.title}</MenuItem> }).collect_view()}
                })
            }}
        </Menu>
    }
}
