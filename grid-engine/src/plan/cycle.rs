//! One month's cycle: six steps with owners and gates, who has submitted, what was decided and what follows from it.
//!
//! The steps are those of the executive S&OP process: product, demand, supply, financial reconciliation, pre-meeting and
//! executive meeting (Wallace and Stahl, *Sales & Operations Planning: The How-To Handbook*, 3rd ed., chapter 3).

use serde::{Deserialize, Serialize};

use super::version::{VersionKind, VersionState};
use crate::calendar::Date;

/// Longest text of a cycle, in characters.
const MAX_TEXT: usize = 20_000;
/// Most decisions of a cycle, and actions of a decision.
const MAX_DECISIONS: usize = 50;

/// A step of the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    Product,
    Demand,
    Supply,
    Finance,
    Premeeting,
    Executive,
}

impl StepKind {
    /// In the order of the month.
    pub const ALL: [Self; 6] =
        [Self::Product, Self::Demand, Self::Supply, Self::Finance, Self::Premeeting, Self::Executive];

    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Product => "Product review",
            Self::Demand => "Demand review",
            Self::Supply => "Supply review",
            Self::Finance => "Financial reconciliation",
            Self::Premeeting => "Pre-S&OP meeting",
            Self::Executive => "Executive S&OP",
        }
    }

    /// What it is for, in one sentence.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Product => "New and ending items, prices and master data are as they will be.",
            Self::Demand => "Every region has said what it expects to sell; the demand is agreed and frozen.",
            Self::Supply => "What plants and materials allow is worked out, with what stands in the way.",
            Self::Finance => "Volumes are money: revenue, cost and profit against budget.",
            Self::Premeeting => "Alternatives are compared; what the executives must decide is prepared.",
            Self::Executive => "One plan is decided on, and who does what about it.",
        }
    }

    /// The day of the month it is due on, until somebody says otherwise.
    fn usual_day(self) -> u32 {
        match self {
            Self::Product => 4,
            Self::Demand => 9,
            Self::Supply => 14,
            Self::Finance => 17,
            Self::Premeeting => 21,
            Self::Executive => 25,
        }
    }
}

/// A cycle, as people keep it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cycle {
    /// `2026-11`.
    pub month: String,
    pub steps: Vec<Step>,
    pub agenda: String,
    pub minutes: String,
    pub decisions: Vec<Decision>,
    /// How often it has been changed: who changes it says what they have seen.
    pub revision: u64,
}

/// A step, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub kind: StepKind,
    /// The name of the person who answers for it.
    pub owner: String,
    /// `2026-11-09`, or empty.
    pub due: String,
    pub done: Option<Done>,
}

/// Who said that it is done, and when (milliseconds since 1970).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Done {
    pub by: String,
    pub at: i64,
}

/// What is to be decided, or was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decision {
    pub what: String,
    /// The alternatives, one on each line.
    pub options: String,
    /// What was decided; empty until it is.
    pub chosen: String,
    pub owner: String,
    /// By when it must be decided: `2026-11-25`, or empty.
    pub due: String,
    /// To whom it goes if it is not.
    pub escalation: String,
    pub actions: Vec<Action>,
}

/// What somebody does because of a decision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Action {
    pub what: String,
    pub owner: String,
    pub due: String,
    /// The day it was done on; empty until then.
    pub done: String,
}

/// A part of the demand, and whether those who plan it have submitted it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartState {
    /// Its key value, e.g. a region.
    pub label: String,
    /// Who plans it.
    pub planners: Vec<String>,
    pub submitted: Option<Done>,
    /// Who changed it last since it was submitted, if anyone.
    #[serde(default)]
    pub changed: Option<Done>,
    /// Whether the person who asks may submit it.
    pub is_mine: bool,
}

/// What the gates of a cycle are judged by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CycleFacts {
    pub parts: Vec<PartState>,
    /// Cells in error, by the roles of their sheets.
    pub errors: Vec<(String, usize)>,
    /// Cells whose values a job is working out.
    pub waiting: usize,
    /// Versions frozen since the month began.
    pub versions: Vec<(VersionKind, VersionState)>,
}

/// A condition for a step to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    pub step: StepKind,
    pub words: String,
    pub passed: bool,
}

/// Everything a cycle's page shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CyclePage {
    pub cycle: Cycle,
    /// Months with a cycle, newest first.
    pub months: Vec<String>,
    pub gates: Vec<Gate>,
    pub parts: Vec<PartState>,
    /// Share of the actions that were due, over all cycles, that were done on time; `None` while none was due.
    pub execution_rate: Option<f64>,
    /// Whether the person who asks may change it.
    pub may_lead: bool,
    /// The name this person goes by as an owner.
    pub me: String,
    /// Names to choose owners from.
    pub people: Vec<String>,
    /// Today, `2026-11-09`.
    pub today: String,
}

