//! The tower as a workbook: scenarios, key figures from version to version, plan against actual, and what stands in the way.

use grid_engine::plan::{
    ActualLine, ActualsReport, CellState, Changes, Headline, Matrix, MatrixCell, PlanSummary, RankedFigure, Ranking,
    UnplannedRow, Varied, ranked_figures, shown_score,
};
use grid_engine::refs::Id;
use grid_engine::value::NumberFormat;

use super::super::{Page, PageCell, Pages};
use super::{figure, heads, number, page, text, unit};

/// What the tower's file is made of.
pub struct TowerReport {
    pub matrix: Matrix,
    /// Every version with its name.
    pub names: Vec<(Id, String)>,
    /// A version's name, and its cases with their names.
    pub varied: Option<(String, Vec<(String, Varied)>)>,
    /// The versions looked back over with their summaries, oldest first.
    pub course: Vec<(String, PlanSummary)>,
    pub actuals: ActualsReport,
    /// The plan whose bottlenecks are told.
    pub summary: PlanSummary,
}

impl Pages {
    /// Scenarios first, which are what a CSV file of the tower holds; then the rest, without pages that would be empty.
    pub fn of_tower(report: &TowerReport) -> Self {
        let varied = report.varied.as_ref().map(|(version, cases)| profitability(version, cases));
        let others = [course(&report.course), against_actual(&report.actuals), alerts(&report.actuals)];
        let others = varied.into_iter().chain(others).chain(Self::of_summary(&report.summary).sheets);
        let pages = [scenarios(report)].into_iter().chain(others.filter(|page| !page.rows.is_empty()));
        Self { sheets: pages.collect(), names: Vec::new() }
    }
}

/// A row for each scenario: the versions it is made of, where it stands by the rule, and its figures.
fn scenarios(report: &TowerReport) -> Page {
    let name = |id: Id| report.names.iter().find(|(known, _)| *known == id).map_or("", |(_, name)| name);
    let cells = &report.matrix.cells;
    let kinds = kinds(cells.iter().map(|cell| cell.figures.as_slice()));
    let called = |cell: &MatrixCell| {
        let of = cell.scenario;
        [of.demand, of.supply, of.cost].map(name).join(" · ")
    };
    let row = |cell: &MatrixCell| -> Vec<PageCell> {
        let of = cell.scenario;
        let ranking = cell.ranking.as_ref();
        let better = ranking.and_then(|ranking| ranking.dominated_by).and_then(|at| cells.get(at)).map(called);
        let words = |words: Option<&Vec<String>>| text(&words.map(|words| words.join("; ")).unwrap_or_default());
        let keys = [of.demand, of.supply, of.cost].map(name).map(text);
        let place = [
            state(&cell.state),
            place_of(ranking),
            number(ranking.and_then(|ranking| ranking.score).map(shown_score), Some(NumberFormat::General)),
            text(&better.unwrap_or_default()),
        ];
        let values = kinds.iter().map(|kind| value_of(&cell.figures, kind));
        let unranked = report.matrix.rule_error.as_ref().map(|words| format!("{words} (ranked by profit)"));
        let unranked = ranking.and_then(|ranking| ranking.reason.clone().or(unranked));
        let said = [
            words(ranking.map(|ranking| &ranking.strengths)),
            words(ranking.map(|ranking| &ranking.weaknesses)),
            text(&unranked.unwrap_or_default()),
        ];
        keys.into_iter().chain(place).chain(values).chain(said).collect()
    };
    let mut headings =
        heads(["Demand from", "Supply from", "Prices and costs from", "State", "Rank", "Score", "Dominated by"]);
    headings.extend(kinds.iter().map(|kind| kind.name.clone()));
    headings.extend(heads(["Strengths", "Weaknesses", "Why the rule does not rank it"]));
    page("Scenarios", headings, 3, cells.iter().map(row).collect())
}

/// A rank that nobody shares is a number to sort by, one that others share is `1=`.
fn place_of(ranking: Option<&Ranking>) -> PageCell {
    match ranking {
        Some(ranking) if ranking.is_tied => text(&ranking.place().unwrap_or_default()),
        ranking => number(ranking.and_then(|ranking| ranking.rank).map(|rank| rank as f64), None),
    }
}

/// How far a scenario is, or what it failed at.
fn state(state: &CellState) -> PageCell {
    text(match state {
        CellState::Open => "not calculated",
        CellState::Waiting => "waiting",
        CellState::Running { .. } => "being calculated",
        CellState::Done => "calculated",
        CellState::Failed { message } => message,
    })
}

