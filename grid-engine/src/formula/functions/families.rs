//! The families of functions: those every workbook uses, and further ones.
//!
//! With the feature `later-families` the further ones are no part of the program until they are handed in: a browser
//! fetches them after the first sheet. A formula that was read before and names one of them is busy until then;
//! [`wanted`] says so, and [`crate::workbook::Workbook::read_again`] reads it anew.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{
    Category, Declared, Function, aggregate, arithmetic, arrays, assets, bessel, bonds, characters, complex,
    computed_references, conditional, database, dates, distributions, engineering, ets, euro, finance, fits, forecasts,
    grouping, information, key_figures, lambda, local_texts, logical, lookup, matrix, older_names, plan_results,
    plan_studies, planning, position, ranks, regex, regression, rounding, sample_tests, sheet_info, sorting,
    statements, stock, stock_policy, subtotal, text, text_numbers, text_show, text_split, trigonometry, units,
    versions, workdays,
};
use crate::value::order::sort_by_key;

/// Functions declared in one file.
pub struct Family(Category, &'static [Declared]);

/// Families that are always here.
const FIRST: &[Family] = &[
    Family(Category::Planning, planning::FUNCTIONS),
    Family(Category::Math, arithmetic::FUNCTIONS),
    Family(Category::Math, rounding::FUNCTIONS),
    Family(Category::Math, conditional::FUNCTIONS),
    Family(Category::Statistics, aggregate::FUNCTIONS),
    Family(Category::Logical, logical::FUNCTIONS),
    Family(Category::Information, information::FUNCTIONS),
];

/// The further families.
pub fn further() -> &'static [Family] {
    &[
        Family(Category::Planning, forecasts::FUNCTIONS),
        Family(Category::Planning, key_figures::FUNCTIONS),
        Family(Category::Planning, plan_results::FUNCTIONS),
        Family(Category::Planning, plan_studies::FUNCTIONS),
        Family(Category::Planning, statements::FUNCTIONS),
        Family(Category::Planning, stock::FUNCTIONS),
        Family(Category::Planning, stock_policy::FUNCTIONS),
        Family(Category::Planning, versions::FUNCTIONS),
        Family(Category::Math, arithmetic::FURTHER),
        Family(Category::Math, rounding::FURTHER),
        Family(Category::Math, trigonometry::FUNCTIONS),
        Family(Category::Math, subtotal::FUNCTIONS),
        Family(Category::Lookup, position::FUNCTIONS),
        Family(Category::Lookup, lookup::FUNCTIONS),
        Family(Category::Lookup, computed_references::FUNCTIONS),
        Family(Category::Text, text::FUNCTIONS),
        Family(Category::Text, text_numbers::FUNCTIONS),
        Family(Category::Text, characters::FUNCTIONS),
        Family(Category::Text, text_split::FUNCTIONS),
        Family(Category::Text, text_show::FUNCTIONS),
        Family(Category::Text, regex::FUNCTIONS),
        Family(Category::Text, local_texts::FUNCTIONS),
        Family(Category::Text, older_names::TEXT),
        Family(Category::Date, dates::FUNCTIONS),
        Family(Category::Date, workdays::FUNCTIONS),
        Family(Category::Array, arrays::FUNCTIONS),
        Family(Category::Array, sorting::FUNCTIONS),
        Family(Category::Array, matrix::FUNCTIONS),
        Family(Category::Array, grouping::FUNCTIONS),
        Family(Category::Logical, logical::FURTHER),
        Family(Category::Logical, lambda::FUNCTIONS),
        Family(Category::Statistics, aggregate::FURTHER),
        Family(Category::Statistics, distributions::normal::FUNCTIONS),
        Family(Category::Statistics, distributions::gamma::FUNCTIONS),
        Family(Category::Statistics, distributions::counts::FUNCTIONS),
        Family(Category::Statistics, regression::FUNCTIONS),
        Family(Category::Statistics, ranks::FUNCTIONS),
        Family(Category::Statistics, sample_tests::FUNCTIONS),
        Family(Category::Statistics, fits::FUNCTIONS),
        Family(Category::Statistics, ets::FUNCTIONS),
        Family(Category::Statistics, older_names::STATISTICS),
        Family(Category::Finance, finance::FUNCTIONS),
        Family(Category::Finance, finance::annuities::FUNCTIONS),
        Family(Category::Finance, finance::flows::FUNCTIONS),
        Family(Category::Finance, assets::FUNCTIONS),
        Family(Category::Finance, bonds::FUNCTIONS),
        Family(Category::Finance, euro::FUNCTIONS),
        Family(Category::Information, information::FURTHER),
        Family(Category::Information, sheet_info::FUNCTIONS),
        Family(Category::Engineering, units::FUNCTIONS),
        Family(Category::Engineering, engineering::FUNCTIONS),
        Family(Category::Engineering, complex::FUNCTIONS),
        Family(Category::Engineering, bessel::FUNCTIONS),
        Family(Category::Database, database::FUNCTIONS),
    ]
}

/// Whether the further families come later.
const LATER: bool = cfg!(feature = "later-families");

static ALL: OnceLock<Vec<Function>> = OnceLock::new();
/// Whether a name was looked for in vain.
static MISSED: AtomicBool = AtomicBool::new(false);

/// Hands in the further families.
pub fn provide(further: &[Family]) {
    ALL.get_or_init(|| register(&[FIRST, further]));
}

/// Whether a formula was read with a function that may be among the further ones, which are not here.
pub fn wanted() -> bool {
    coming() && MISSED.load(Ordering::Relaxed)
}

/// Whether the further families are still to come.
pub(in crate::formula) fn coming() -> bool {
    LATER && ALL.get().is_none()
}

/// Notes that a function was looked for in vain.
pub(super) fn miss() {
    if LATER {
        MISSED.store(true, Ordering::Relaxed);
    }
}

/// The functions that are here, by name.
pub(super) fn registry() -> &'static [Function] {
    static BEFORE: OnceLock<Vec<Function>> = OnceLock::new();
    if LATER {
        return ALL.get().unwrap_or_else(|| BEFORE.get_or_init(|| register(&[FIRST])));
    }
    ALL.get_or_init(|| register(&[FIRST, further()]))
}

fn register(families: &[&[Family]]) -> Vec<Function> {
    let families = families.iter().copied().flatten();
    let register = |Family(category, declared): &Family| {
        let category = *category;
        declared.iter().map(move |declared| declared.register(category))
    };
    let mut all: Vec<Function> = families.flat_map(register).collect();
    sort_by_key(&mut all, |function| function.info.name);
    all
}
