//! Short messages to the person: what happened, what was kept, and what they can do.

use std::sync::Arc;

use leptos::prelude::*;

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Info,
    Good,
    Warn,
    Bad,
}

/// A message that stays until it is dismissed, or goes by itself after a while.
#[derive(Clone)]
pub struct Notice {
    pub id: u64,
    pub tone: Tone,
    pub title: String,
    pub text: String,
    /// What a person can do about it: the label of a button, and what it does.
    pub action: Option<(String, Arc<dyn Fn() + Send + Sync>)>,
}

/// The notices on show.
#[derive(Clone, Copy)]
pub struct NoticeBoard {
    shown: RwSignal<Vec<Notice>>,
    next: StoredValue<u64>,
}

/// A notice without an action goes after this long.
const STAYS: std::time::Duration = std::time::Duration::from_secs(6);
/// One with an action or a failure stays longer.
const STAYS_LONG: std::time::Duration = std::time::Duration::from_secs(20);
/// More than these would cover the work.
const MOST: usize = 4;

impl NoticeBoard {
    /// An empty board.
    pub fn new() -> Self {
        Self { shown: RwSignal::new(Vec::new()), next: StoredValue::new(1) }
    }

    /// The board of this application.
    pub fn current() -> Self {
        use_context().unwrap_or_else(Self::new)
    }

    /// The notices on show, oldest first; reading follows changes.
    pub fn shown(&self) -> Vec<Notice> {
        self.shown.get()
    }

    /// Shows a message.
    pub fn say(&self, tone: Tone, title: impl Into<String>, text: impl Into<String>) {
        self.add(tone, title.into(), text.into(), None);
    }

    /// Shows a message with something to do about it.
    pub fn offer(
        &self,
        tone: Tone,
        title: impl Into<String>,
        text: impl Into<String>,
        label: impl Into<String>,
        act: impl Fn() + Send + Sync + 'static,
    ) {
        self.add(tone, title.into(), text.into(), Some((label.into(), Arc::new(act))));
    }

    /// Takes a notice away.
    pub fn dismiss(&self, id: u64) {
        self.shown.update(|shown| shown.retain(|notice| notice.id != id));
    }

    fn add(&self, tone: Tone, title: String, text: String, action: Option<(String, Arc<dyn Fn() + Send + Sync>)>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        let stays = if action.is_some() || tone == Tone::Bad { STAYS_LONG } else { STAYS };
        self.shown.update(|shown| {
            // Saying the same twice tells nothing new.
            shown.retain(|notice| notice.title != title || notice.text != text);
            shown.push(Notice { id, tone, title, text, action });
            let surplus = shown.len().saturating_sub(MOST);
            shown.drain(..surplus);
        });
        let board = *self;
        set_timeout(move || board.dismiss(id), stays);
    }
}