impl Cycle {
    /// A month nobody has planned yet: six steps due on their usual days.
    ///
    /// ```
    /// # use grid_engine::plan::Cycle;
    /// let cycle = Cycle::of_month("2026-02").unwrap();
    /// assert_eq!((cycle.steps.len(), &*cycle.steps[5].due), (6, "2026-02-25"));
    /// assert!(Cycle::of_month("February").is_none());
    /// ```
    pub fn of_month(month: &str) -> Option<Self> {
        let (year, number) = month.split_once('-')?;
        let (year, number) = (year.parse().ok()?, number.parse().ok()?);
        let step = |kind: StepKind| {
            let due = Date::from_ymd(year, number, kind.usual_day())?.to_string();
            Some(Step { kind, owner: String::new(), due, done: None })
        };
        let steps = StepKind::ALL.into_iter().map(step).collect::<Option<_>>()?;
        Some(Self { month: month.to_owned(), steps, ..Self::default() })
    }

    /// Why it cannot be kept as it is, if so: what, and where.
    pub fn problem(&self) -> Option<String> {
        let kinds: Vec<StepKind> = self.steps.iter().map(|step| step.kind).collect();
        if kinds != StepKind::ALL || Self::of_month(&self.month).is_none() {
            return Some("A cycle is of a month and has its six steps.".to_owned());
        }
        let day = |what: &str, text: &str| {
            let is_day = text.is_empty() || text.parse::<Date>().is_ok();
            (!is_day).then(|| format!("{what}: {text:?} is no day, write it like 2026-11-25."))
        };
        if self.decisions.len() > MAX_DECISIONS || self.decisions.iter().any(|it| it.actions.len() > MAX_DECISIONS) {
            return Some(format!("A cycle has at most {MAX_DECISIONS} decisions with {MAX_DECISIONS} actions each."));
        }
        let long = |what: &str, text: &str| {
            (text.chars().count() > MAX_TEXT).then(|| format!("{what}: more than {MAX_TEXT} characters."))
        };
        let steps = self.steps.iter().find_map(|step| day(step.kind.title(), &step.due));
        let decisions = self.decisions.iter().find_map(|decision| {
            let name = if decision.what.is_empty() { "A decision" } else { &decision.what };
            let own = if decision.what.trim().is_empty() {
                Some("A decision says what is to be decided.".to_owned())
            } else {
                day(name, &decision.due)
            };
            let of = |action: &Action| {
                if action.what.trim().is_empty() {
                    return Some(format!("{name}: an action says what is to be done."));
                }
                day(&action.what, &action.due).or_else(|| day(&action.what, &action.done))
            };
            let texts = [&decision.what, &decision.options, &decision.chosen].into_iter().find_map(|it| long(name, it));
            own.or(texts).or_else(|| decision.actions.iter().find_map(of))
        });
        steps.or(decisions).or_else(|| long("The agenda", &self.agenda)).or_else(|| long("The minutes", &self.minutes))
    }
}

impl CycleFacts {
    /// What must hold before each step is done, in words, and whether it does. Who does not see every row is not told what
    /// follows from values: `shows_values` is false then.
    pub fn gates(&self, shows_values: bool) -> Vec<Gate> {
        let mut gates = Vec::new();
        let mut gate = |step, passed: bool, words: String| gates.push(Gate { step, words, passed });
        let errors = |of: &dyn Fn(&str) -> bool| -> usize {
            self.errors.iter().filter(|(role, _)| of(role)).map(|(_, count)| count).sum()
        };
        let mut sound = |step, what: &str, of: &dyn Fn(&str) -> bool| match errors(of) {
            _ if !shows_values => {}
            0 => gate(step, true, format!("No error on {what}")),
            1 => gate(step, false, format!("1 cell in error on {what}")),
            count => gate(step, false, format!("{count} cells in error on {what}")),
        };
        let is_demand = |role: &str| role == "demand";
        let is_supply = |role: &str| role == "supply" || role == "utilisation" || role == "summary";
        let is_money = |role: &str| role == "profit" || role == "kpis";
        sound(StepKind::Product, "the master data", &|role| !is_demand(role) && !is_supply(role) && !is_money(role));
        sound(StepKind::Demand, "the demand sheet", &is_demand);
        sound(StepKind::Supply, "the supply sheets", &is_supply);
        sound(StepKind::Finance, "profit and key figures", &is_money);
        let submitted = self.parts.iter().filter(|part| part.submitted.is_some()).count();
        if !self.parts.is_empty() {
            let words = format!("{submitted} of {} parts submitted", self.parts.len());
            gate(StepKind::Demand, submitted == self.parts.len(), words);
        }
        let frozen =
            |kind: VersionKind| self.versions.iter().any(|(of, _)| *of == kind || *of == VersionKind::Consensus);
        let yes = |passed: bool, done: &str, missing: &str| (passed, if passed { done } else { missing }.to_owned());
        let (passed, words) = yes(frozen(VersionKind::Demand), "The demand is frozen", "The demand is not frozen yet");
        gate(StepKind::Demand, passed, words);
        let (passed, words) = match self.waiting {
            0 => (true, "Every plan is solved".to_owned()),
            count => (false, format!("Jobs are working on {count} cells")),
        };
        if shows_values {
            gate(StepKind::Supply, passed, words);
        }
        let count = self.versions.len();
        let words = format!("{count} {} to choose between", if count == 1 { "version" } else { "versions" });
        gate(StepKind::Premeeting, count >= 2, words);
        let at_least = |least: &[VersionState]| self.versions.iter().any(|(_, state)| least.contains(state));
        let decided = [VersionState::Consensus, VersionState::Superseded];
        let proposed = at_least(&[VersionState::Proposed, VersionState::Approved]) || at_least(&decided);
        let (passed, words) = yes(proposed, "A version is proposed", "No version is proposed yet");
        gate(StepKind::Premeeting, passed, words);
        let (passed, words) = yes(at_least(&decided), "The consensus is marked", "The consensus is not marked yet");
        gate(StepKind::Executive, passed, words);
        gates.sort_by_key(|gate| gate.step);
        gates
    }
}

