//! What a heavy call is known by: a hash of everything it is asked with.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::formula::{CalendarCall, ForecastCall, NewcomerCall, PanelCall, PendingCall};
use crate::supply::study::{Change, Step, Study};
use crate::supply::{RawCell, RawTable};

/// Hash of a heavy call and all its inputs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobKey(pub [u8; 16]);

impl JobKey {
    /// The first 16 bytes of the SHA-256 of the call in a canonical form: every part carries its length or count,
    /// so that different calls never run together; numbers by their bits, with one zero.
    pub fn of(call: &PendingCall) -> Self {
        let mut bytes = Canonical::default();
        match call {
            PendingCall::Forecast(call) => {
                // Numbered by what answers hold.
                bytes.text("forecast 4");
                bytes.forecast(call);
            }
            PendingCall::Solve(call) => {
                // Another word where the shape of the answer changes, so that answers kept in the old one are not found.
                bytes.text("plan 3");
                bytes.text(&call.objective);
                bytes.push(&[u8::from(call.of_consensus)]);
                bytes.count(call.tables.len());
                for (name, table) in &call.tables {
                    bytes.text(name);
                    bytes.table(table);
                }
                bytes.study(&call.study);
            }
        }
        let digest = bytes.finish();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Self(key)
    }
}

impl fmt::Display for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Bytes on their way into the hash.
#[derive(Default)]
struct Canonical {
    hash: Sha256,
    buffer: Vec<u8>,
}

