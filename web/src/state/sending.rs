//! What a person has asked for with a form or a button, until it is answered.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Answer;

/// One request after another: whether one is on its way, and why the last was refused. Copying it copies a handle.
#[derive(Clone, Copy)]
pub struct Sending {
    pub busy: RwSignal<bool>,
    pub refused: RwSignal<Option<String>>,
}

impl Sending {
    pub fn new() -> Self {
        Self { busy: RwSignal::new(false), refused: RwSignal::new(None) }
    }

    /// Says what is missing, before anything is sent.
    pub fn refuse(self, words: impl Into<String>) {
        self.refused.set(Some(words.into()));
    }

    /// Sends a request, unless one is on its way, and goes on with its answer.
    pub fn send<T: 'static>(self, request: impl Future<Output = Answer<T>> + 'static, then: impl FnOnce(T) + 'static) {
        self.attempt(async { request.await.map_err(|refusal| refusal.message) }, then);
    }

    /// The same for what fails with words.
    pub fn attempt<T: 'static>(
        self,
        work: impl Future<Output = Result<T, String>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.refused.set(None);
        spawn_local(async move {
            let outcome = work.await;
            // The form may have been closed meanwhile.
            self.busy.try_set(false);
            match outcome {
                Ok(answer) => then(answer),
                Err(words) => drop(self.refused.try_set(Some(words))),
            }
        });
    }
}