/// Share of the actions due before `today` that were done by their day; `None` where none was due.
///
/// ```
/// # use grid_engine::plan::{Action, Cycle, Decision, execution_rate};
/// let action = |due: &str, done: &str| Action { due: due.into(), done: done.into(), ..Action::default() };
/// let actions = vec![action("2026-10-01", "2026-10-01"), action("2026-10-01", ""), action("2027-01-01", "")];
/// let decision = Decision { what: "Second shift".into(), actions, ..Decision::default() };
/// let cycle = Cycle { decisions: vec![decision], ..Cycle::default() };
/// assert_eq!(execution_rate([&cycle], "2026-11-01".parse().unwrap()), Some(0.5));
/// ```
pub fn execution_rate<'a>(cycles: impl IntoIterator<Item = &'a Cycle>, today: Date) -> Option<f64> {
    let actions = cycles.into_iter().flat_map(|cycle| &cycle.decisions).flat_map(|decision| &decision.actions);
    let (mut due, mut on_time) = (0.0, 0.0);
    for action in actions {
        let Some(day) = action.due.parse::<Date>().ok().filter(|day| *day < today) else { continue };
        due += 1.0;
        on_time += f64::from(u8::from(action.done.parse::<Date>().is_ok_and(|done| done <= day)));
    }
    (due > 0.0).then(|| on_time / due)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn failing(facts: &CycleFacts) -> Vec<String> {
        facts.gates(true).into_iter().filter(|gate| !gate.passed).map(|gate| gate.words).collect()
    }

    #[test]
    fn every_gate_opens_by_what_it_asks_for() {
        let mut facts = CycleFacts {
            parts: ["North", "South"]
                .map(|label| PartState {
                    label: label.into(),
                    planners: Vec::new(),
                    submitted: None,
                    changed: None,
                    is_mine: false,
                })
                .into(),
            errors: vec![("prices".into(), 1), ("demand".into(), 2), ("profit".into(), 0)],
            waiting: 3,
            versions: Vec::new(),
        };
        assert_eq!(
            failing(&facts),
            [
                "1 cell in error on the master data",
                "2 cells in error on the demand sheet",
                "0 of 2 parts submitted",
                "The demand is not frozen yet",
                "Jobs are working on 3 cells",
                "0 versions to choose between",
                "No version is proposed yet",
                "The consensus is not marked yet",
            ]
        );
        facts.errors.clear();
        facts.waiting = 0;
        facts.parts.iter_mut().for_each(|part| part.submitted = Some(Done { by: "Nora".into(), at: 1 }));
        facts.versions =
            vec![(VersionKind::Demand, VersionState::Draft), (VersionKind::Consensus, VersionState::Proposed)];
        assert_eq!(failing(&facts), ["The consensus is not marked yet"]);
        facts.versions[1].1 = VersionState::Consensus;
        assert_eq!(failing(&facts), [] as [String; 0]);
    }

    #[test]
    fn what_is_no_cycle_is_not_kept() {
        let good = Cycle::of_month("2026-11").unwrap();
        assert_eq!(good.problem(), None);
        let decision = Decision { what: "Second shift".into(), due: "soon".into(), ..Decision::default() };
        let idle = Decision { what: "Second shift".into(), actions: vec![Action::default()], ..Decision::default() };
        for (wrong, words) in [
            (Cycle { month: "2026-13".into(), ..good.clone() }, "six steps"),
            (Cycle { steps: good.steps[..5].to_vec(), ..good.clone() }, "six steps"),
            (Cycle { decisions: vec![decision], ..good.clone() }, "\"soon\" is no day"),
            (Cycle { decisions: vec![Decision::default()], ..good.clone() }, "says what is to be decided"),
            (Cycle { decisions: vec![idle], ..good.clone() }, "Second shift: an action says what is to be done"),
            (Cycle { minutes: "x".repeat(MAX_TEXT + 1), ..good.clone() }, "The minutes: more than"),
        ] {
            let problem = wrong.problem().unwrap();
            assert!(problem.contains(words), "{problem}");
        }
    }
}
