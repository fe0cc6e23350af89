//! A table of figures.

use std::borrow::Cow;

use leptos::prelude::*;

/// What stands over a column.
pub struct Head {
    words: Cow<'static, str>,
    is_number: bool,
}

impl Head {
    /// Over a column of words.
    pub fn words(words: impl Into<Cow<'static, str>>) -> Self {
        Self { words: words.into(), is_number: false }
    }

    /// Over a column of numbers, which stand to the right.
    pub fn numbers(words: impl Into<Cow<'static, str>>) -> Self {
        Self { words: words.into(), is_number: true }
    }
}

/// Lines of figures under their headings; where there is no room for all columns it scrolls by itself.
#[component]
pub fn FiguresTable(
    /// What it is called where it cannot be seen.
    label: &'static str,
    heads: Vec<Head>,
    /// The sums of all lines.
    #[prop(optional)]
    foot: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    let head = |Head { words, is_number }: Head| view! { <th scope="col" class:number=is_number>{words}</th> };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=label>
            <table class="figures">
                <thead>
                    <tr>{heads.into_iter().map(head).collect_view()}</tr>
                </thead>
                <tbody>{children()}</tbody>
                {foot.map(|foot| view! { <tfoot>{foot}</tfoot> })}
            </table>
        </div>
    }
}
