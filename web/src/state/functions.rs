//! The further functions of the formula language: they come after the first sheet.

use grid_engine::formula::functions::{Family, further, provide, wanted};
use leptos::prelude::set_timeout;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;

use super::{Session, Tone};
use crate::parts::{AGAIN_AFTER, wasm_split};

#[wasm_split(functions, fallible, wasm_split_path = leptos::wasm_split)]
fn families() -> Result<&'static [Family], SplitLoaderError> {
    Ok(further())
}

impl Session {
    /// Fetches the further functions, once; formulas that wait for them are read anew.
    pub(super) fn fetch_functions(self) {
        let asked = self.with(|core| std::mem::replace(&mut core.functions_asked, true)).unwrap_or(true);
        if asked {
            return;
        }
        spawn_local(async move {
            let arrived = families().await;
            let Ok(families) = arrived else {
                if wanted() {
                    let text = "The server is asked for them again.";
                    self.notices.say(Tone::Warn, "Some functions have not arrived", text);
                }
                let again = move || {
                    self.with(|core| core.functions_asked = false);
                    self.fetch_functions();
                };
                set_timeout(again, AGAIN_AFTER);
                return;
            };
            let waiting = wanted();
            provide(families);
            if waiting {
                self.with(|core| core.book.read_again());
                self.recalculate_soon();
            }
        });
    }
}
