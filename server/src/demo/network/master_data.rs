//! The sheets that say what there is: items, places, streams of demand, recipes and lines.

use grid_engine::calendar::Horizon;
use grid_engine::doc::NumberFormat;

use super::super::catalogue::{CHANNELS, Item, REGIONS};
use super::load::Load;
use super::places::{CENTRES, PLANTS, material_names, sources};
use super::{route, row, series, text, wide};
use crate::exchange::blueprint::{Entry, SheetBlueprint};
use crate::exchange::plan_sheets::MASTER_DATA;

pub(super) fn products(items: &[Item], currency: &str) -> SheetBlueprint {
    let rows = items.iter().map(|item| {
        row(
            &[item.name],
            vec![
                ("Family", text(item.family.name)),
                ("Volume", Entry::Number(item.family.volume)),
                ("Price", Entry::Number(item.price)),
            ],
        )
    });
    crate::exchange::plan_sheets::items(currency).rows(rows)
}

pub(super) fn materials() -> SheetBlueprint {
    let rows = material_names().map(|name| row(&[name], vec![("Kind", text("raw")), ("Volume", Entry::Number(0.0))]));
    let columns = [("Kind", NumberFormat::Text, ""), ("Volume", NumberFormat::General, "m³")];
    SheetBlueprint::table("materials", "Materials", &["Item"], &columns).group(MASTER_DATA).rows(rows)
}

pub(super) fn locations() -> SheetBlueprint {
    let plants = PLANTS.iter().map(|plant| row(&[plant.name], vec![("Type", text("plant"))]));
    let centres = CENTRES.iter().map(|(centre, _)| row(&[centre], vec![("Type", text("dc"))]));
    let columns = [("Type", NumberFormat::Text, ""), ("Storage m3", NumberFormat::Whole, "m³")];
    SheetBlueprint::table("locations", "Locations", &["Location"], &columns)
        .group(MASTER_DATA)
        .rows(plants.chain(centres))
}

pub(super) fn streams() -> SheetBlueprint {
    let rows = REGIONS.iter().flat_map(|region| {
        CHANNELS.iter().map(move |channel| {
            row(
                &[&format!("{} {}", region.name, channel.name)],
                vec![
                    ("Region", text(region.name)),
                    ("Channel", text(channel.name)),
                    ("Location", text(region.centre)),
                    ("Allow backlog", Entry::Number(1.0)),
                    ("Allow lost", Entry::Number(1.0)),
                ],
            )
        })
    });
    let columns = [
        ("Region", NumberFormat::Text, ""),
        ("Channel", NumberFormat::Text, ""),
        ("Location", NumberFormat::Text, ""),
        ("Allow backlog", NumberFormat::Whole, ""),
        ("Allow lost", NumberFormat::Whole, ""),
    ];
    SheetBlueprint::table("streams", "Streams", &["Stream"], &columns).group(MASTER_DATA).rows(rows)
}

pub(super) fn bom(items: &[Item]) -> SheetBlueprint {
    let rows = items.iter().flat_map(|item| {
        item.family.lines.iter().flat_map(move |(plant, _)| {
            item.family.recipe.iter().map(move |(component, quantity)| {
                row(&[&route(item, plant), component], vec![("Qty per", Entry::Number(*quantity))])
            })
        })
    });
    SheetBlueprint::table(
        "bom",
        "Bill of materials",
        &["Route", "Component"],
        &[("Qty per", NumberFormat::General, "")],
    )
    .group(MASTER_DATA)
    .rows(rows)
}

pub(super) fn routing_resources(items: &[Item]) -> SheetBlueprint {
    let rows = items.iter().flat_map(|item| {
        item.family.lines.iter().map(move |(plant, line)| {
            row(
                &[&route(item, plant), line],
                vec![("Hours per unit", Entry::Number(item.family.hours_per_thousand / 1000.0))],
            )
        })
    });
    let columns = [("Hours per unit", NumberFormat::General, "h")];
    SheetBlueprint::table("routing_resources", "Line times", &["Route", "Resource"], &columns)
        .group(MASTER_DATA)
        .rows(rows)
}

/// Deliveries on the way: what lead times keep from being ordered anew.
pub(super) fn scheduled_receipts(load: &Load, horizon: Horizon) -> SheetBlueprint {
    let rows = load.materials.iter().filter_map(|((component, plant), monthly)| {
        let lead_time = sources().find(|material| material.name == *component)?.lead_time as usize;
        (lead_time > 0).then(|| {
            series(&[component, plant], horizon, "Units", |place| if place < lead_time { monthly.round() } else { 0.0 })
        })
    });
    wide("scheduled_receipts", "Scheduled receipts", &["Item", "Location"], "Units", "units", horizon)
        .group(MASTER_DATA)
        .rows(rows.collect::<Vec<_>>())
}
