#![allow(clippy::unwrap_used)]

use grid_engine::kpi::Better;
use grid_engine::plan::{AlertRule, Cycle, Decision, Done, WhoChanged};

use super::*;

fn family(name: &str, figures: [f64; 6]) -> SliceLine {
    let [demand, served, revenue, profit, history, budget] = figures;
    let name = name.to_owned();
    SliceLine {
        name,
        demand: Some(demand),
        served: Some(served),
        revenue: Some(revenue),
        cost: Some(revenue - profit),
        profit: Some(profit),
        history,
        budget: Some(budget),
    }
}

fn plan() -> PlanSummary {
    let bucket = |bucket: &str, revenue: f64, budget: f64| BucketLine {
        bucket: bucket.parse().unwrap(),
        history: None,
        baseline: None,
        consensus: Some(1.0),
        served: None,
        revenue: Some(revenue),
        cost: None,
        profit: None,
        budget: Some(budget),
    };
    let short = |cause: &str, quantity: f64| Shortage {
        item: "Tea".to_owned(),
        region: "North".to_owned(),
        bucket: "2026-04".parse().unwrap(),
        quantity,
        cause: cause.to_owned(),
    };
    let kpi = |id: &str, name: &str, value: f64, target: f64| KpiLine {
        id: id.to_owned(),
        name: name.to_owned(),
        value: Some(value),
        unit: "%".to_owned(),
        target: Some(target),
        better: Better::Higher,
        definition: String::new(),
        reason: None,
    };
    PlanSummary {
        currency: "EUR".to_owned(),
        headline: Headline { revenue: Some(300.0), cost: Some(200.0), profit: Some(100.0) },
        kpis: vec![kpi("unit_fill_rate", "Unit fill rate", 0.96, 0.98), kpi("bias", "Bias", 0.03, 0.01)],
        by_family: vec![
            family("Tea", [100.0, 90.0, 200.0, 80.0, 80.0, 250.0]),
            family("Soap", [50.0, 50.0, 100.0, 20.0, 70.0, 50.0]),
        ],
        by_bucket: vec![bucket("2026-04", 100.0, 150.0), bucket("2026-05", 200.0, 150.0)],
        utilisation: vec![
            UtilisationLine { resource: "L1".to_owned(), by_bucket: vec![("2026-04".parse().unwrap(), 1.0)] },
            UtilisationLine { resource: "L2".to_owned(), by_bucket: vec![("2026-04".parse().unwrap(), 0.4)] },
        ],
        shortages: vec![
            short("capacity of L1 in 2026-04", 6.0),
            short("capacity of L1 in 2026-05", 3.0),
            Shortage { item: "Iced tea".to_owned(), ..short("lead time", 8.0) },
        ],
        lives: vec![
            ItemLife {
                item: "Iced tea".to_owned(),
                begins: Some("2026-05".parse().unwrap()),
                ends: None,
                sold: 0.0,
                planned: 400.0,
            },
            ItemLife {
                item: "Juice".to_owned(),
                begins: None,
                ends: Some("2026-04".parse().unwrap()),
                sold: 90.0,
                planned: 30.0,
            },
        ],
        ..PlanSummary::default()
    }
}

fn texts(plan: &PlanSummary, around: &Around) -> Vec<String> {
    brief(plan, &plan.by_family, around).into_iter().map(|answer| answer.text.replace('\u{202f}', " ")).collect()
}

fn cycle() -> CyclePage {
    let mut cycle = Cycle::of_month("2026-04").unwrap();
    cycle.steps[0].owner = "Dana".into();
    cycle.decisions = vec![
        Decision {
            what: "Third shift".into(),
            owner: "Max".into(),
            due: "2026-04-30".into(),
            actions: vec![
                Action { what: "Price it".into(), due: "2026-04-02".into(), ..Action::default() },
                Action { what: "Ask".into(), done: "2026-04-01".into(), ..Action::default() },
            ],
            ..Decision::default()
        },
        Decision { what: "Made".into(), chosen: "so".into(), ..Decision::default() },
    ];
    CyclePage { cycle, execution_rate: Some(0.8), today: "2026-04-10".into(), ..CyclePage::default() }
}

