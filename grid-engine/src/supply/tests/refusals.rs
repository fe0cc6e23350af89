//! Wrong tables are refused, each problem with its table, row, column and reason.

use super::data::{Tables, one_factory, with};
use crate::supply::read_network;

fn problems(tables: &Tables) -> Vec<String> {
    match read_network(tables, "base") {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

fn check(name: &str, text: &str, expected: &[&str]) {
    assert_eq!(problems(&with(one_factory(), name, text)), expected, "{name}");
}

#[test]
fn a_sound_set_of_tables_is_read() {
    assert_eq!(problems(&one_factory()), [""; 0]);
    let network = read_network(&one_factory(), "base").unwrap();
    assert_eq!((network.nodes.len(), network.flows.len(), network.demands.len()), (2, 0, 1));
    assert_eq!(network.node_name(network.order[0]), "WOOD@WORKS");
}

#[test]
fn routes_that_can_never_run() {
    let lots = "route,fixed_cost,min_run,max_run,setup_hours\nMAKE,1,50,20,0";
    let never = "column min_run: the least run, 50, is above the largest, 20: the route could never run";
    check("routing_lot", lots, &[&format!("routing_lot, row 1, {never}")]);
    check("routing_lot", "route,fixed_cost,min_run,max_run,setup_hours\nMAKE,1,50,0,0", &[]);
    let wide = "route,kind,m1,m2\nMAKE,max_run,90,40\nMAKE,min_run,50,50";
    let never = "column m2: the least run, 50, is above the largest, 40: the route could never run";
    check("routing_lot_wide", wide, &[&format!("routing_lot_wide, row 2, {never}")]);
    let mut tables = with(one_factory(), "locations", "loc,type,storage_m3\nWORKS,plant,\nANNEX,plant,");
    tables = with(tables, "resources", "resource,loc,ot_cost_per_hour\nSAW,ANNEX,5");
    let elsewhere = "the resource is at ANNEX, and the route makes its item at WORKS";
    assert_eq!(problems(&tables), [format!("routing_resources, row 1, column resource: {elsewhere}")]);
}

#[test]
fn components_that_nothing_brings() {
    let mut tables = with(one_factory(), "materials", "item,kind,volume\nWOOD,raw,0\nGLUE,raw,0");
    let policy = |glue: &str| {
        let rows = "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,2,0,,1,0\nWOOD,WORKS,0,0,,0,0";
        format!("{rows}\nGLUE,WORKS,{glue},0,,0,0")
    };
    tables = with(tables, "stock_policy", &policy("0"));
    tables = with(tables, "bom", "route,component,qty_per\nMAKE,WOOD,3\nMAKE,GLUE,1");
    let found = problems(&tables);
    let start = "bom, row 2, column component: GLUE@WORKS needed, but no stock, receipt, contract, route or lane";
    assert!(found.len() == 1 && found[0].starts_with(start), "{found:?}");
    assert_eq!(problems(&with(tables.clone(), "stock_policy", &policy("5"))), [""; 0], "some is left");
    // Another way to make it can do without.
    let tables =
        with(tables, "routings", "route,item,loc,lead_time,unit_cost\nMAKE,CHAIR,WORKS,0,10\nNAIL,CHAIR,WORKS,0,12");
    assert_eq!(problems(&tables), [""; 0]);
}

#[test]
fn missing_tables_and_columns() {
    let mut tables = one_factory();
    tables.remove("streams");
    tables.remove("demand_base");
    let expected = [
        "streams: the table is missing: add it with the columns stream, region, channel, loc, allow_backlog",
        "demand_base: the table is missing: add it with the columns item, stream",
    ];
    assert_eq!(problems(&tables), expected);
    check(
        "capacity",
        "resource,kind,m1\nSAW,regular_hours,10",
        &["capacity, column m2: the column of this period is missing: add one with this heading"],
    );
    let periods = "2 periods are missing, from m1 to m2: add one for each of the table periods";
    check("capacity", "resource,kind\nSAW,regular_hours", &[&format!("capacity: the columns of {periods}")]);
}

/// Whatever table or column is not there, that is one error: others that only follow from it are left out.
#[test]
fn what_only_follows_from_a_missing_table_or_column_is_not_told() {
    let lots = "route,fixed_cost,min_run,max_run,setup_hours\nMAKE,1,0,20,0";
    let whole = with(one_factory(), "routing_lot", lots);
    let whole = with(whole, "decisions", "kind,object,item,m1,m2\nproduction,MAKE,CHAIR,3,\npurchase,BUY,WOOD,9,");
    assert_eq!(problems(&whole), [""; 0]);
    // Without these there is another plan, and nothing wrong.
    let optional = ["materials", "bom", "routing_resources", "supplier_capacity", "routing_lot", "decisions"];
    for name in whole.keys().filter(|name| !optional.contains(&name.as_str())) {
        let mut tables = whole.clone();
        tables.remove(name);
        let found = problems(&tables);
        // All that periods are needed for cannot be read: what else is missing is told, and here nothing is.
        let of_table = format!("{name}: the table is missing");
        assert!(found.len() == 1 && found[0].starts_with(&of_table), "{name}: {found:?}");
    }
    for (name, table) in &whole {
        for (index, column) in table.columns.iter().enumerate() {
            // Columns that need not be there.
            let optional = ["month_index", "type", "family", "kind", "item"].contains(&&**column);
            let mut tables = whole.clone();
            let changed = tables.get_mut(name).unwrap();
            changed.columns.remove(index);
            changed.rows.iter_mut().for_each(|row| drop(row.remove(index)));
            let found = problems(&tables);
            assert!(found.len() == 1 || optional && found.is_empty(), "{name} without {column}: {found:?}");
            assert!(found.iter().all(|one| one.starts_with(&format!("{name}, column {column}: "))), "{found:?}");
        }
    }
}

fn warnings(tables: &Tables) -> Vec<String> {
    read_network(tables, "base").unwrap().warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn what_may_not_be_meant_is_warned_of() {
    assert_eq!(warnings(&one_factory()), [""; 0]);
    let policy = |safety: f64| {
        format!("item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,2,{safety},5,1,0\nWOOD,WORKS,0,0,,0,0")
    };
    assert_eq!(warnings(&with(one_factory(), "stock_policy", &policy(5.0))), [""; 0]);
    let found = warnings(&with(one_factory(), "stock_policy", &policy(6.0)));
    let start = "stock_policy, row 1, column safety: 6 is more than max 5 of the same row";
    assert!(found.len() == 1 && found[0].starts_with(start), "{found:?}");
    // Nothing makes chairs any more.
    let mut tables = one_factory();
    ["routings", "routing_resources", "bom"].iter().for_each(|name| drop(tables.remove(*name)));
    let found = warnings(&tables);
    let start = "demand_base, row 1, column item: CHAIR@WORKS can only be served from stock";
    assert!(found.len() == 1 && found[0].starts_with(start) && found[0].contains("the 2 units"), "{found:?}");
    let sold_off = with(tables, "demand_base", "item,stream,m1,m2\nCHAIR,SHOP,1,1");
    assert_eq!(warnings(&sold_off), [""; 0], "what is there is enough");
}

#[test]
fn numbers_that_are_none() {
    let bad = |cell: &str, reason: &str| {
        let expected = format!("demand_base, row 1, column m2: {reason}");
        check("demand_base", &format!("item,stream,m1,m2\nCHAIR,SHOP,8,{cell}"), &[&expected]);
    };
    bad("twelve", "\"twelve\" is not a number");
    bad("1.2.3", "\"1.2.3\" is not a number");
    bad("NaN", "\"NaN\" is not a number");
    bad("inf", "\"inf\" is not a number");
    bad("-1", "-1 is negative");
    bad("1e300", "1e300 is larger than 1e15");
}

#[test]
fn decimal_commas_are_told_how_to_be_written() {
    let mut tables = one_factory();
    let demand = tables.get_mut("demand_base").unwrap();
    demand.rows[0][2] = crate::supply::RawCell::Text("8,5".into());
    let expected = ["demand_base, row 1, column m1: \"8,5\" is not a number: decimals follow a point, as in 8.5"];
    assert_eq!(problems(&tables), expected);
}

#[test]
fn a_lane_leads_elsewhere() {
    check(
        "lanes",
        "lane,from,to,mode,lead_time,cost_per_m3\nROUND,WORKS,WORKS,road,1,1",
        &["lanes, row 1, column to: the lane ends where it begins"],
    );
}

#[test]
fn what_goes_into_itself_is_refused() {
    check(
        "bom",
        "route,component,qty_per\nMAKE,WOOD,3\nMAKE,CHAIR,1",
        &["bom, row 2, column component: a loop: CHAIR goes into itself"],
    );
}

#[test]
fn blanks_mean_what_the_column_says() {
    check("demand_base", "item,stream,m1,m2\nCHAIR,SHOP,,12", &[]);
    check("supplier_capacity", "supplier,mode,m1,m2\nFOREST,regular,,", &[]);
    check(
        "capacity",
        "resource,kind,m1,m2\nSAW,regular_hours,10,",
        &["capacity, row 1, column m2: blank, but a number is needed"],
    );
    check(
        "routings",
        "route,item,loc,lead_time,unit_cost\nMAKE,CHAIR,WORKS,0.5,",
        &[
            "routings, row 1, column lead_time: 0.5 is not a whole number of periods",
            "routings, row 1, column unit_cost: blank, but a number is needed",
        ],
    );
}

#[test]
fn references_to_nothing_and_duplicates() {
    check(
        "bom",
        "route,component,qty_per\nMAKE,IRON,3\nBEND,WOOD,1",
        &[
            "bom, row 1, column component: \"IRON\" is not a known item",
            "bom, row 2, column route: \"BEND\" is not a known route",
        ],
    );
    check(
        "service_cost",
        "item,channel,late_cost,lost_cost\nCHAIR,WEB,3,100",
        &["demand_base, row 1, column item: service_cost has no row for this item in channel \"RETAIL\""],
    );
    check(
        "demand_base",
        "item,stream,m1,m2\nCHAIR,SHOP,8,12\nCHAIR,SHOP,8,12",
        &["demand_base, row 2: this item and stream appear twice"],
    );
    check("demand_base", "item,stream,m1,m2", &["demand_base: there are no demand rows"]);
    check("periods", "period,month_index", &["periods: there are no periods"]);
}

#[test]
fn suppliers_and_their_modes_are_known() {
    check(
        "contracts",
        "contract,item,loc,supplier,mode,lead_time,unit_cost\nBUY,WOOD,WORKS,FOREST,express,0,2",
        &["contracts, row 1, column mode: \"express\" is neither regular nor expedite"],
    );
    check(
        "supplier_capacity",
        "supplier,mode,m1,m2\nFOREST,regular,9,9\nFOREST,expedite,9,9\nFORREST,regular,9,9\nFOREST,,9,9",
        &[
            "supplier_capacity, row 3, column supplier: \"FORREST\" is not a known supplier: no contract names it",
            "supplier_capacity, row 4, column mode: \"\" is neither regular nor expedite",
        ],
    );
    check(
        "routings",
        "route,item,loc,lead_time,unit_cost\nMAKE,CHAIR,WORKS,1e9,10",
        &["routings, row 1, column lead_time: 1000000000 periods are more than 10000, the most there can be"],
    );
}

/// Whatever the numbers, a plan, or the cells to look at.
#[cfg(feature = "solve")]
#[test]
fn numbers_the_solver_gives_up_on_are_named() {
    use crate::supply::{Objective, SolveError, SolveOptions, solve_tables};
    let changes = [
        ("products", "item,family,volume,price\nCHAIR,SEATS,0.5,1e12"),
        ("products", "item,family,volume,price\nCHAIR,SEATS,1e15,1e15"),
        ("bom", "route,component,qty_per\nMAKE,WOOD,1e15"),
        ("routing_resources", "route,resource,hours_per_unit\nMAKE,SAW,1e15"),
        ("routing_resources", "route,resource,hours_per_unit\nMAKE,SAW,1e-14"),
        (
            "stock_policy",
            "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,2,0,,1e15,0\nWOOD,WORKS,0,0,,0,0",
        ),
    ];
    let mut named = 0;
    for (name, text) in changes {
        for objective in [Objective::Cost, Objective::Profit] {
            let options = SolveOptions { objective, ..SolveOptions::default() };
            match solve_tables(&with(one_factory(), name, text), &options, &mut |_| ()) {
                Err(SolveError::Refused(problems)) => {
                    named += 1;
                    assert!(
                        problems[0].reason.contains("largest number") && &*problems[0].table == name,
                        "{problems:?}"
                    );
                }
                Err(SolveError::Failed(words)) => panic!("{name}: {words}"),
                _ => {}
            }
        }
    }
    assert!(named > 0);
}

#[test]
fn capacity_must_be_known() {
    check(
        "capacity",
        "resource,kind,m1,m2\nSAW,max_overtime_hours,1,1",
        &["capacity: resource SAW has no row of kind regular_hours"],
    );
    check(
        "capacity",
        "resource,kind,m1,m2\nSAW,regular_hours,1,1\nSAW,hours,1,1",
        &["capacity, row 2, column kind: \"hours\" is neither regular_hours nor max_overtime_hours"],
    );
}

#[test]
fn loops_are_refused_where_they_lie() {
    let tables = with(
        one_factory(),
        "routings",
        "route,item,loc,lead_time,unit_cost\nMAKE,CHAIR,WORKS,0,10\nSPLIT,WOOD,WORKS,0,1",
    );
    let tables = with(tables, "bom", "route,component,qty_per\nMAKE,WOOD,3\nSPLIT,CHAIR,1");
    let expected = [
        "bom, row 1, column component: a loop: WOOD goes into CHAIR, which goes into WOOD again",
        "bom, row 2, column component: a loop: CHAIR goes into WOOD, which goes into CHAIR again",
    ];
    assert_eq!(problems(&tables), expected);

    let two_places = with(one_factory(), "locations", "loc,type,storage_m3\nWORKS,plant,\nDEPOT,dc,");
    let policy = "item,loc,initial,safety,max,hold_cost,ss_penalty\n\
                  CHAIR,WORKS,2,0,,1,0\nCHAIR,DEPOT,0,0,,1,0\nWOOD,WORKS,0,0,,0,0";
    let two_places = with(two_places, "stock_policy", policy);
    let lanes = |lead_time: usize| {
        let text = format!(
            "lane,from,to,mode,lead_time,cost_per_m3\nTHERE,WORKS,DEPOT,road,0,1\nBACK,DEPOT,WORKS,road,{lead_time},1"
        );
        problems(&with(two_places.clone(), "lanes", &text))
    };
    let reason = "a loop of lanes without lead time: goods would go round within a period";
    assert_eq!(
        lanes(0),
        [format!("lanes, row 1, column lead_time: {reason}"), format!("lanes, row 2, column lead_time: {reason}"),]
    );
    assert_eq!(lanes(1), [""; 0], "a round trip that takes time is ordinary transshipment");
}

#[test]
fn demand_without_any_source() {
    let mut tables = one_factory();
    tables.remove("contracts");
    let tables = with(
        tables,
        "stock_policy",
        "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,0,0,,1,0\nWOOD,WORKS,0,0,,0,0",
    );
    let reason = "CHAIR@WORKS demanded, but no stock, receipt, contract, route or lane can ever bring it there";
    assert_eq!(problems(&tables), [format!("demand_base, row 1, column item: {reason}")]);
}

#[test]
fn whatever_the_tables_hold_reading_them_never_fails_otherwise() {
    use proptest::prelude::*;
    let cells = prop::sample::select(vec!["", "0", "1", "-3", "CHAIR", "WORKS", "MAKE", "1e9", "é,é", "x"]);
    let names: Vec<String> = one_factory().into_keys().collect();
    let change = (prop::sample::select(names), 0_usize..3, 0_usize..6, cells);
    proptest!(|(changes in prop::collection::vec(change, 1..12))| {
        let mut tables = one_factory();
        for (name, row, column, text) in changes {
            let table = tables.get_mut(&name).unwrap();
            if let Some(cell) = table.rows.get_mut(row).and_then(|row| row.get_mut(column)) {
                *cell = crate::supply::RawCell::Text(text.into());
            }
        }
        let _ = read_network(&tables, "base");
    });
}
