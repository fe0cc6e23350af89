//! Rules judged over plan and actual, bucket by bucket in order: whether an alert stands depends on what was before, so that
//! what comes at once must come to the same as what comes month by month.

use serde::{Deserialize, Serialize};

use super::super::actuals::{ActualLine, PlanVsActual};
use super::{Alert, AlertError, AlertRule, FIGURES, parse, ratio};
use crate::calendar::Bucket;
use crate::formula::rule::Rule;
use crate::value::format::grouped;
use crate::value::{CellError, ErrorKind, Value};

/// Ended alerts that are kept: more are not read.
const ENDED: usize = 200;

/// What is known of the rules of a plan between one judgement and the next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// Worst first.
    pub raised: Vec<Alert>,
    /// Alerts that were raised and have ended, the latest first.
    #[serde(default)]
    pub ended: Vec<EndedAlert>,
    /// How far each rule has been judged.
    #[serde(default)]
    pub judged: Vec<JudgedRule>,
}

/// An alert that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndedAlert {
    /// As it last stood.
    pub alert: Alert,
    /// The bucket with which it ended.
    pub until: Bucket,
}

/// How far a rule has been judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JudgedRule {
    pub rule: AlertRule,
    /// The last bucket with actuals then.
    pub through: Bucket,
}

/// What rules come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watched {
    pub watch: Watch,
    /// Rules that cannot be judged, or not on some line, and why; each a sentence.
    pub notes: Vec<String>,
}

/// Judges rules by a comparison of plan and actual: `compare` gives it by a column, of the actuals up to a bucket or of all.
///
/// A rule that was judged before goes on from there with the buckets that came since, the last state always; one that is new,
/// or asks something else, begins with the first bucket that has actuals.
pub fn watch_alerts(
    rules: &[AlertRule],
    before: &Watch,
    mut compare: impl FnMut(&str, Option<Bucket>) -> Result<PlanVsActual, String>,
) -> Watched {
    let mut watched = Watched::default();
    watched.watch.ended.clone_from(&before.ended);
    for rule in rules {
        let known = before.judged.iter().find(|judged| judged.rule.asks_the_same(rule));
        // What an earlier program raised has its rule beside it.
        let raised = before.raised.iter().filter(|alert| alert.rule.asks_the_same(rule));
        let raised: Vec<Alert> = raised.map(|alert| Alert { rule: rule.clone(), ..alert.clone() }).collect();
        let through = known.map(|known| known.through).or_else(|| raised.iter().map(|alert| alert.bucket).max());
        let judged = compare(&rule.by, None).and_then(|last| {
            let Some((&newest, earlier)) = last.buckets.split_last() else {
                // The plan it is compared with begins later: what was raised is of the one before.
                return Ok((through, Judged { raised: Vec::new(), unjudged: Vec::new() }, over(&raised, None)));
            };
            let (mut raised, mut ended) = (raised, Vec::new());
            for &bucket in earlier.iter().filter(|bucket| through.is_none_or(|through| **bucket > through)) {
                let found = compare(&rule.by, Some(bucket))?;
                let judged = judge(rule, &found, &raised).map_err(|error| error.to_string())?;
                ended.extend(over(&raised, Some((judged.raised.as_slice(), bucket))));
                raised = judged.raised;
            }
            let judged = judge(rule, &last, &raised).map_err(|error| error.to_string())?;
            ended.extend(over(&raised, Some((judged.raised.as_slice(), newest))));
            Ok((Some(through.map_or(newest, |through| through.max(newest))), judged, ended))
        });
        match judged {
            Ok((through, judged, ended)) => {
                watched.notes.extend(judged.told(rule, through));
                watched.watch.raised.extend(judged.raised);
                ended.into_iter().for_each(|ended| watched.watch.ended.insert(0, ended));
                let judged = through.map(|through| JudgedRule { rule: rule.clone(), through });
                watched.watch.judged.extend(judged);
            }
            Err(reason) => watched.notes.push(format!("{} is not watched: {reason}.", rule.name)),
        }
    }
    watched.watch.ended.truncate(ENDED);
    watched.watch.raised.sort_by_key(|alert| std::cmp::Reverse(alert.rule.severity));
    watched
}

