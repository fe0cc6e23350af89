//! Whom shortages are blamed on where a unit has several ways: two works make the same chair, the first of them cheaper.

use proptest::prelude::*;

use super::data::{Tables, table, with};
use crate::supply::verify::verify;
use crate::supply::{Resolver, SolveOptions, read_network};

/// Both works together make and send exactly what the shop sells, 20 chairs a month.
fn two_works() -> Tables {
    let tables = [
        ("periods", "period,month_index\nm1,1\nm2,2\nm3,3\nm4,4"),
        ("products", "item,family,volume,price\nCHAIR,SEATS,0.5,40\nSTOOL,SEATS,0.5,40"),
        ("materials", "item,kind,volume"),
        ("locations", "loc,type,storage_m3\nA,plant,\nB,plant,\nD,dc,"),
        ("stock_policy", POLICY),
        ("routings", "route,item,loc,lead_time,unit_cost\nMA,CHAIR,A,0,10\nMB,CHAIR,B,0,12\nSB,STOOL,B,0,5"),
        ("routing_resources", "route,resource,hours_per_unit\nMA,KA,1\nMB,KB,1\nSB,KB,1"),
        ("bom", "route,component,qty_per"),
        ("resources", "resource,loc,ot_cost_per_hour\nKA,A,5\nKB,B,5"),
        ("capacity", "resource,kind,m1,m2,m3,m4\nKA,regular_hours,10,10,10,10\nKB,regular_hours,10,10,10,10"),
        ("contracts", "contract,item,loc,supplier,mode,lead_time,unit_cost"),
        ("supplier_capacity", "supplier,mode,m1,m2,m3,m4"),
        ("lanes", "lane,from,to,mode,lead_time,cost_per_m3\nAD,A,D,truck,0,1\nBD,B,D,truck,0,1"),
        ("lane_capacity", "lane,m1,m2,m3,m4\nAD,5,5,5,5\nBD,5,5,5,5"),
        ("streams", "stream,region,channel,loc,allow_backlog\nSHOP,NORTH,RETAIL,D,0"),
        ("service_cost", "item,channel,late_cost,lost_cost\nCHAIR,RETAIL,3,100"),
        ("demand_base", "item,stream,m1,m2,m3,m4\nCHAIR,SHOP,20,20,20,20"),
    ];
    tables.into_iter().map(|(name, text)| (name.to_owned(), table(text))).collect()
}

const POLICY: &str = "item,loc,initial,safety,max,hold_cost,ss_penalty\n\
                      CHAIR,A,0,0,,1,0\nCHAIR,B,0,0,,1,0\nCHAIR,D,0,0,,1,0\nSTOOL,B,0,0,,1,0";

