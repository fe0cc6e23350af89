//! Mouse and keys, as people use them.

use fantoccini::actions::{InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use serde_json::json;

use super::Browser;
use super::page::{Cell, FIND};

/// Keys as the WebDriver standard numbers them.
pub const ENTER: char = '\u{e007}';
pub const RIGHT: char = '\u{e014}';
pub const DOWN: char = '\u{e015}';
pub const UP: char = '\u{e013}';
pub const HOME: char = '\u{e011}';
pub const END: char = '\u{e010}';
pub const LEFT: char = '\u{e012}';
pub const PAGE_UP: char = '\u{e00e}';
pub const PAGE_DOWN: char = '\u{e00f}';
pub const ESCAPE: char = '\u{e00c}';
pub const DELETE: char = '\u{e017}';
pub const TAB: char = '\u{e004}';
pub const F2: char = '\u{e032}';
pub const F4: char = '\u{e034}';
pub const SHIFT: char = '\u{e008}';
pub const CTRL: char = '\u{e009}';
pub const ALT: char = '\u{e00a}';

impl Browser {
    /// Presses the first element of a kind that bears these words.
    pub async fn press_words(&self, selector: &str, words: &str) {
        let press = "const found = [...document.querySelectorAll(arguments[0])]
            .find(one => !one.disabled && one.textContent.includes(arguments[1]));
            found?.click();
            return found !== undefined";
        self.until(&format!("“{words}”"), press, vec![json!(selector), json!(words)]).await;
    }

    /// Presses the mouse on a cell.
    pub async fn click(&self, cell: &Cell) {
        let script = format!(
            "{FIND}; const box = find(arguments).getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]"
        );
        let place = self.read(&script, vec![json!(cell.row), json!(cell.col)]).await;
        let place: (f64, f64) = serde_json::from_value(place).unwrap();
        self.press_at(place, MOUSE_BUTTON_LEFT).await;
    }

    /// Presses a mouse button on the middle of an element.
    pub async fn press_on(&self, selector: &str, button: u64) {
        let there = "return document.querySelector(arguments[0]) !== null";
        self.until(selector, there, vec![json!(selector)]).await;
        let script = "const it = document.querySelector(arguments[0]);
            let box = it.getBoundingClientRect();
            if (box.bottom > innerHeight || box.top < 0) {
                it.scrollIntoView({ block: 'center', behavior: 'instant' });
                box = it.getBoundingClientRect();
            }
            return [box.x + box.width / 2, box.y + box.height / 2]";
        let place: (f64, f64) = serde_json::from_value(self.read(script, vec![json!(selector)]).await).unwrap();
        self.press_at(place, button).await;
    }

    async fn press_at(&self, (x, y): (f64, f64), button: u64) {
        let mouse = mouse_at(x, y).then(PointerAction::Down { button }).then(PointerAction::Up { button });
        self.client.perform_actions(mouse).await.unwrap();
    }

    /// Drags the mouse from one place to another, with keys held.
    pub async fn drag(&self, (x, y): (f64, f64), (to_x, to_y): (f64, f64), held: &[char]) {
        self.client.perform_actions(hold(keyboard(), held)).await.unwrap();
        let mut mouse = mouse_at(x, y).then(PointerAction::Down { button: MOUSE_BUTTON_LEFT });
        if (x, y) != (to_x, to_y) {
            // By way of the middle, as a hand does.
            mouse = mouse
                .then(PointerAction::MoveTo { duration: None, x: (x + to_x) / 2.0, y: (y + to_y) / 2.0 })
                .then(PointerAction::MoveTo { duration: None, x: to_x, y: to_y });
        }
        self.client.perform_actions(mouse.then(PointerAction::Up { button: MOUSE_BUTTON_LEFT })).await.unwrap();
        self.client.perform_actions(let_go(keyboard(), held)).await.unwrap();
    }

    /// Presses twice at a place.
    pub async fn press_twice(&self, (x, y): (f64, f64)) {
        let mut mouse = mouse_at(x, y);
        for _ in 0..2 {
            mouse = mouse
                .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
                .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        }
        self.client.perform_actions(mouse).await.unwrap();
    }

    /// Takes an entry of the menu that is open.
    pub async fn choose(&self, words: &str) {
        let script = "const item = [...document.querySelectorAll('[role=menu] .menu-item')]
            .find(item => item.textContent.startsWith(arguments[0]));
            item?.click();
            return item !== undefined";
        self.until(&format!("the entry “{words}”"), script, vec![json!(words)]).await;
    }

    /// Goes to a cell by its name.
    pub async fn go_to(&self, name: &str) {
        self.chord(&[CTRL], 'g').await;
        let ready = "return document.activeElement?.classList.contains('name-box') ?? false";
        self.until("the name box", ready, vec![]).await;
        self.type_text(name).await;
        self.press(&[ENTER]).await;
        let back = "return document.activeElement?.classList.contains('grid-editor') ?? false";
        self.until(&format!("to stand at {name}"), back, vec![]).await;
    }

    /// Presses a key with others held.
    pub async fn chord(&self, held: &[char], key: char) {
        let pressed = press(hold(keyboard(), held), key);
        self.client.perform_actions(let_go(pressed, held)).await.unwrap();
    }

    /// Presses keys one after the other, wherever the focus is.
    pub async fn press(&self, keys: &[char]) {
        let pressed = keys.iter().fold(keyboard(), |actions, &key| press(actions, key));
        self.client.perform_actions(pressed).await.unwrap();
    }

    pub async fn type_text(&self, text: &str) {
        self.press(&text.chars().collect::<Vec<_>>()).await;
    }
}

fn mouse_at(x: f64, y: f64) -> MouseActions {
    MouseActions::new("mouse".into()).then(PointerAction::MoveTo { duration: None, x, y })
}

fn keyboard() -> KeyActions {
    KeyActions::new("keyboard".into())
}

fn press(actions: KeyActions, key: char) -> KeyActions {
    actions.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key })
}

fn hold(actions: KeyActions, keys: &[char]) -> KeyActions {
    keys.iter().fold(actions, |actions, &value| actions.then(KeyAction::Down { value }))
}

/// Lets keys go, the last that was held first.
fn let_go(actions: KeyActions, keys: &[char]) -> KeyActions {
    keys.iter().rev().fold(actions, |actions, &value| actions.then(KeyAction::Up { value }))
}
