//! Instances from files, and small ones written in place.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::supply::{RawCell, RawTable};

/// Tables by name.
pub type Tables = BTreeMap<String, RawTable>;

/// The folder of the shared instances; `None`, said on stderr, where they are absent.
pub fn shared() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/supply"));
    if !folder.is_dir() {
        eprintln!("skipped: no instances at {}", folder.display());
        return None;
    }
    Some(folder)
}

/// Reads every CSV file of a folder. The instances have no quotes and no commas in their cells.
pub fn read_folder(folder: &std::path::Path) -> Tables {
    let mut tables = Tables::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        tables.insert(name, table(&std::fs::read_to_string(&path).unwrap()));
    }
    tables
}

/// A table from comma-separated lines, the first of them the header.
pub fn table(text: &str) -> RawTable {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let columns = lines.next().unwrap_or_default().split(',').map(Into::into).collect();
    let cell = |text: &str| match text.trim() {
        "" => RawCell::Blank,
        text => RawCell::Text(text.into()),
    };
    RawTable { columns, rows: lines.map(|line| line.split(',').map(cell).collect()).collect() }
}

/// The tables of a text, each below its name in brackets.
pub fn read_text(text: &str) -> Tables {
    let sections = text.split('[').filter_map(|section| section.split_once(']'));
    sections.map(|(name, rows)| (name.to_owned(), table(rows))).collect()
}

/// A factory that sells one good from its own stock, two months; 10 a unit to make, 10 hours a month, 1 hour a unit.
pub fn one_factory() -> Tables {
    let tables = [
        ("periods", "period,month_index\nm1,1\nm2,2"),
        ("products", "item,family,volume,price\nCHAIR,SEATS,0.5,40"),
        ("materials", "item,kind,volume\nWOOD,raw,0"),
        ("locations", "loc,type,storage_m3\nWORKS,plant,"),
        ("stock_policy", "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,2,0,,1,0\nWOOD,WORKS,0,0,,0,0"),
        ("routings", "route,item,loc,lead_time,unit_cost\nMAKE,CHAIR,WORKS,0,10"),
        ("routing_resources", "route,resource,hours_per_unit\nMAKE,SAW,1"),
        ("bom", "route,component,qty_per\nMAKE,WOOD,3"),
        ("resources", "resource,loc,ot_cost_per_hour\nSAW,WORKS,5"),
        ("capacity", "resource,kind,m1,m2\nSAW,regular_hours,10,10\nSAW,max_overtime_hours,4,4"),
        ("contracts", "contract,item,loc,supplier,mode,lead_time,unit_cost\nBUY,WOOD,WORKS,FOREST,regular,0,2"),
        ("supplier_capacity", "supplier,mode,m1,m2\nFOREST,regular,100,100"),
        ("streams", "stream,region,channel,loc,allow_backlog\nSHOP,NORTH,RETAIL,WORKS,0"),
        ("service_cost", "item,channel,late_cost,lost_cost\nCHAIR,RETAIL,3,100"),
        ("demand_base", "item,stream,m1,m2\nCHAIR,SHOP,8,12"),
    ];
    tables.into_iter().map(|(name, text)| (name.to_owned(), table(text))).collect()
}

/// The same with one table replaced.
pub fn with(mut tables: Tables, name: &str, text: &str) -> Tables {
    tables.insert(name.to_owned(), table(text));
    tables
}