impl Canonical {
    fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() > 8192 {
            self.hash.update(&self.buffer);
            self.buffer.clear();
        }
    }

    fn count(&mut self, count: usize) {
        self.push(&(count as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.push(text.as_bytes());
    }

    fn number(&mut self, number: f64) {
        let number = if number == 0.0 { 0.0 } else { number };
        self.push(&number.to_bits().to_le_bytes());
    }

    fn option(&mut self, number: Option<f64>) {
        match number {
            None => self.push(&[0]),
            Some(number) => {
                self.push(&[1]);
                self.number(number);
            }
        }
    }

    fn series(&mut self, values: &[Option<f64>]) {
        self.count(values.len());
        values.iter().for_each(|value| self.option(*value));
    }

    /// Nothing for the plan itself.
    fn study(&mut self, study: &Study) {
        match study {
            Study::Plan => {}
            Study::WhatIf { changes } => {
                self.text("what if");
                self.count(changes.len());
                for Change { lever, of, step, from, until } in changes {
                    self.text(lever.key());
                    // Names are the same in any case.
                    self.text(&of.to_lowercase());
                    let (kind, amount) = match *step {
                        Step::To(to) => ("to", to),
                        Step::By(by) => ("by", by),
                        Step::Times(factor) => ("times", factor),
                    };
                    self.text(kind);
                    self.number(amount);
                    for bucket in [from, until] {
                        self.text(bucket.as_deref().unwrap_or_default());
                    }
                }
            }
            Study::Quantities => self.text("quantities"),
            Study::Relief => self.text("relief"),
            Study::ButFor => self.text("but for"),
            Study::Margins => self.text("margins"),
            Study::TradeOff { levels, present } => {
                self.text("trade-off");
                self.count(levels.len());
                levels.iter().chain([present]).for_each(|level| self.number(*level));
            }
        }
    }

    fn forecast(&mut self, call: &ForecastCall) {
        // All fields by name, so that none is forgotten.
        let ForecastCall {
            history,
            horizon,
            gap,
            season,
            models,
            treatment,
            drivers,
            in_stock,
            known,
            calendar,
            newcomer,
            panel,
            origins,
        } = call;
        self.series(history);
        self.count(*horizon);
        self.count(*gap);
        self.count(*season);
        self.text(models);
        self.text(treatment);
        self.count(drivers.len());
        drivers.iter().for_each(|driver| self.series(driver));
        self.count(in_stock.len());
        in_stock.iter().for_each(|share| self.number(*share));
        self.count(known.len());
        for known in known {
            self.number(known.quantity);
            self.number(known.share);
        }
        self.count(usize::from(calendar.is_some()));
        if let Some(CalendarCall { first_day, daily }) = calendar {
            self.number(f64::from(*first_day));
            self.count(usize::from(*daily));
        }
        self.count(usize::from(newcomer.is_some()));
        if let Some(NewcomerCall { likes, level, ramp }) = newcomer {
            self.count(likes.len());
            likes.iter().for_each(|like| self.series(like));
            self.option(*level);
            self.count(*ramp);
        }
        self.count(usize::from(panel.is_some()));
        if let Some(PanelCall { rows, keys, how }) = panel {
            self.count(rows.len());
            rows.iter().for_each(|row| self.series(row));
            self.count(keys.len());
            for key in keys {
                self.count(key.len());
                key.iter().for_each(|part| self.text(part));
            }
            self.text(how);
        }
        // Nothing for a forecast, so that the answers kept of those are found.
        if *origins > 0 {
            self.text("errors");
            self.count(*origins);
        }
    }

    fn table(&mut self, table: &RawTable) {
        self.count(table.columns.len());
        table.columns.iter().for_each(|column| self.text(column));
        self.count(table.rows.len());
        for row in &table.rows {
            self.count(row.len());
            for cell in row {
                match cell {
                    RawCell::Blank => self.push(&[0]),
                    RawCell::Number(number) => self.option(Some(*number)),
                    RawCell::Text(text) => {
                        self.push(&[2]);
                        self.text(text);
                    }
                }
            }
        }
    }

    fn finish(mut self) -> [u8; 32] {
        self.hash.update(&self.buffer);
        self.hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::formula::SolveCall;
    use std::sync::Arc;

    fn forecast(history: &[Option<f64>]) -> PendingCall {
        let models = "auto".to_owned();
        let call = ForecastCall { history: history.into(), horizon: 12, season: 12, models, ..ForecastCall::default() };
        PendingCall::Forecast(Box::new(call))
    }

    #[test]
    fn equal_calls_have_equal_keys_and_others_do_not() {
        let key = |history: &[Option<f64>]| JobKey::of(&forecast(history));
        assert_eq!(key(&[Some(1.0), None]), key(&[Some(1.0), None]));
        assert_eq!(key(&[Some(0.0)]), key(&[Some(-0.0)]));
        let keys = [key(&[]), key(&[None]), key(&[Some(0.0)]), key(&[None, None]), key(&[Some(1.0), None])];
        for (at, one) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(one), "{at}");
        }
    }

    #[test]
    fn whatever_a_forecast_is_asked_with_counts() {
        let line = vec![Some(1.0)];
        let with = |change: fn(&mut ForecastCall)| {
            let mut call = ForecastCall { history: vec![Some(1.0)], horizon: 1, ..ForecastCall::default() };
            change(&mut call);
            JobKey::of(&PendingCall::Forecast(Box::new(call)))
        };
        let panel = |how: &str| {
            let panel = PanelCall { rows: vec![line.clone()], keys: vec![vec!["a".into()]], how: how.into() };
            JobKey::of(&PendingCall::Forecast(Box::new(ForecastCall { panel: Some(panel), ..ForecastCall::default() })))
        };
        let keys = [
            with(|_| ()),
            with(|call| call.treatment = "shifts".into()),
            with(|call| call.drivers = vec![vec![Some(1.0)]]),
            with(|call| call.drivers = vec![vec![Some(1.0)], vec![]]),
            with(|call| call.in_stock = vec![1.0]),
            with(|call| call.known = vec![crate::formula::Known { quantity: 1.0, share: 0.5 }]),
            with(|call| call.calendar = Some(CalendarCall { first_day: 0, daily: false })),
            with(|call| call.calendar = Some(CalendarCall { first_day: 31, daily: false })),
            with(|call| call.calendar = Some(CalendarCall { first_day: 0, daily: true })),
            with(|call| call.newcomer = Some(NewcomerCall::default())),
            with(|call| call.newcomer = Some(NewcomerCall { level: Some(1.0), ..NewcomerCall::default() })),
            with(|call| call.origins = 1),
            with(|call| call.origins = 2),
            panel("mint"),
            panel("top-down"),
        ];
        for (at, one) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(one), "{at}");
        }
    }

    #[test]
    fn whatever_is_asked_of_a_plan_counts() {
        let key = |study: Study| {
            let call = SolveCall { tables: [].into(), objective: "cost".into(), of_consensus: true, study };
            JobKey::of(&PendingCall::Solve(Arc::new(call)))
        };
        let change = |of: &str, step: &str, from: &str, until: &str| Study::WhatIf {
            changes: vec![Change::read("capacity", of, step, from, until).unwrap()],
        };
        let keys = [
            key(Study::Plan),
            key(change("saw", "+10", "", "")),
            key(change("saw", "10", "", "")),
            key(change("saw", "+11", "", "")),
            key(change("saw", "+10", "m1", "")),
            key(change("saw", "+10", "", "m1")),
            key(change("mill", "+10", "", "")),
            key(Study::WhatIf { changes: vec![Change::read("overtime", "saw", "+10", "", "").unwrap()] }),
            key(Study::WhatIf { changes: Vec::new() }),
            key(Study::Quantities),
            key(Study::Relief),
            key(Study::ButFor),
            key(Study::Margins),
            key(Study::TradeOff { levels: vec![0.9], present: 0.95 }),
            key(Study::TradeOff { levels: vec![0.9, 0.95], present: 0.95 }),
            key(Study::TradeOff { levels: vec![0.9], present: 0.9 }),
        ];
        for (at, one) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(one), "{at}");
        }
        assert_eq!(keys[1], key(change("SAW", "+10", "", "")), "names are the same in any case");
    }

    #[test]
    fn tables_do_not_run_together() {
        let solve = |columns: &[&str], rows: Vec<Vec<RawCell>>| {
            let table = RawTable { columns: columns.iter().map(|&column| column.into()).collect(), rows };
            let tables = [("bom".to_owned(), table)].into();
            JobKey::of(&PendingCall::Solve(Arc::new(SolveCall {
                tables,
                objective: "cost".into(),
                of_consensus: true,
                study: Study::Plan,
            })))
        };
        let text = |text: &str| RawCell::Text(text.into());
        let keys = [
            solve(&["ab", "c"], vec![]),
            solve(&["a", "bc"], vec![]),
            solve(&["a"], vec![vec![text("1")]]),
            solve(&["a"], vec![vec![RawCell::Number(1.0)]]),
            solve(&["a"], vec![vec![RawCell::Blank]]),
            solve(&["a"], vec![vec![], vec![RawCell::Blank]]),
        ];
        for (at, one) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(one), "{at}");
        }
    }
}
