//! Items that begin or end around the plan.

use grid_engine::calendar::Bucket;
use grid_engine::plan::ItemLife;
use leptos::prelude::*;

use crate::figures;

/// When each begins or ends, with what was sold of it before the plan and what is planned.
#[component]
pub fn ItemLives(lives: Vec<ItemLife>) -> impl IntoView {
    let line = |life: ItemLife| {
        let bucket = |bucket: Option<Bucket>| bucket.map_or_else(|| figures::MISSING.to_owned(), |it| it.to_string());
        let units = |units: f64| if units == 0.0 { figures::MISSING.to_owned() } else { figures::grouped(units, 0) };
        view! {
            <tr>
                <th scope="row">{life.item}</th>
                <td>{bucket(life.begins)}</td>
                <td>{bucket(life.ends)}</td>
                <td class="number">{units(life.sold)}</td>
                <td class="number">{units(life.planned)}</td>
            </tr>
        }
    };
    view! {
        <section class="part" id="items">
            <h2>"New and ending items"</h2>
            <div class="card scroll" tabindex="0" role="region" aria-label="New and ending items">
                <table class="figures">
                    <thead>
                        <tr>
                            <th scope="col">"Item"</th>
                            <th scope="col">"First"</th>
                            <th scope="col">"Last"</th>
                            <th scope="col" class="number">"Units sold before"</th>
                            <th scope="col" class="number">"Units planned"</th>
                        </tr>
                    </thead>
                    <tbody>{lives.into_iter().map(line).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
}