#[test]
fn ten_questions_are_answered_from_the_plan() {
    let who = WhoChanged { name: "Ada".to_owned(), rows: 1, entries: 2, whys: vec!["Fair".to_owned()] };
    let alert = |line: &str, severity| Alert {
        rule: AlertRule { name: "Behind plan".into(), severity, ..AlertRule::default() },
        line: line.into(),
        since: "2026-04".parse().unwrap(),
        bucket: "2026-04".parse().unwrap(),
        words: String::new(),
    };
    let around = Around {
        before: Some(("March".to_owned(), Headline { revenue: None, cost: None, profit: Some(130.0) })),
        changes: Some(VersionChanges {
            before: 100.0,
            after: 150.0,
            rows: Vec::new(),
            row_count: 3,
            people: vec![who],
            ..VersionChanges::default()
        }),
        cycle: Some(cycle()),
        alerts: vec![alert("North", Severity::Critical), alert("", Severity::Info)],
    };
    let expected = [
        "Demand moved by +50 units (+50.0 %) in 3 rows. Ada: Fair. Profit is −30.0 against “March”.",
        "1 of 2 key figures meet their targets. Furthest off: Unit fill rate 96.0 % (−2.0 pp from 98.0 %). Of all actions \
         that were due, 80.0 % were done by their day.",
        "0.0 % in units against the year before. Tea +25.0 %, Soap −28.6 %. 80.0 (80.0 % of it) from Tea. Least is kept \
         of the revenue of Soap: 20.0 %.",
        "300 EUR in 2 periods, of which 100 EUR (33.3 %) stay as profit. Revenue is 300 against 300 in the budget \
         (0.0 %). Tea misses most: 50.0 (−20.0 %).",
        "10.0 units are late or never served. 2 alerts from actuals, 1 critical: Behind plan (North); Behind plan.",
        "Third shift (Max by 30 Apr 2026).",
        "The product review is open (Dana, overdue since 4 Apr 2026). New: Iced tea from 2026-05 (400 planned, 8 \
         short). Ending: Juice with 2026-04.",
        "Most of all capacity of L1: 9 units of the largest shortages. 1 of 2 resources reach their limit: L1.",
        "No: from 2026-05 on no resource reaches its limit, and revenue is +33.3 % against the budget.",
        "Price it (nobody yet, overdue since 2 Apr 2026).",
    ];
    assert_eq!(texts(&plan(), &around), expected);
}

#[test]
fn a_plan_that_runs_into_its_limits_later_needs_revision() {
    let mut plan = plan();
    plan.utilisation[1].by_bucket.push(("2026-05".parse().unwrap(), 1.0));
    assert_eq!(
        texts(&plan, &Around::default())[8],
        "Yes: from 2026-05 on L2 reaches its limit, and revenue is +33.3 % against the budget."
    );
    plan.utilisation.clear();
    plan.by_bucket[1].budget = Some(210.0);
    assert_eq!(
        texts(&plan, &Around::default())[8],
        "Yes: from 2026-05 on no resource reaches its limit, and revenue is −4.8 % against the budget."
    );
}

#[test]
fn a_month_whose_work_is_done_says_so() {
    let mut page = cycle();
    page.cycle.steps[0].done = Some(Done { by: "Dana".into(), at: 0 });
    page.cycle.decisions[0].chosen = "No".into();
    page.cycle.decisions[0].actions[0].done = "2026-04-03".into();
    let told = texts(&PlanSummary::default(), &Around { cycle: Some(page), ..Around::default() });
    assert_eq!(
        [&told[5], &told[6], &told[9]],
        ["All are made.", "The product review is closed (Dana).", "All are done."]
    );
}

#[test]
fn what_is_not_there_is_told_and_nothing_is_made_up() {
    let told = texts(&PlanSummary::default(), &Around::default());
    let none = "The plan holds no figures for it.";
    let first = "It is the first plan.";
    let expected = [first, none, none, none, none, "No decision is noted.", none, none, none, "No action is noted."];
    assert_eq!(told, expected);
}

#[test]
fn a_version_of_one_side_says_nothing_of_the_others() {
    let mut demand = plan();
    (demand.headline, demand.shortages, demand.utilisation) = Default::default();
    for line in &mut demand.by_family {
        *line =
            SliceLine { name: line.name.clone(), demand: line.demand, history: line.history, ..SliceLine::default() };
    }
    demand.by_bucket.iter_mut().for_each(|line| (line.revenue, line.budget) = (None, None));
    let whole = Headline { profit: Some(130.0), ..Headline::default() };
    let told = texts(&demand, &Around { before: Some(("March".to_owned(), whole)), ..Around::default() });
    let nothing = "The plan holds no figures for it.";
    assert_eq!([&told[0], &told[3], &told[7], &told[8]], [nothing; 4]);
    assert_eq!(told[2], "0.0 % in units against the year before. Tea +25.0 %, Soap −28.6 %.");
    assert!(told.iter().all(|text| !text.contains("served")), "{told:?}");
}
