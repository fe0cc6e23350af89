//! A table of figures.

use std::borrow::Cow;

use leptos::prelude::*;

/// What stands over a column, or over several.
pub struct Head {
    words: Cow<'static, str>,
    is_number: bool,
    /// What stands over each of its columns, where it has several.
    under: Vec<Head>,
}

impl Head {
    /// Over a column of words.
    pub fn words(words: impl Into<Cow<'static, str>>) -> Self {
        Self { words: words.into(), is_number: false, under: Vec::new() }
    }

    /// Over a column of numbers, which stand to the right.
    pub fn numbers(words: impl Into<Cow<'static, str>>) -> Self {
        Self { words: words.into(), is_number: true, under: Vec::new() }
    }

    /// Over columns that belong together, each with a heading of its own.
    pub fn over(words: impl Into<Cow<'static, str>>, under: Vec<Head>) -> Self {
        Self { words: words.into(), is_number: true, under }
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
    let is_wide = heads.iter().any(|head| !head.under.is_empty());
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for Head { words, is_number, under } in heads {
        let (columns, rows) = (under.len().max(1), if is_wide && under.is_empty() { 2 } else { 1 });
        let (scope, is_group) = if under.is_empty() { ("col", false) } else { ("colgroup", true) };
        first.push(view! {
            <th scope=scope colspan=columns rowspan=rows class:number=is_number class:group=is_group>{words}</th>
        });
        second.extend(
            under.into_iter().map(|head| view! { <th scope="col" class:number=head.is_number>{head.words}</th> }),
        );
    }
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=label>
            <table class="figures" class:wide=is_wide>
                <thead>
                    <tr>{first}</tr>
                    {is_wide.then(|| view! { <tr>{second}</tr> })}
                </thead>
                <tbody>{children()}</tbody>
                {foot.map(|foot| view! { <tfoot>{foot}</tfoot> })}
            </table>
        </div>
    }
}
