//! Why a figure that sets one sum against another of its own rows differs between two versions: stock stands in other rows than
//! cost, and errors in other buckets than the steps of the history they are measured by.
//!
//! With `S` the sum above and `C` the sum below, in the first version and in the second (′), and `k` what the one over the
//! other is counted in, the figure is `k·S/C`:
//!
//! * what stands above `k·(s′ − s)/C`: lines that come to more or less;
//! * what stands below `−k·S′·(c′ − c)/(C·C′)`: lines that come to more or less, for the sum above there is;
//! * horizon: what is due to buckets only one of the versions has.
//!
//! They sum to the difference. This is the sequential attribution of a ratio, numerator first (Das Gupta, Standardization and
//! Decomposition of Rates, 1993). The size of a bucket's total is the sum over lines of what each adds to it, with the
//! total's sign, so that sizes of errors are sums over lines too.

mod terms;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use terms::{OPENING, STOCK, Term, Terms, terms};

use super::bridge::{Bridge, BridgeError, Cause, NOTHING, parts};
use super::kpi_bridge::{check_shown, kpi_unit, shown};
use crate::calendar::{Bucket, Grain};
use crate::wire::SheetFrame;

const COST: Terms = Terms::Planned("profit", "supplycost");

/// A figure that is a sum over another, of other rows.
struct Recipe {
    kpi: &'static str,
    above: Terms,
    below: Terms,
    /// What lines of numerator and denominator make.
    causes: [Cause; 2],
    /// What one over the other is counted in, as the scorecard does.
    scale: fn(Count) -> f64,
}

/// What a figure is counted over.
#[derive(Clone, Copy)]
struct Count {
    grain: Grain,
    /// Buckets of what stands above and below.
    above: f64,
    below: f64,
    /// Whether an opening stands below, too.
    opens: bool,
}

/// Days of a bucket, as the scorecard has them.
fn days(grain: Grain) -> f64 {
    match grain {
        Grain::Month => 30.4,
        Grain::Week => 7.0,
    }
}

const RECIPES: [Recipe; 4] = [
    Recipe {
        kpi: "stock_days",
        above: Terms::Planned(STOCK.0, STOCK.1),
        below: COST,
        causes: [Cause::Amount, Cause::Usage],
        scale: |count| days(count.grain),
    },
    Recipe {
        kpi: "inventory_turnover",
        above: COST,
        below: Terms::Stock,
        causes: [Cause::Usage, Cause::Amount],
        // Mean cost of a bucket, in a year, over mean stock.
        scale: |count| match (count.opens, count.grain) {
            (true, grain) => 365.0 / days(grain) * (count.below + 1.0) / count.above,
            (false, Grain::Month) => 12.0,
            (false, Grain::Week) => 52.0,
        },
    },
    Recipe {
        kpi: "tracking_signal",
        above: Terms::Errors,
        below: Terms::ErrorSizes,
        causes: [Cause::Amount, Cause::Yardstick],
        scale: |count| count.above,
    },
    Recipe {
        kpi: "mase",
        above: Terms::ErrorSizes,
        below: Terms::SeasonalSteps,
        causes: [Cause::Amount, Cause::Yardstick],
        scale: |count| count.below / count.above,
    },
];

/// The roles of the sheets whose rows a figure is made of; `None` for any other figure.
pub(super) fn roles(kpi: &str) -> Option<Vec<&'static str>> {
    let recipe = RECIPES.iter().find(|recipe| recipe.kpi == kpi)?;
    let mut roles = vec![recipe.above.role()];
    roles.extend(Some(recipe.below.role()).filter(|role| *role != roles[0]));
    Some(roles)
}

/// Roles of sheets that tell more of a figure where a version has them.
pub(super) fn further_roles(kpi: &str) -> Vec<&'static str> {
    let opens = RECIPES.iter().any(|recipe| recipe.kpi == kpi && matches!(recipe.below, Terms::Stock));
    if opens { vec![OPENING.0] } else { Vec::new() }
}

/// Bridges such a figure, see [`super::bridge_kpi`]; `None` for any other figure.
pub(super) fn bridge(a: &[SheetFrame], b: &[SheetFrame], kpi: &str, by: &str) -> Option<Result<Bridge, BridgeError>> {
    RECIPES.iter().find(|recipe| recipe.kpi == kpi).map(|recipe| recipe.bridge(a, b, by))
}

