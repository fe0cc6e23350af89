//! What keys do, and the commands they and the menus give.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::fill::cycle_absolute;
use super::handle::Grid;
use super::keys::{Command, EditorCommand, Press, arrow, command, editor_command};
use super::selection::{Area, Spot, Way};

impl Grid {
    /// A key while the grid (or the editor over it) has the keyboard.
    pub(super) fn on_key(&self, event: &KeyboardEvent, next_sheet: impl Fn(bool)) {
        if event.is_composing() {
            return;
        }
        let key = event.key();
        let press = press_of(event, &key);
        let typed = self.editing.with_untracked(|editing| editing.as_ref().map(|editing| editing.typed));
        if let Some(typed) = typed {
            if typed && !press.alt && arrow(&key).is_some_and(|way| self.point_on(way, press)) {
                event.prevent_default();
                event.stop_propagation();
                return;
            }
            if let Some(command) = editor_command(press, typed) {
                event.prevent_default();
                event.stop_propagation();
                self.edit_command(command);
                return;
            }
            if let Some(turn @ (Command::NextSheet | Command::PreviousSheet)) = command(press) {
                event.prevent_default();
                self.run(turn, next_sheet);
            }
            return;
        }
        if let Some(command) = command(press) {
            event.prevent_default();
            self.run(command, next_sheet);
        }
    }

    /// A key in the formula bar.
    pub(super) fn on_bar_key(&self, event: &KeyboardEvent) {
        if event.is_composing() {
            return;
        }
        let key = event.key();
        let press = press_of(event, &key);
        let Some(command) = editor_command(press, false) else { return };
        event.prevent_default();
        if self.editing.with_untracked(Option::is_some) {
            self.edit_command(command);
        } else {
            self.focus();
        }
    }

    fn edit_command(&self, command: EditorCommand) {
        match command {
            EditorCommand::Commit(way) => drop(self.commit(Some(way), false)),
            EditorCommand::CommitAll => drop(self.commit(None, true)),
            EditorCommand::Discard => self.discard(),
            EditorCommand::NewLine | EditorCommand::Absolute => {
                let Some(field) = self.field() else { return };
                let caret = field.selection_start().ok().flatten().unwrap_or(0) as usize;
                let text = field.value();
                let next = if command == EditorCommand::Absolute {
                    cycle_absolute(&text, caret)
                } else {
                    let at = text.char_indices().nth(caret).map_or(text.len(), |(at, _)| at);
                    Some((format!("{}\n{}", &text[..at], &text[at..]), caret + 1))
                };
                if let Some((text, caret)) = next {
                    self.put_in_field(&text, caret);
                    self.retype(text);
                }
            }
        }
    }

    /// Runs a command of the keyboard or a menu.
    pub fn run(&self, command: Command, next_sheet: impl Fn(bool)) {
        match command {
            Command::Edit => return self.begin(None, false, false),
            Command::Clear => return self.clear(),
            Command::Undo => return self.step_back(false),
            Command::Redo => return self.step_back(true),
            Command::FillDown => return self.fill_selection(Way::Down),
            Command::FillRight => return self.fill_selection(Way::Right),
            Command::Style(word) => return self.set_style(word),
            Command::Format(name) => return self.set_format(name),
            Command::NextSheet => return next_sheet(true),
            Command::PreviousSheet => return next_sheet(false),
            Command::Today => {
                let today = js_sys::Date::new_0();
                let text = format!("{:04}-{:02}-{:02}", today.get_full_year(), today.get_month() + 1, today.get_date());
                return self.begin(Some(text), true, false);
            }
            Command::Cancel => {
                self.with(|state| {
                    state.forget_copied();
                    state.filling = None;
                    state.traced = None;
                });
                return self.redraw();
            }
            Command::Collapse(collapsed) => return self.collapse(None, Some(collapsed)),
            Command::GoTo => return self.going.update(|count| *count += 1),
            Command::Find => return self.finding.set(Some(false)),
            Command::Replace => return self.finding.set(Some(true)),
            Command::Note => return self.ask_note(),
            Command::Comment => return self.ask_comment(),
            Command::Trace(way) => return self.trace(way),
            Command::Insert => return self.insert(self.selected_axis(), false),
            Command::Delete => return self.delete(self.selected_axis()),
            Command::AutoSum => return self.sum(),
            Command::Choose => return self.choose(),
            _ => {}
        }
        let Some(to) = self.with(|state| {
            let extent = state.extent();
            let page = state.layout.as_ref().map_or(1, |layout| state.port.page(layout));
            let (active, focus) = (state.selection.active, state.selection.focus);
            let last = Spot { line: extent.lines.saturating_sub(1), col: extent.cols.saturating_sub(1) };
            let (to, extend) = match command {
                Command::Move(way) => (extent.step(active, way, 1), false),
                Command::Extend(way) => (extent.step(focus, way, 1), true),
                Command::Jump(way) => (extent.jump(active, way, |at| state.filled(at)), false),
                Command::ExtendJump(way) => (state.edge_of_data(active, focus, way), true),
                Command::Page(way) => (extent.step(active, way, page), false),
                Command::ExtendPage(way) => (extent.step(focus, way, page), true),
                Command::LineStart { extend } => (Spot { col: 0, ..if extend { focus } else { active } }, extend),
                Command::LineEnd { extend } => (Spot { col: last.col, ..if extend { focus } else { active } }, extend),
                Command::SheetStart { extend } => (Spot::default(), extend),
                Command::SheetEnd { extend } => (state.last_used(), extend),
                Command::Advance(way) => {
                    state.selection.advance(way, extent);
                    return state.selection.active;
                }
                Command::SelectAll => {
                    // The table around the cell, and then everything.
                    let region = Area::around(active, extent, |at| state.filled(at));
                    let is_known = region.size() == (1, 1) || state.selection.area() == region;
                    let area = if is_known { Area::between(Spot::default(), last) } else { region };
                    state.selection.widen(area);
                    return active;
                }
                Command::SelectColumn => {
                    let area = state.selection.area();
                    state.selection.widen(Area { top: 0, bottom: last.line, ..area });
                    return active;
                }
                Command::SelectLine => {
                    let area = state.selection.area();
                    state.selection.widen(Area { left: 0, right: last.col, ..area });
                    return active;
                }
                _ => return active,
            };
            if extend {
                state.selection.extend(to);
            } else {
                state.selection.put(to);
            }
            to
        }) else {
            return;
        };
        self.reveal(to);
        self.selection_changed();
    }
}

fn press_of<'a>(event: &KeyboardEvent, key: &'a str) -> Press<'a> {
    Press { key, ctrl: event.ctrl_key() || event.meta_key(), shift: event.shift_key(), alt: event.alt_key() }
}