/// Units by class of cause and what it is about; they sum to what is short.
fn blamed(tables: &Tables) -> Vec<(&'static str, String, f64)> {
    let network = read_network(tables, "base").unwrap();
    let plan = Resolver::new(SolveOptions::default()).solve(network, &mut |_| ()).unwrap();
    assert_eq!(verify(&plan), []);
    let mut blamed: Vec<(&'static str, String, f64)> = Vec::new();
    for reason in &plan.reasons {
        let (class, object) = (reason.cause.class(), reason.cause.object(&plan.network));
        match blamed.iter_mut().find(|(known, other, _)| *known == class && *other == object) {
            Some(known) => known.2 += reason.quantity,
            None => blamed.push((class, object, reason.quantity)),
        }
    }
    let told: f64 = blamed.iter().map(|(.., units)| units).sum();
    assert!((told - plan.lost_units()).abs() < 1e-6, "{told} of {} are explained", plan.lost_units());
    blamed
}

fn check(changes: &[(&str, &str)], causes: &[(&str, &str, f64)]) {
    let tables = changes.iter().fold(two_works(), |tables, (name, text)| with(tables, name, text));
    let mut found = blamed(&tables);
    found.sort_by(|a, b| a.1.cmp(&b.1));
    let same = |(found, wanted): (&(&str, String, f64), &(&str, &str, f64))| {
        (found.0, found.1.as_str()) == (wanted.0, wanted.1) && (found.2 - wanted.2).abs() < 1e-6
    };
    assert!(found.len() == causes.len() && found.iter().zip(causes).all(same), "{found:?} {causes:?}");
}

const NO_HOURS: (&str, &str) =
    ("capacity", "resource,kind,m1,m2,m3,m4\nKA,regular_hours,0,0,0,0\nKB,regular_hours,0,0,0,0");

/// A hundred chairs at the second works, and nothing made.
fn stock_at_b(safety: &str, penalty: &str) -> String {
    POLICY.replace("CHAIR,B,0,0,,1,0", &format!("CHAIR,B,100,{safety},,1,{penalty}"))
}

#[test]
fn works_that_stand_still_for_a_while_are_blamed_and_not_those_that_are_full_as_ever() {
    let hours = "resource,kind,m1,m2,m3,m4\nKA,regular_hours,10,10,10,10\nKB,regular_hours,10,10,0,4";
    check(&[("capacity", hours)], &[("capacity", "KB", 16.0)]);
    let hours = "resource,kind,m1,m2,m3,m4\nKA,regular_hours,10,10,0,10\nKB,regular_hours,10,10,10,10";
    check(&[("capacity", hours)], &[("capacity", "KA", 10.0)]);
}

#[test]
fn a_lane_that_is_closed_for_a_while_is_blamed_and_not_one_that_is_full_as_ever() {
    check(&[("lane_capacity", "lane,m1,m2,m3,m4\nAD,5,5,5,5\nBD,5,5,0,5")], &[("lane", "BD", 10.0)]);
}

/// Chairs are there; that none are made, and what the cheaper works lack for it, is no reason.
#[test]
fn what_keeps_idle_stock_from_coming_is_blamed_before_what_limits_making_more() {
    let stock = stock_at_b("0", "0");
    let stock = ("stock_policy", stock.as_str());
    check(
        &[NO_HOURS, stock, ("lane_capacity", "lane,m1,m2,m3,m4\nAD,50,50,50,50\nBD,1,1,1,1")],
        &[("lane", "BD", 72.0)],
    );
    let lanes = "lane,from,to,mode,lead_time,cost_per_m3\nAD,A,D,truck,0,1\nBD,B,D,truck,2,1";
    let room = ("lane_capacity", "lane,m1,m2,m3,m4\nAD,50,50,50,50\nBD,50,50,50,50");
    check(&[NO_HOURS, stock, room, ("lanes", lanes)], &[("leadtime", "CHAIR", 40.0)]);
    let kept = "kind,object,item,m1,m2,m3,m4\nshipment,BD,CHAIR,0,0,0,0";
    check(&[NO_HOURS, stock, room, ("decisions", kept)], &[("decision", "BD:CHAIR", 80.0)]);
    let safety = stock_at_b("90", "9999");
    check(&[NO_HOURS, room, ("stock_policy", &safety)], &[("ss", "CHAIR@B", 70.0)]);
}

/// Stools that nobody asked for take half the hours of the second works.
#[test]
fn a_decision_that_takes_hours_of_another_way_is_blamed() {
    let stools = "kind,object,item,m1,m2,m3,m4\nproduction,SB,,5,5,5,5";
    check(&[("decisions", stools)], &[("decision", "SB", 20.0)]);
}

/// Fifteen chairs a month could be made before the month in which nothing is.
#[test]
fn the_largest_stock_is_blamed_where_it_could_have_been_made_before() {
    let hours = "resource,kind,m1,m2,m3,m4\nKA,regular_hours,40,40,0,40\nKB,regular_hours,0,0,0,0";
    let room = ("lane_capacity", "lane,m1,m2,m3,m4\nAD,50,50,50,50\nBD,50,50,50,50");
    let policy = POLICY.replace("A,0,0,,1", "A,0,0,0,1").replace("D,0,0,,1", "D,0,0,4,1");
    check(&[("capacity", hours), room, ("stock_policy", &policy)], &[("max_stock", "CHAIR@D", 16.0)]);
    // Where nothing more could have been made before, it is no cause.
    let hours = "resource,kind,m1,m2,m3,m4\nKA,regular_hours,20,20,0,20\nKB,regular_hours,0,0,0,0";
    check(&[("capacity", hours), room, ("stock_policy", &policy)], &[("capacity", "KA", 20.0)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whichever limit gives less for a while than both works need: all that is short is put down to it.
    #[test]
    fn whatever_limit_is_cut_for_a_while_is_blamed(
        which in 0..4_usize,
        month in 1..4_usize,
        left in 0..8_u32,
        demand in prop::array::uniform4(16..=20_u32),
    ) {
        let series = |limit: usize, usual: f64| -> String {
            let at = |at: usize| if which == limit && at == month { usual * f64::from(left) / 10.0 } else { usual };
            (0..4).map(|month| format!(",{}", at(month))).collect()
        };
        let hours = format!(
            "resource,kind,m1,m2,m3,m4\nKA,regular_hours{}\nKB,regular_hours{}", series(0, 10.0), series(1, 10.0)
        );
        let lanes = format!("lane,m1,m2,m3,m4\nAD{}\nBD{}", series(2, 5.0), series(3, 5.0));
        let demand: String = demand.iter().map(|units| format!(",{units}")).collect();
        let tables = with(two_works(), "capacity", &hours);
        let tables = with(tables, "lane_capacity", &lanes);
        let tables = with(tables, "demand_base", &format!("item,stream,m1,m2,m3,m4\nCHAIR,SHOP{demand}"));
        let object = ["KA", "KB", "AD", "BD"][which];
        let found = blamed(&tables);
        prop_assert!(found.iter().all(|(_, name, units)| name == object || *units < 1e-6), "{object} {found:?}");
    }
}
