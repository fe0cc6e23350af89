//! The reference of functions as a page of the web help.

use std::fmt::Write;
use std::sync::LazyLock;

use grid_engine::formula::functions::{Category, FunctionInfo, catalogue};

use super::{arguments, example_result};

/// The interface's own colours and type, so that the page is of one piece with it.
pub const STYLE: [&str; 3] = [
    include_str!("../../../web/styles/tokens.css"),
    include_str!("../../../web/styles/base.css"),
    include_str!("page.css"),
];
const SCRIPT: &str = include_str!("page.js");

/// Functions Excel has and formulas here have not, and why.
const NOT_HERE: [(&str, &str); 3] = [
    (
        "GETPIVOTDATA, CUBEKPIMEMBER, CUBEMEMBER, CUBEMEMBERPROPERTY, CUBERANKEDMEMBER, CUBESET, CUBESETCOUNT, CUBEVALUE",
        "They read pivot tables and data cubes, and a workbook has neither. GROUPBY, PIVOTBY and references such as \
         Demand[Consensus] do that work.",
    ),
    (
        "WEBSERVICE, FILTERXML, IMAGE, STOCKHISTORY, TRANSLATE, DETECTLANGUAGE",
        "They ask the internet. A plan must give the same figures tomorrow, and the server asks nobody.",
    ),
    ("CALL, REGISTER.ID, RTD", "They run programs of one computer. A plan is calculated on many."),
];

/// The page, made at its first request.
pub fn page() -> &'static str {
    static PAGE: LazyLock<String> = LazyLock::new(write);
    &PAGE
}

fn write() -> String {
    let mut categories: Vec<Category> = Vec::new();
    for function in catalogue() {
        if !categories.contains(&function.category) {
            categories.push(function.category);
        }
    }
    categories.sort_by_key(|category| category.title());
    let mut out = String::from("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.push_str(
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"data:,\">",
    );
    out.push_str("<meta name=\"color-scheme\" content=\"light dark\"><title>Functions · Equipoise</title><script>");
    // Before the first paint, as in the application: a chosen theme never flashes.
    out.push_str(
        "try{const t=localStorage.getItem(\"equipoise.theme\");if(t)document.documentElement.dataset.theme=t}catch{}",
    );
    let _ = write!(out, "</script><style>{}</style></head><body>", STYLE.join("\n"));
    let _ = write!(
        out,
        "<header><h1>Functions</h1><p>{} functions of formulas, with Excel’s names, arguments and results where Excel \
         has them.</p><input type=\"search\" id=\"search\" placeholder=\"Name or meaning\" aria-label=\"Search functions\" \
         autofocus><p id=\"none\" role=\"status\" hidden>No function is about that: try another word.</p></header><div \
         class=\"reference\"><nav aria-label=\"Categories\">",
        catalogue().len()
    );
    let of = |category: Category| catalogue().filter(move |function| function.category == category);
    for category in &categories {
        let (anchor, title) = (anchor(*category), category.title());
        let _ = write!(out, "<a href=\"#{anchor}\">{title}<small>{}</small></a>", of(*category).count());
    }
    out.push_str("<a href=\"#not-here\">Not here</a></nav><main>");
    for category in &categories {
        let (anchor, title) = (anchor(*category), category.title());
        let _ = write!(out, "<section id=\"{anchor}\" aria-label=\"{title}\"><h2>{title}</h2>");
        of(*category).for_each(|function| entry(&mut out, function));
        out.push_str("</section>");
    }
    out.push_str("<section id=\"not-here\" aria-label=\"Not here\"><h2>Not here</h2>");
    for (names, why) in NOT_HERE {
        let _ = write!(out, "<article><code class=\"signature\">{names}</code><p>{why}</p></article>");
    }
    let _ = write!(out, "</section></main></div><script>{SCRIPT}</script></body></html>");
    out
}

/// Where a category begins. Functions have capitals, so that no name is taken twice.
fn anchor(category: Category) -> String {
    category.title().to_lowercase().replace(' ', "-")
}

fn entry(out: &mut String, function: &FunctionInfo) {
    let name = function.name;
    let _ = write!(
        out,
        "<article id=\"{name}\"><h3><a href=\"#{name}\">{name}</a></h3><p>{}</p><code class=\"signature\">{}</code>",
        escaped(function.help),
        escaped(function.signature)
    );
    let list = arguments(function);
    if !list.is_empty() {
        out.push_str("<dl>");
        for argument in list {
            let optional = if argument.optional { " <small>optional</small>" } else { "" };
            let (name, meaning) = (escaped(argument.name), escaped(argument.meaning));
            let _ = write!(out, "<div><dt><code>{name}</code>{optional}</dt><dd>{meaning}</dd></div>");
        }
        out.push_str("</dl>");
    }
    let _ = write!(out, "<p class=\"example\">Example <code>{}</code>", escaped(function.example));
    if let Some(result) = example_result(function) {
        let _ = write!(out, " gives <code>{}</code>", escaped(&result));
    }
    let _ = write!(out, "</p><p class=\"source\">{}</p></article>", escaped(function.source));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_function_once_and_nothing_unescaped() {
        let page = page();
        for function in catalogue() {
            let anchor = format!("<article id=\"{}\">", function.name);
            assert_eq!(page.matches(&anchor).count(), 1, "{}", function.name);
        }
        for name in NOT_HERE.iter().flat_map(|(names, _)| names.split(", ")) {
            assert!(catalogue().all(|function| function.name != name), "{name} is here");
        }
        assert!(page.contains("<dt><code>match_mode</code> <small>optional</small></dt>"));
        assert!(page.contains("=IF(B2&gt;0,&quot;ok&quot;,&quot;short&quot;)"));
        assert!(page.contains("<code>=SQRT(9)</code> gives <code>3</code>"));
    }
}