/// A row for each case of a version: what it changes, and what its plan comes to beside the version as it is.
fn profitability(version: &str, cases: &[(String, Varied)]) -> Page {
    let planned = cases.iter().find(|(_, case)| case.changes.is_empty()).and_then(|(_, case)| case.headline);
    let row = |(name, case): &(String, Varied)| -> Vec<PageCell> {
        let changes: Changes = case.changes.parse().unwrap_or_default();
        let money = |of: fn(&Headline) -> Option<f64>| number(case.headline.as_ref().and_then(of), None);
        let profit = |headline: Option<Headline>| headline.and_then(|headline| headline.profit);
        let change = profit(case.headline).zip(profit(planned)).map(|(this, planned)| this - planned);
        let margin = case.headline.and_then(|headline| headline.margin());
        vec![
            text(version),
            text(name),
            text(&changes.words()),
            state(&case.state),
            money(|this| this.revenue),
            money(|this| this.cost),
            money(|this| this.profit),
            number(change, None),
            figure(margin, "%"),
            figure(case.fill, "%"),
        ]
    };
    let headings = heads([
        "Version",
        "Case",
        "Changes",
        "State",
        "Revenue",
        "Cost",
        "Profit",
        "Profit less the plan's",
        "Margin",
        "Units served of those demanded",
    ]);
    page("Profitability", headings, 3, cases.iter().map(row).collect())
}

/// Key figures by rows, versions by columns.
fn course(course: &[(String, PlanSummary)]) -> Page {
    let figures: Vec<_> = course.iter().map(|(_, summary)| ranked_figures(summary)).collect();
    let kinds = kinds(figures.iter().map(Vec::as_slice));
    let row = |kind: &&RankedFigure| {
        let values = figures.iter().map(|figures| value_of(figures, kind));
        [text(&kind.name), unit(&kind.unit)].into_iter().chain(values).collect()
    };
    let names = course.iter().map(|(name, _)| name.clone());
    let headings = heads(["Key figure", "Unit"]).into_iter().chain(names).collect();
    page("Versions", headings, 1, kinds.iter().map(row).collect())
}

/// Each figure once, as it is first met.
fn kinds<'a>(all: impl Iterator<Item = &'a [RankedFigure]>) -> Vec<&'a RankedFigure> {
    let mut kinds: Vec<&RankedFigure> = Vec::new();
    for figure in all.flatten() {
        if kinds.iter().all(|kind| kind.id != figure.id) {
            kinds.push(figure);
        }
    }
    kinds
}

fn value_of(figures: &[RankedFigure], kind: &RankedFigure) -> PageCell {
    let found = figures.iter().find(|figure| figure.id == kind.id);
    figure(found.and_then(|figure| figure.value), &kind.unit)
}

/// A row for each bucket that has actuals, in all.
fn against_actual(report: &ActualsReport) -> Page {
    let found = &report.found;
    let ActualLine { actual, plan, lagged, .. } = &found.total;
    let row = |at: usize| {
        let (actual, plan) = (actual.get(at).copied(), plan.get(at).copied());
        let error = actual.zip(plan).map(|(actual, plan)| actual - plan);
        let cells = [plan, lagged.get(at).copied().flatten(), actual, error].map(|value| number(value, None));
        [text(&found.buckets[at].to_string())].into_iter().chain(cells).collect()
    };
    let buckets = (0..found.buckets.len()).map(row);
    let of_unplanned = |row: &UnplannedRow| -> Vec<PageCell> {
        let cells = [None, None, Some(row.actual), None].map(|value| number(value, None));
        [text(&format!("of which not in the plan: {}", row.name))].into_iter().chain(cells).collect()
    };
    let rows = buckets.chain(found.unplanned.iter().map(of_unplanned)).collect();
    page("Plan against actual", heads(["Bucket", "Plan", "Plan before", "Actual", "Actual less plan"]), 1, rows)
}

fn alerts(report: &ActualsReport) -> Page {
    let row = |alert: &grid_engine::plan::Alert| {
        let line = if alert.line.is_empty() { "in all" } else { &alert.line };
        let since = alert.since.to_string();
        [&alert.rule.name, line, &since, &alert.words, &alert.rule.owner].map(text).into()
    };
    let headings = heads(["Alert", "Line", "Since", "What is the matter", "Owner"]);
    // What is not judged is no good news.
    let unjudged = report.notes.iter().map(|note| ["", "", "", note, ""].map(text).into());
    page("Alerts", headings, 2, report.alerts.iter().map(row).chain(unjudged).collect())
}