/// Which alerts are over: those that `after` holds no more, ended with a bucket; all of them where nothing is compared.
fn over(before: &[Alert], after: Option<(&[Alert], Bucket)>) -> Vec<EndedAlert> {
    let stands = |alert: &Alert| after.is_some_and(|(after, _)| after.iter().any(|other| other.line == alert.line));
    let ended = before.iter().filter(|alert| !stands(alert));
    ended
        .map(|alert| EndedAlert { alert: alert.clone(), until: after.map_or(alert.bucket, |(_, until)| until) })
        .collect()
}

/// What a rule comes to in one state of the actuals.
struct Judged {
    /// The worst departure first.
    raised: Vec<Alert>,
    /// Lines that its condition has no value on, and why.
    unjudged: Vec<(String, String)>,
}

impl Judged {
    /// What cannot be judged in the last bucket, a sentence for each reason.
    fn told(&self, rule: &AlertRule, bucket: Option<Bucket>) -> Vec<String> {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for (line, reason) in &self.unjudged {
            match reasons.iter_mut().find(|(known, _)| known == reason) {
                Some((_, lines)) => lines.push(line),
                None => reasons.push((reason, vec![line])),
            }
        }
        let bucket = bucket.map_or_else(String::new, |bucket| format!(" in {bucket}"));
        let sentence = |(reason, lines): (&str, Vec<&str>)| {
            let of = match lines.as_slice() {
                [""] | [] => String::new(),
                [line] => format!(" for {line}"),
                [first, ..] => format!(" for {} lines, such as {first},", lines.len()),
            };
            format!("{} cannot be judged{of}{bucket}: {reason}.", rule.name)
        };
        reasons.into_iter().map(sentence).collect()
    }
}

/// Judges a rule by one state of the actuals, given the alerts of it raised before.
fn judge(rule: &AlertRule, found: &PlanVsActual, before: &[Alert]) -> Result<Judged, AlertError> {
    let when = parse(rule, &rule.when)?;
    let until = if rule.until.trim().is_empty() { None } else { Some(parse(rule, &rule.until)?) };
    let mut judged = Judged { raised: Vec::new(), unjudged: Vec::new() };
    let Some(&bucket) = found.buckets.last() else { return Ok(judged) };
    let lines = if rule.by.is_empty() { std::slice::from_ref(&found.total) } else { &found.lines };
    for line in lines {
        let old = before.iter().find(|alert| alert.line == line.name);
        let raises = holds(&when, line);
        let decided = match (old, &until) {
            (None, _) | (Some(_), None) => raises,
            (Some(_), Some(until)) => match (raises, holds(until, line)) {
                (Ok(true), _) | (_, Ok(false)) => Ok(true),
                (Ok(false), Ok(true)) => Ok(false),
                (Err(reason), Ok(true)) | (_, Err(reason)) => Err(reason),
            },
        };
        // Where nothing can be said it stays as it was.
        let stands = decided.unwrap_or_else(|reason| {
            judged.unjudged.push((line.name.clone(), reason));
            old.is_some()
        });
        if stands {
            judged.raised.push(Alert {
                rule: rule.clone(),
                line: line.name.clone(),
                since: old.map_or(bucket, |old| old.since),
                bucket,
                words: words(line, &found.period),
            });
        }
    }
    Ok(judged)
}

/// Whether a condition holds on a line, or why that cannot be said.
fn holds(condition: &Rule, line: &ActualLine) -> Result<bool, String> {
    let figure = |name: &str| FIGURES.iter().find(|(known, ..)| *known == name);
    let value = |name: &str| figure(name).and_then(|(_, read, _)| read(line));
    match condition.evaluate(value) {
        Value::Bool(truth) => Ok(truth),
        Value::Error(error) => Err(told(&error)),
        Value::Blank => {
            let missing = condition.names().iter().find(|name| value(name).is_none());
            let why = missing.and_then(|name| Some((name, figure(name)?.2)));
            Err(why.map_or_else(|| "it has no value".to_owned(), |(name, why)| format!("{name} has no value, {why}")))
        }
        _ => Err("it gives a number there and no condition: compare it, such as share < 0.9".to_owned()),
    }
}

/// Why a condition has no value, in words.
fn told(error: &CellError) -> String {
    match (error.kind, error.detail()) {
        (_, Some(detail)) => detail.to_string(),
        (ErrorKind::Div0 | ErrorKind::Num, None) => "it has no finite value, such as when it divides by 0".to_owned(),
        (kind, None) => kind.code().to_owned(),
    }
}