impl Recipe {
    fn bridge(&self, a: &[SheetFrame], b: &[SheetFrame], by: &str) -> Result<Bridge, BridgeError> {
        let (side_a, side_b) = (Side::as_shown(a, self, by)?, Side::as_shown(b, self, by)?);
        let both: BTreeSet<Bucket> = side_a.buckets.intersection(&side_b.buckets).copied().collect();
        let (first, second) = (side_a.sums(self, Some(&both)), side_b.sums(self, Some(&both)));
        let (whole_a, whole_b) = (side_a.sums(self, None), side_b.sums(self, None));
        for sums in [&first, &second, &whole_a, &whole_b] {
            if sums.below.total == 0.0 || sums.above.buckets.is_empty() {
                return Err(BridgeError::NoCommon { kpi: self.kpi.to_owned() });
            }
        }
        let (from, to) = (whole_a.figure(), whole_b.figure());
        let mut effects: BTreeMap<(Cause, Cow<'_, str>), f64> = BTreeMap::new();
        let mut add = |cause: Cause, line: &str, value: f64| {
            *effects.entry((cause, Cow::Owned(line.to_owned()))).or_default() += value;
        };
        let [amount, usage] = self.causes;
        let scale = second.scale;
        let names: BTreeSet<&String> = [&first, &second, &whole_a, &whole_b]
            .into_iter()
            .flat_map(|sums| sums.above.lines.keys().chain(sums.below.lines.keys()))
            .collect();
        let (above, old, new) = (second.above.total, first.below.total, second.below.total);
        for name in names {
            add(amount, name, scale * (second.above.of(name) - first.above.of(name)) / old);
            add(usage, name, -scale * above * (second.below.of(name) - first.below.of(name)) / (old * new));
            let share = |sums: &Sums| sums.above.of(name) / sums.below.total;
            let beyond_b = whole_b.scale * share(&whole_b) - second.scale * share(&second);
            let beyond_a = whole_a.scale * share(&whole_a) - first.scale * share(&first);
            // Where one counts otherwise than the other, such as without an opening stock.
            let recounted = (second.scale - first.scale) * share(&first);
            add(Cause::Horizon, name, beyond_b - beyond_a + recounted);
        }
        let nothing = NOTHING * from.abs().max(to.abs());
        Ok(Bridge { from, to, unit: kpi_unit(self.kpi), parts: parts(effects, nothing) })
    }
}

/// Lines and what they add up to.
#[derive(Default)]
struct Total {
    total: f64,
    lines: BTreeMap<String, f64>,
    buckets: BTreeSet<Bucket>,
}

impl Total {
    fn of(&self, line: &str) -> f64 {
        self.lines.get(line).copied().unwrap_or_default()
    }

    fn take(&mut self, term: &Term) {
        self.total += term.value;
        self.buckets.extend(term.bucket);
        match self.lines.get_mut(&term.line) {
            Some(line) => *line += term.value,
            None => drop(self.lines.insert(term.line.clone(), term.value)),
        }
    }
}

struct Sums {
    above: Total,
    below: Total,
    scale: f64,
}

impl Sums {
    fn figure(&self) -> f64 {
        self.scale * self.above.total / self.below.total
    }
}

/// Numerator and denominator of a version by line and bucket.
struct Side {
    grain: Grain,
    buckets: BTreeSet<Bucket>,
    above: Vec<Term>,
    below: Vec<Term>,
}

impl Side {
    /// As the version's scorecard counts: with the opening stock, or as scorecards of before statements do without.
    fn as_shown(frames: &[SheetFrame], recipe: &Recipe, by: &str) -> Result<Self, BridgeError> {
        let shown = shown(frames, recipe.kpi);
        let mut side = Self::read(frames, recipe, by)?;
        let counted = |side: &Self| side.sums(recipe, None).figure();
        let fits = |side: &Self| check_shown(recipe.kpi, shown, counted(side));
        if fits(&side).is_err() && side.opens() {
            let with_opening = fits(&side);
            side.below.retain(|term| term.bucket.is_some());
            return if fits(&side).is_ok() { Ok(side) } else { with_opening.map(|()| side) };
        }
        if side.sums(recipe, None).below.total == 0.0 {
            return Err(BridgeError::NoCommon { kpi: recipe.kpi.to_owned() });
        }
        fits(&side).map(|()| side)
    }

    fn read(frames: &[SheetFrame], recipe: &Recipe, by: &str) -> Result<Self, BridgeError> {
        let above = terms(frames, recipe.above, by)?;
        let below = terms(frames, recipe.below, by)?;
        let buckets: BTreeSet<Bucket> = above.iter().chain(&below).filter_map(|term| term.bucket).collect();
        let grain = buckets.first().map_or(Grain::Month, |first| first.grain());
        Ok(Self { grain, buckets, above, below })
    }

    fn opens(&self) -> bool {
        self.below.iter().any(|term| term.bucket.is_none())
    }

    /// Over some buckets; over all where none are named.
    fn sums(&self, recipe: &Recipe, buckets: Option<&BTreeSet<Bucket>>) -> Sums {
        let is_meant =
            |term: &&Term| term.bucket.is_none_or(|bucket| buckets.is_none_or(|buckets| buckets.contains(&bucket)));
        let total = |terms: &[Term]| {
            let mut total = Total::default();
            terms.iter().filter(is_meant).for_each(|term| total.take(term));
            total
        };
        let (above, below) = (total(&self.above), total(&self.below));
        let (over, under) = (above.buckets.len() as f64, below.buckets.len() as f64);
        let count = Count { grain: self.grain, above: over, below: under, opens: self.opens() };
        Sums { scale: (recipe.scale)(count), above, below }
    }
}
