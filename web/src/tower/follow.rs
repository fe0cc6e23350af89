//! Following what is being worked out on the server, and giving it up.

use std::time::Duration;

use grid_engine::refs::SheetId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::state::{NoticeBoard, Tone};

/// How often what is being worked out is read.
const EVERY: Duration = Duration::from_millis(1200);

/// Loads again a little later whenever `found` is news and something is still under way. `asked` goes with the page: once
/// it is gone nothing is loaded any more.
pub fn load_while_busy<T: Send + Sync + 'static>(
    found: RwSignal<T>,
    is_busy: Memo<bool>,
    asked: StoredValue<u32>,
    load: impl Fn() + Copy + 'static,
) {
    Effect::new(move || {
        found.track();
        if is_busy.get() {
            let again = move || {
                if asked.try_get_value().is_some() {
                    load();
                }
            };
            set_timeout(again, EVERY);
        }
    });
}

/// Forgets what waits, of scenarios and of changed versions alike, and loads again.
pub fn stop(workbook: SheetId, notices: NoticeBoard, load: impl Fn() + 'static) {
    spawn_local(async move {
        if let Err(refusal) = api::stop_scenarios(workbook).await {
            notices.say(Tone::Bad, "Not stopped", refusal.message);
        }
        load();
    });
}