fn words(line: &ActualLine, period: &str) -> String {
    let (actual, plan) = (line.actual.iter().sum::<f64>(), line.plan.iter().sum::<f64>());
    let share =
        |share: Option<f64>| share.map_or_else(String::new, |share| format!(" ({} %)", grouped(share * 100.0, 0)));
    format!(
        "{} came of {} planned{}; {period} is heading for {} of {}{}",
        grouped(actual, 0),
        grouped(plan, 0),
        share(ratio(actual, plan)),
        grouped(line.projected, 0),
        grouped(line.period_plan, 0),
        share(ratio(line.projected, line.period_plan)),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::super::tests::rule;
    use super::*;

    /// What came of 100 planned in each month from April on; the share is that of all months so far.
    fn found(came: &[f64], until: Option<Bucket>) -> PlanVsActual {
        let first: Bucket = "2026-04".parse().unwrap();
        let buckets: Vec<Bucket> = (0..came.len() as i32).map(|month| first.plus(month)).collect();
        let buckets: Vec<Bucket> = buckets.into_iter().filter(|it| until.is_none_or(|until| *it <= until)).collect();
        let came = &came[..buckets.len()];
        let line = |name: &str, actual: Vec<f64>| ActualLine {
            name: name.to_owned(),
            plan: vec![100.0; actual.len()],
            lagged: vec![None; actual.len()],
            period_plan: 300.0,
            projected: 3.0 * actual.iter().sum::<f64>() / actual.len().max(1) as f64,
            actual,
            ..ActualLine::default()
        };
        PlanVsActual {
            by: "Region".to_owned(),
            total: line("", came.to_vec()),
            lines: vec![line("North", came.to_vec()), line("South", vec![100.0; came.len()])],
            buckets,
            period: "2026-04 to 2026-06".to_owned(),
            ..PlanVsActual::default()
        }
    }

    fn watch(rules: &[AlertRule], before: &Watch, came: &[f64]) -> Watched {
        watch_alerts(rules, before, |_, until| Ok(found(came, until)))
    }

    /// The line, and since when.
    fn raised(watch: &Watch) -> Vec<(String, String)> {
        watch.raised.iter().map(|alert| (alert.line.clone(), alert.since.to_string())).collect()
    }

    #[test]
    fn an_alert_stays_between_its_two_limits() {
        let rules = [rule("share < 0.9", "share > 0.95")];
        let mut before = Watch::default();
        // The same month corrected again and again: raised below 0.9, kept up to 0.95, ended above, not raised again before 0.9.
        for (came, count) in [(92.0, 0), (89.0, 1), (92.0, 1), (95.0, 1), (96.0, 0), (92.0, 0), (50.0, 1)] {
            before = watch(&rules, &before, &[came]).watch;
            assert_eq!(before.raised.len(), count, "{came}");
        }
        assert_eq!((raised(&before), before.ended.len()), (vec![("North".to_owned(), "2026-04".to_owned())], 1));
        let words = "50 came of 100 planned (50 %); 2026-04 to 2026-06 is heading for 150 of 300 (50 %)";
        assert_eq!(before.raised[0].words, words);
    }

    #[test]
    fn without_a_second_limit_it_ends_when_the_first_no_longer_holds() {
        let rules = [rule("share < 0.9", "")];
        let before = watch(&rules, &Watch::default(), &[80.0]).watch;
        assert_eq!(watch(&rules, &before, &[85.0]).watch.raised.len(), 1);
        assert_eq!(watch(&rules, &before, &[90.0]).watch.raised.len(), 0);
    }

    #[test]
    fn what_raises_an_alert_does_not_end_it_at_once() {
        let rules = [rule("share < 0.9", "share < 0.95")];
        let mut before = Watch::default();
        for _ in 0..3 {
            before = watch(&rules, &before, &[80.0]).watch;
            assert_eq!((before.raised.len(), before.ended.len()), (1, 0));
        }
    }

    #[test]
    fn several_months_at_once_are_judged_month_by_month() {
        let rules = [rule("last_share < 0.9", "last_share > 0.95")];
        // Raised in May, kept in June, though June alone raises nothing.
        let found = watch(&rules, &Watch::default(), &[100.0, 80.0, 92.0]).watch;
        assert_eq!(raised(&found), [("North".to_owned(), "2026-05".to_owned())]);
        // Raised in April and over in June.
        let found = watch(&rules, &Watch::default(), &[80.0, 92.0, 100.0]).watch;
        assert_eq!(found.raised, []);
        let ended: Vec<_> = found.ended.iter().map(|it| [it.alert.since, it.alert.bucket, it.until]).collect();
        assert_eq!(ended, [["2026-04", "2026-05", "2026-06"].map(|month| month.parse().unwrap())]);
    }

    #[test]
    fn rules_that_stay_keep_their_state_and_others_begin_anew() {
        let low = rule("last_share < 0.9", "last_share > 0.95");
        let came = [80.0, 92.0, 93.0];
        let before = watch(std::slice::from_ref(&low), &Watch::default(), &came[..1]).watch;
        let owned = AlertRule { owner: "Nora".into(), ..low.clone() };
        let kept = watch(&[owned, AlertRule { name: "new".into(), ..low.clone() }], &before, &came).watch;
        assert_eq!(raised(&kept), vec![("North".to_owned(), "2026-04".to_owned()); 2]);
        assert_eq!((&*kept.raised[0].rule.owner, kept.ended.len()), ("Nora", 0));
        // Asked otherwise, April and May raise nothing, and June does.
        let other = watch(&[rule("last_share < 0.94 && last_share > 0.92", "")], &kept, &came).watch;
        assert_eq!(raised(&other), [("North".to_owned(), "2026-06".to_owned())]);
    }

    #[test]
    fn what_cannot_be_judged_stays_as_it_was_and_is_told() {
        let told = |when: &str| {
            let found = watch(&[rule(when, "")], &Watch::default(), &[80.0]);
            (found.watch.raised.len(), found.notes)
        };
        let (count, notes) = told("wape > 0.1");
        let words = "low cannot be judged for 2 lines, such as North, in 2026-04: wape has no value, nothing came.";
        assert_eq!((count, notes.as_slice()), (0, [words.to_owned()].as_slice()));
        let (_, notes) = told("1 / (actual - 80) > 1");
        let words = "low cannot be judged for North in 2026-04: it has no finite value, such as when it divides by 0.";
        assert_eq!(notes, [words]);
        let (_, notes) = told("if(share < 0.9, share, share > 1)");
        assert!(notes[0].starts_with("low cannot be judged for North in 2026-04: it gives a number"), "{notes:?}");
        let total = AlertRule { by: String::new(), ..rule("bias > 0.1", "") };
        let notes = watch(&[total], &Watch::default(), &[80.0]).notes;
        assert_eq!(notes, ["low cannot be judged in 2026-04: bias has no value, nothing came."]);
        // Raised, it stays.
        let rules = [rule("share < 0.9", "wape < 0.05")];
        let before = watch(&rules, &Watch::default(), &[80.0]).watch;
        let after = watch(&rules, &before, &[100.0]);
        assert_eq!((after.watch.raised.len(), after.notes.len()), (1, 1), "{:?}", after.notes);
    }

    proptest! {
        #[test]
        fn however_many_months_come_at_once_it_comes_to_the_same(
            came in prop::collection::vec(70_u8..130, 1..12),
            cuts in prop::collection::btree_set(1_usize..12, 0..4),
            cumulative: bool,
        ) {
            let rules = if cumulative {
                [rule("share < 0.9", "share > 0.95")]
            } else {
                [rule("last_share < 0.9", "last_share > 0.95")]
            };
            let came: Vec<f64> = came.into_iter().map(f64::from).collect();
            let after = |ends: &mut dyn Iterator<Item = usize>| {
                ends.fold(Watch::default(), |before, end| watch(&rules, &before, &came[..end]).watch)
            };
            let one_by_one = after(&mut (1..=came.len()));
            let in_lots = after(&mut cuts.into_iter().filter(|cut| *cut < came.len()).chain([came.len()]));
            prop_assert_eq!(&one_by_one, &in_lots);
            prop_assert_eq!(&after(&mut [came.len(), came.len()].into_iter()), &one_by_one, "judged again, it is the same");
        }
    }
}
