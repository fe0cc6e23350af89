//! A page as a file.

use leptos::prelude::*;

/// Links to the files of a page, whose addresses end in `xlsx` or `csv`; `of` says what they hold, for those who only hear.
#[component]
pub fn Downloads(
    of: &'static str,
    address: impl Fn(&'static str) -> String + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let link = move |ending: &'static str, words: &'static str| {
        let label = format!("{of} as {words}");
        view! { <a class="button" download="" aria-label=label href=move || address(ending)>{words}</a> }
    };
    view! {
        {link("xlsx", "Excel")}
        {link("csv", "CSV")}
    }
}
