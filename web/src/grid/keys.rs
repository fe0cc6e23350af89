//! What each key does.

use super::selection::Way;
use super::trace::Trace;

/// A key press as the browser reports it.
#[derive(Clone, Copy, Debug)]
pub struct Press<'a> {
    /// `KeyboardEvent.key`.
    pub key: &'a str,
    /// Ctrl, or Command on a Mac.
    pub ctrl: bool,
    pub shift: bool,
    pub alt: bool,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// One cell on.
    Move(Way),
    Extend(Way),
    /// To the edge of the data.
    Jump(Way),
    ExtendJump(Way),
    /// A page up or down.
    Page(Way),
    ExtendPage(Way),
    /// First or last column of the line.
    LineStart {
        extend: bool,
    },
    LineEnd {
        extend: bool,
    },
    /// First or last cell of the sheet.
    SheetStart {
        extend: bool,
    },
    SheetEnd {
        extend: bool,
    },
    /// On after Tab or Enter.
    Advance(Way),
    SelectAll,
    SelectColumn,
    SelectLine,
    /// Opens the editor with what the cell holds.
    Edit,
    /// Opens the list of what the cell accepts.
    Choose,
    Clear,
    Undo,
    Redo,
    FillDown,
    FillRight,
    /// Gives the selected cells this word of style, or takes it away.
    Style(&'static str),
    /// Gives the selected cells a number format by its name in documents; `None`: their measure's.
    Format(Option<&'static str>),
    /// Writes today's date.
    Today,
    NextSheet,
    PreviousSheet,
    /// Copies show a moving border until Escape.
    Cancel,
    /// Shows the total of the active cell's group alone, or its rows again.
    Collapse(bool),
    /// Asks for a cell to go to.
    GoTo,
    Find,
    Replace,
    /// Inserts, or deletes, the selected rows; columns where these are selected whole.
    Insert,
    Delete,
    /// Sums of the numbers above, to the left, or selected.
    AutoSum,
    /// A note or reason on the cell.
    Note,
    /// Begins a thread of comments on the cell.
    Comment,
    /// Marks what the cell follows from, or what follows from it.
    Trace(Trace),
}

/// The direction of an arrow key.
pub fn arrow(key: &str) -> Option<Way> {
    Some(match key {
        "ArrowUp" => Way::Up,
        "ArrowDown" => Way::Down,
        "ArrowLeft" => Way::Left,
        "ArrowRight" => Way::Right,
        _ => return None,
    })
}

/// The command of a key press while no editor is open; `None`: let the browser have it (typing, copying, pasting).
pub fn command(press: Press) -> Option<Command> {
    let Press { key, ctrl, shift, alt } = press;
    if let (Some(way), false) = (arrow(key), alt) {
        return Some(match (ctrl, shift) {
            (false, false) => Command::Move(way),
            (false, true) => Command::Extend(way),
            (true, false) => Command::Jump(way),
            (true, true) => Command::ExtendJump(way),
        });
    }
    if alt {
        return match (key, ctrl) {
            ("=" | "+", true) => Some(Command::Insert),
            ("-", true) => Some(Command::Delete),
            ("=", false) => Some(Command::AutoSum),
            ("ArrowDown", false) => Some(Command::Choose),
            ("ArrowLeft", false) if shift => Some(Command::Collapse(true)),
            ("ArrowRight", false) if shift => Some(Command::Collapse(false)),
            // As Google Sheets has it; with Alt, a Mac writes another letter.
            ("m" | "M" | "µ", true) => Some(Command::Comment),
            _ => None,
        };
    }
    let extend = shift;
    Some(match (key, ctrl) {
        ("PageUp", true) => Command::PreviousSheet,
        ("PageDown", true) => Command::NextSheet,
        ("PageUp", false) if shift => Command::ExtendPage(Way::Up),
        ("PageDown", false) if shift => Command::ExtendPage(Way::Down),
        ("PageUp", false) => Command::Page(Way::Up),
        ("PageDown", false) => Command::Page(Way::Down),
        ("Home", false) => Command::LineStart { extend },
        ("End", false) => Command::LineEnd { extend },
        ("Home", true) => Command::SheetStart { extend },
        ("End", true) => Command::SheetEnd { extend },
        ("Tab", false) => Command::Advance(if shift { Way::Left } else { Way::Right }),
        ("Enter", false) => Command::Advance(if shift { Way::Up } else { Way::Down }),
        ("F2", false) if shift => Command::Note,
        ("F2", false) => Command::Edit,
        ("F5", false) | ("g" | "G", true) => Command::GoTo,
        ("f" | "F", true) => Command::Find,
        ("h" | "H", true) => Command::Replace,
        ("Delete" | "Backspace", false) => Command::Clear,
        ("Escape", false) => Command::Cancel,
        ("z", true) if !shift => Command::Undo,
        ("y", true) | ("z" | "Z", true) => Command::Redo,
        ("d", true) => Command::FillDown,
        ("r", true) => Command::FillRight,
        ("a" | "A", true) => Command::SelectAll,
        ("b" | "B", true) => Command::Style("bold"),
        ("i" | "I", true) => Command::Style("italic"),
        ("u" | "U", true) => Command::Style("underline"),
        ("5", true) => Command::Style("strike"),
        // Whatever the layout has these signs on, as Excel's keys are named by them.
        ("~", true) => Command::Format(None),
        ("!", true) => Command::Format(Some("decimal")),
        ("#", true) => Command::Format(Some("date")),
        ("$", true) => Command::Format(Some("price")),
        ("%", true) => Command::Format(Some("percent")),
        (";", true) => Command::Today,
        ("[", true) => Command::Trace(Trace::Precedents),
        ("]", true) => Command::Trace(Trace::Dependents),
        (" ", true) => Command::SelectColumn,
        (" ", false) if shift => Command::SelectLine,
        _ => return None,
    })
}

/// What a key does while a cell is being edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditorCommand {
    /// Takes the text and moves on.
    Commit(Way),
    /// Takes the text into every selected cell.
    CommitAll,
    Discard,
    /// Cycles `$` in the reference at the caret.
    Absolute,
    NewLine,
}

