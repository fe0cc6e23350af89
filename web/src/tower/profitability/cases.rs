//! Cases: names for changes of several drivers together.

use grid_engine::plan::{Changes, Driver};
use grid_engine::refs::SheetId;
use leptos::prelude::*;

use crate::ui::{Button, Glyph, IconButton};

/// What cases of revenue change.
pub const REVENUE: [Driver; 2] = [Driver::Demand, Driver::Price];
/// What cases of cost change.
pub const COST: [Driver; 5] =
    [Driver::Materials, Driver::Production, Driver::Overtime, Driver::Freight, Driver::Holding];
/// Cases of one side at most: with as many of the other they are still read at a glance.
const MOST: usize = 5;

/// A case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub name: String,
    /// As [`Changes`] are written.
    pub changes: String,
}

impl Case {
    /// Both cases together, as one text.
    pub fn with(&self, other: &Self) -> String {
        let read = |case: &Self| case.changes.parse::<Changes>().unwrap_or_default();
        read(self).with(&read(other)).to_string()
    }
}

/// The cases of one side, kept in this browser.
#[derive(Clone, Copy)]
pub struct Cases {
    key: StoredValue<String>,
    pub all: RwSignal<Vec<Case>>,
}

impl Cases {
    /// As they were left, or the usual ones.
    pub fn load(workbook: SheetId, drivers: &[Driver]) -> Self {
        let side = drivers.first().map_or("", |driver| driver.id());
        let key = format!("equipoise.cases.{side}.{workbook}");
        let storage = window().local_storage().ok().flatten();
        let kept = storage.and_then(|storage| storage.get_item(&key).ok().flatten()).unwrap_or_default();
        let read = |line: &str| {
            let (name, changes) = line.split_once('\t')?;
            changes.parse::<Changes>().ok().map(|read| Case { name: name.to_owned(), changes: read.to_string() })
        };
        let mut all: Vec<Case> = kept.lines().filter_map(read).take(MOST).collect();
        if all.is_empty() {
            let usual: &[(&str, &str)] = match drivers {
                [Driver::Demand, ..] => &[
                    ("Weak demand", "demand:-10"),
                    ("As planned", ""),
                    ("Strong demand", "demand:10"),
                    ("Higher prices", "demand:-3,price:4"),
                ],
                _ => &[
                    ("Lower costs", "materials:-5,freight:-5"),
                    ("As planned", ""),
                    ("Higher costs", "materials:8,freight:10"),
                ],
            };
            let case =
                |(name, changes): &(&str, &str)| Case { name: (*name).to_owned(), changes: (*changes).to_owned() };
            all = usual.iter().map(case).collect();
        }
        Self { key: StoredValue::new(key), all: RwSignal::new(all) }
    }

    fn change(self, change: impl FnOnce(&mut Vec<Case>)) {
        self.all.update(change);
        let line = |case: &Case| format!("{}\t{}", case.name.replace(['\t', '\n'], " "), case.changes);
        let text = self.all.with_untracked(|all| all.iter().map(line).collect::<Vec<_>>().join("\n"));
        if let Ok(Some(storage)) = window().local_storage() {
            // A full storage loses no more than the names of cases.
            let _ = self.key.with_value(|key| storage.set_item(key, &text));
        }
    }
}

/// The cases of one side, to be changed.
#[component]
pub fn CaseTable(title: &'static str, cases: Cases, drivers: &'static [Driver]) -> impl IntoView {
    let head = drivers.iter().map(|driver| view! { <th scope="col">{driver.name()}</th> }).collect_view();
    let lines = move || (0..cases.all.with(Vec::len)).map(|at| line(cases, at, drivers)).collect_view();
    let add = move |_| {
        cases.change(|all| all.push(Case { name: format!("Case {}", all.len() + 1), changes: String::new() }));
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=format!("Cases of {}", title.to_lowercase())>
            <table class="figures case-table">
                <thead><tr><th scope="col">{title}</th>{head}<th></th></tr></thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
        {move || (cases.all.with(Vec::len) < MOST).then(|| view! { <Button icon=Glyph::Plus on_click=add>"Add a case"</Button> })}
    }
}

fn line(cases: Cases, at: usize, drivers: &'static [Driver]) -> impl IntoView {
    let case = cases
        .all
        .with_untracked(|all| all.get(at).cloned())
        .unwrap_or(Case { name: String::new(), changes: String::new() });
    let read: Changes = case.changes.parse().unwrap_or_default();
    let rename = move |event| {
        let name = event_target_value(&event);
        cases.change(|all| {
            if let Some(case) = all.get_mut(at) {
                case.name = name;
            }
        });
    };
    let cells = drivers.iter().map(|&driver| {
        let percent = (read.of(driver) * 1e5).round() / 1e3;
        let set = move |event| {
            // What is no percentage is none; the server says the limits to who goes beyond them by other ways.
            let percent: f64 = event_target_value(&event).trim().replace(',', ".").parse().unwrap_or(0.0);
            cases.change(|all| {
                if let Some(case) = all.get_mut(at) {
                    let others = drivers.iter().filter(|other| **other != driver);
                    let read: Changes = case.changes.parse().unwrap_or_default();
                    let kept = others.fold(Changes::default(), |kept, &other| kept.and(other, read.of(other)));
                    case.changes = kept.and(driver, percent.clamp(-90.0, 900.0) / 100.0).to_string();
                }
            });
        };
        let label = format!("{} of {}, percent", driver.name(), case.name);
        view! {
            <td>
                <input class="input percent" type="number" step="any" min="-90" max="900" aria-label=label value=percent on:change=set />
            </td>
        }
    });
    let cells = cells.collect_view();
    let remove = move |_| {
        cases.change(|all| {
            if all.len() > 1 && at < all.len() {
                all.remove(at);
            }
        });
    };
    view! {
        <tr>
            <th scope="row"><input class="input" aria-label="Name of the case" value=case.name.clone() on:change=rename /></th>
            {cells}
            <td><IconButton icon=Glyph::Close label=format!("Remove {}", case.name) on_click=remove /></td>
        </tr>
    }
}
