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
    /// What a person can do about it.
    pub actions: Vec<Action>,
    /// Told once the person has dealt with it or closed it; such a notice stays until then.
    closed: Option<Act>,
}

type Act = Arc<dyn Fn() + Send + Sync>;

/// The label of a button, and what it does.
pub type Action = (String, Act);

/// The notices on show.
#[derive(Clone, Copy)]
pub struct NoticeBoard {
    shown: RwSignal<Vec<Notice>>,
    next: StoredValue<u64>,
}

/// A notice that asks nothing goes after this long.
const STAYS: std::time::Duration = std::time::Duration::from_secs(6);
/// A failure stays longer.
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
        let id = self.add(self.notice(tone, title.into(), text.into()));
        let board = *self;
        set_timeout(move || board.dismiss(id), if tone == Tone::Bad { STAYS_LONG } else { STAYS });
    }

    /// Shows a message that stays until the person has dealt with it or closed it: `closed` hears of that. The id to
    /// [`dismiss`](Self::dismiss) it by.
    pub fn hold(
        &self,
        title: String,
        text: String,
        actions: Vec<Action>,
        closed: impl Fn() + Send + Sync + 'static,
    ) -> u64 {
        self.add(Notice { actions, closed: Some(Arc::new(closed)), ..self.notice(Tone::Warn, title, text) })
    }

    /// Takes a notice away.
    pub fn dismiss(&self, id: u64) {
        self.shown.update(|shown| shown.retain(|notice| notice.id != id));
    }

    /// A person has dealt with a notice or closed it.
    pub fn close(&self, notice: &Notice) {
        self.dismiss(notice.id);
        if let Some(closed) = &notice.closed {
            closed();
        }
    }

    fn notice(&self, tone: Tone, title: String, text: String) -> Notice {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        Notice { id, tone, title, text, actions: Vec::new(), closed: None }
    }

    // It takes a whole notice: told of `closed` alone, the compiler would put what only a workbook does into every page.
    fn add(&self, notice: Notice) -> u64 {
        let id = notice.id;
        self.shown.update(|shown| {
            // Saying the same twice tells nothing new.
            shown.retain(|other| other.title != notice.title || other.text != notice.text);
            shown.push(notice);
            if shown.len() > MOST
                && let Some(at) = shown.iter().position(|notice| notice.closed.is_none())
            {
                shown.remove(at);
            }
        });
        id
    }
}