/// The command of a key press in the editor. `typed`: the edit began by typing over the cell, so that arrows take
/// the text and move on, as in a spreadsheet.
pub fn editor_command(press: Press, typed: bool) -> Option<EditorCommand> {
    let Press { key, ctrl, shift, alt } = press;
    Some(match key {
        "Enter" if alt => EditorCommand::NewLine,
        "Enter" if ctrl => EditorCommand::CommitAll,
        "Enter" => EditorCommand::Commit(if shift { Way::Up } else { Way::Down }),
        "Tab" => EditorCommand::Commit(if shift { Way::Left } else { Way::Right }),
        "Escape" => EditorCommand::Discard,
        "F4" => EditorCommand::Absolute,
        "ArrowUp" if typed && !ctrl && !shift => EditorCommand::Commit(Way::Up),
        "ArrowDown" if typed && !ctrl && !shift => EditorCommand::Commit(Way::Down),
        "ArrowLeft" if typed && !ctrl && !shift => EditorCommand::Commit(Way::Left),
        "ArrowRight" if typed && !ctrl && !shift => EditorCommand::Commit(Way::Right),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(text: &str) -> Press<'_> {
        let (mut ctrl, mut shift, mut alt, mut rest) = (false, false, false, text);
        while let Some((modifier, key)) = rest.split_once('+').filter(|(modifier, _)| !modifier.is_empty()) {
            match modifier {
                "ctrl" => ctrl = true,
                "shift" => shift = true,
                _ => alt = true,
            }
            rest = key;
        }
        Press { key: rest, ctrl, shift, alt }
    }

    #[test]
    fn keys_mean_what_spreadsheet_users_expect() {
        for (keys, expected) in [
            ("ArrowDown", Some(Command::Move(Way::Down))),
            ("shift+ArrowRight", Some(Command::Extend(Way::Right))),
            ("ctrl+ArrowUp", Some(Command::Jump(Way::Up))),
            ("ctrl+shift+ArrowLeft", Some(Command::ExtendJump(Way::Left))),
            ("shift+Tab", Some(Command::Advance(Way::Left))),
            ("Enter", Some(Command::Advance(Way::Down))),
            ("F2", Some(Command::Edit)),
            ("ctrl+z", Some(Command::Undo)),
            ("ctrl+shift+Z", Some(Command::Redo)),
            ("ctrl+d", Some(Command::FillDown)),
            ("ctrl+b", Some(Command::Style("bold"))),
            ("ctrl+5", Some(Command::Style("strike"))),
            ("ctrl+shift+%", Some(Command::Format(Some("percent")))),
            ("ctrl+PageDown", Some(Command::NextSheet)),
            ("ctrl+End", Some(Command::SheetEnd { extend: false })),
            ("ctrl+h", Some(Command::Replace)),
            ("ctrl+g", Some(Command::GoTo)),
            ("ctrl+alt+=", Some(Command::Insert)),
            ("ctrl+alt+-", Some(Command::Delete)),
            ("alt+=", Some(Command::AutoSum)),
            ("alt+ArrowDown", Some(Command::Choose)),
            ("alt+shift+ArrowLeft", Some(Command::Collapse(true))),
            ("alt+ArrowLeft", None),
            ("ctrl+alt+m", Some(Command::Comment)),
            ("ctrl+[", Some(Command::Trace(Trace::Precedents))),
            ("ctrl+]", Some(Command::Trace(Trace::Dependents))),
            ("ctrl+c", None),
            ("ctrl+v", None),
            ("a", None),
            ("=", None),
        ] {
            assert_eq!(command(press(keys)), expected, "{keys}");
        }
    }

    #[test]
    fn arrows_commit_only_what_was_typed_over() {
        assert_eq!(editor_command(press("ArrowLeft"), true), Some(EditorCommand::Commit(Way::Left)));
        assert_eq!(editor_command(press("ArrowLeft"), false), None);
        assert_eq!(editor_command(press("ctrl+Enter"), false), Some(EditorCommand::CommitAll));
        assert_eq!(editor_command(press("alt+Enter"), true), Some(EditorCommand::NewLine));
    }
}
