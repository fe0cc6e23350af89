//! Stock against service and cost, by a plan for each service level.

use grid_engine::refs::SheetId;
use grid_engine::supply::study::{PRESENT_LEVEL, SERVICE_LEVELS, Study};
use grid_engine::value::Value;
use leptos::prelude::*;

use super::asking::{Asked, ask, meanwhile, number};
use crate::charts::{CurveChart, CurvePoint};
use crate::figures;
use crate::ui::{Button, FiguresTable, Head, Select};

/// What the present safety stocks may stand for.
const LEVELS: [(&str, &str); 5] =
    [("0.9", "90 %"), ("0.95", "95 %"), ("0.975", "97.5 %"), ("0.98", "98 %"), ("0.99", "99 %")];

/// Asked when somebody wants it: it takes a solve for each point.
#[component]
pub fn TradeOffSection(workbook: SheetId, key: String, currency: String, has_safety: bool) -> impl IntoView {
    let asked = RwSignal::new(Asked::Not);
    let present = RwSignal::new(PRESENT_LEVEL.to_string());
    let draw = move |_| {
        let present = present.get_untracked().parse().unwrap_or(PRESENT_LEVEL);
        ask(workbook, key.clone(), Study::TradeOff { levels: SERVICE_LEVELS.to_vec(), present }, asked);
    };
    let options: Vec<(String, String)> =
        LEVELS.iter().map(|(level, words)| ((*level).to_owned(), format!("stand for {words} service"))).collect();
    let body = move || {
        let asked = asked.get();
        if let Some(view) = meanwhile(&asked, "Solving the plan for each service level") {
            return view;
        }
        match asked {
            Asked::Answer(table) if table.len() > 1 => curves(&table[1..]),
            _ if has_safety => view! { <p class="muted">"Draw the curve to see what each service level takes in stock, and where the total cost is least."</p> }.into_any(),
            _ => view! { <p class="muted">"No safety stock is planned, so how much demand varies is not known. Give safety stocks in the stock policy first."</p> }.into_any(),
        }
    };
    view! {
        <section class="card" class:no-print=move || !matches!(asked.get(), Asked::Answer(_)) aria-label="Stock against service">
            <header class="cardhead">
                <h3>"Stock against service" <span class="unit">{currency}</span></h3>
                <p class="muted">"Safety stocks for one service level after another, the plan solved again for each."</p>
            </header>
            {has_safety.then(|| view! {
                <div class="chooser no-print">
                    <Select label="What the present safety stocks stand for" options value=present on_change=move |value| present.set(value) />
                    <Button on_click=draw>"Draw the curve"</Button>
                </div>
            })}
            {body}
        </section>
    }
}

fn level(row: &[Value]) -> String {
    let share = number(row, 0).unwrap_or_default() * 100.0;
    let decimals = usize::from((share - share.round()).abs() > 1e-9);
    format!("{}\u{202f}%", figures::grouped(share, decimals))
}

fn curves(rows: &[Vec<Value>]) -> AnyView {
    let value = |row: &[Value], column: usize| number(row, column).unwrap_or_default();
    let cheapest = rows.iter().map(|row| value(row, 8)).enumerate().reduce(|a, b| if b.1 < a.1 { b } else { a });
    let cheapest = cheapest.map(|(at, _)| at);
    let points = |column: usize| {
        let point = |(at, row): (usize, &Vec<Value>)| CurvePoint {
            x: value(row, 3),
            y: value(row, column),
            name: level(row),
            marked: cheapest == Some(at),
        };
        rows.iter().enumerate().map(point).collect::<Vec<_>>()
    };
    let words = cheapest.map(|at| format!("Total cost is least at {} service.", level(&rows[at])));
    let lines = rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let cell = |column: usize| view! { <td class="number">{figures::compact(value(row, column))}</td> };
            view! {
                <tr class:strong=cheapest == Some(at)>
                    <th scope="row">{level(row)}</th>
                    {cell(1)}{cell(3)}
                    <td class="number">{number(row, 4).map_or_else(|| figures::MISSING.to_owned(), figures::percent)}</td>
                    {cell(5)}{cell(7)}{cell(8)}
                </tr>
            }
        })
        .collect_view();
    view! {
        <p>{words}</p>
        <div class="pair">
            <CurveChart title="Fill rate by stock" across=("Mean stock at cost", "") up=("Fill rate, chance included", "%") points=points(4) colour="var(--chart-served)" />
            <CurveChart title="Total cost by stock" across=("Mean stock at cost", "") up=("Total cost", "") points=points(8) colour="var(--chart-consensus)" />
        </div>
        <FiguresTable
            label="Service levels with stock and cost"
            heads=vec![
                Head::words("Service level"), Head::numbers("Safety stock"), Head::numbers("Stock at cost"),
                Head::numbers("Fill rate"), Head::numbers("Plan cost"), Head::numbers("Cost of chance"),
                Head::numbers("Total cost"),
            ]
        >
            {lines}
        </FiguresTable>
    }
    .into_any()
}
