//! Safety stock by a forecast's own errors, and the policy by class with its exceptions, in cells.

use super::{Body, Declared, Nature, declare};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "INVENTORY.SAFETYSTOCK.EMPIRICAL(service_level, errors, [lead_time], [demand], [lead_time_deviation])",
        "The stock that keeps a replenishment cycle without stockout with this probability, by the forecast's own errors over the lead time: \
         a quantile of them, whatever their distribution.",
        "=INVENTORY.SAFETYSTOCK.EMPIRICAL(0.9,{-4,3,0,-2,1,8,-3,-1,2})",
        Body::Lifted(|index| index != 1, told::empirical),
    )
    .nature(Nature::Pending),
    declare(
        "INVENTORY.SAFETYSTOCK.INTERMITTENT(service_level, demand, [forecast], [lead_time], [lead_time_deviation])",
        "The same for rare demand, by what was demanded over so long a time: in whole units where demand is.",
        "=INVENTORY.SAFETYSTOCK.INTERMITTENT(0.9,{0,0,0,4,0,0,0,4,0,0,0,4,0,0,0,4})",
        Body::Lifted(|index| index != 1, told::intermittent),
    )
    .nature(Nature::Pending),
    declare(
        "INVENTORY.POLICY(keys, demand, forecast, segments, [items], [plan], [unit_values], [days])",
        "What to keep of each item at each place: its ABC/XYZ class, the service level of the class or the item's own, the safety stock that \
         asks for, and how many days it lasts.",
        "=INVENTORY.POLICY({\"Tea\";\"Milk\"},{60,64,58;9,0,7},{61,62,60;6,6,6},{\"AX\",0.98;\"BX\",0.95;\"CY\",0.9},{\"Milk\",0.99})",
        Body::Whole(told::policy),
    )
    .nature(Nature::Pending),
];

#[cfg(not(target_arch = "wasm32"))]
mod told {
    use std::collections::HashMap;

    use super::super::Args;
    use super::super::args::{out_of_range, wrong};
    use super::super::planning::{known_number, numbers};
    use crate::formula::eval::Outcome;
    use crate::inventory::{
        Abc, Exception, Exceptions, LeadTimeErrors, Policy, Position, Proposal, Rule, Xyz, empirical_safety_stock,
        propose, rare_safety_stock,
    };
    use crate::value::{Array, CellError, ErrorKind, Value};

    const BAD_LEVEL: &str = "the service level lies from 0.5 to below 1, and no demand, time or deviation is negative";

    pub(super) fn empirical(args: &Args<'_>) -> Outcome {
        let (level, errors) = (args.number(0)?, args.array(1)?);
        let (demand, deviation) = (args.number_or(3, 0.0)?, args.number_or(4, 0.0)?);
        if deviation != 0.0 && !args.given(3) {
            return Err(wrong("a deviation of the lead time needs the demand of a bucket, the fourth argument"));
        }
        let errors = if errors.rows() > 1 && errors.cols() > 1 {
            if args.given(2) {
                return Err(wrong("errors by origin have a column for each bucket of the lead time: leave it out"));
            }
            let rows = errors.cells().chunks(errors.cols());
            let origins: Vec<Vec<f64>> =
                rows.map(|row| row.iter().map(Value::to_number).collect()).collect::<Result<_, _>>()?;
            LeadTimeErrors::of_origins(&origins)
        } else {
            let known: Vec<f64> = numbers(&errors)?.into_iter().flatten().collect();
            LeadTimeErrors::of_buckets(&known, args.number_or(2, 1.0)?)
        };
        let errors = errors.ok_or_else(|| out_of_range("there are no errors, or the lead time is not positive"))?;
        let stock = empirical_safety_stock(&errors, demand, deviation, level);
        stock.map(Value::number).ok_or_else(|| out_of_range(BAD_LEVEL))
    }

    pub(super) fn intermittent(args: &Args<'_>) -> Outcome {
        let known: Vec<f64> = numbers(&*args.array(1)?)?.into_iter().flatten().collect();
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        let (rate, lead_time) = (args.number_or(2, mean)?, args.number_or(3, 1.0)?);
        if lead_time > known.len() as f64 {
            return Err(out_of_range("the lead time is longer than the demand that is known"));
        }
        let stock = rare_safety_stock(&known, rate, lead_time, args.number_or(4, 0.0)?, args.number(0)?);
        stock.map(Value::number).ok_or_else(|| out_of_range(BAD_LEVEL))
    }

    /// Most parts a key has.
    const MOST_KEYS: usize = 4;
    /// Of a month.
    const DAYS: f64 = 30.0;

    /// What is known of the rows of one key, added up.
    struct Known {
        key: Vec<String>,
        demand: Vec<Option<f64>>,
        forecast: Vec<Option<f64>>,
        plan: Vec<f64>,
        value: f64,
    }

    impl Known {
        fn position(&self, exception: Exception) -> Position<'_> {
            let Self { demand, forecast, plan, value, .. } = self;
            Position { demand, forecast, plan, value: *value, exception }
        }
    }

    pub(super) fn policy(args: &Args<'_>) -> Outcome {
        let keys = args.array(0)?;
        if keys.cols() > MOST_KEYS {
            return Err(wrong(&format!("keys have 1 to {MOST_KEYS} columns, such as item and location")));
        }
        let days = args.number_or(7, DAYS)?;
        if days <= 0.0 {
            return Err(out_of_range("a bucket has more than 0 days"));
        }
        let known = known(args, &keys)?;
        let (policy, exceptions) = (segments(&*args.array(3)?)?, exceptions(args, keys.cols())?);
        let positions: Vec<Position> = known.iter().map(|of| of.position(exceptions.of(&of.key))).collect();
        let headings = match keys.cols() {
            1 => vec!["Item".to_owned()],
            cols => ["Item", "Location"]
                .map(str::to_owned)
                .into_iter()
                .chain((3..=cols).map(|n| format!("Key {n}")))
                .collect(),
        };
        const FIGURES: [&str; 6] = ["Class", "Service level", "From", "Safety stock", "Days of cover", "Told by"];
        let mut cells: Vec<Value> = headings.into_iter().chain(FIGURES.map(str::to_owned)).map(Value::text).collect();
        for (of, proposal) in known.iter().zip(propose(&positions, &policy, days)) {
            cells.extend(of.key.iter().map(Value::text));
            cells.extend(figures(&proposal));
        }
        let array = Array::new(known.len() + 1, keys.cols() + FIGURES.len(), cells);
        array.map(|array| Value::Array(array.into())).ok_or_else(|| CellError::new(ErrorKind::Calc))
    }

    fn figures(found: &Proposal) -> [Value; 6] {
        // An empty text stays empty where an array spills; a blank is read as nought there.
        let figure = |value: Option<f64>| value.map_or_else(|| Value::text(""), Value::number);
        let from = found.service_level.map_or_else(String::new, |_| found.from.to_string());
        let cut = if found.is_cut { ", cut to the longest cover" } else { "" };
        [
            Value::text(format!("{:?}{:?}", found.abc, found.xyz)),
            figure(found.service_level),
            Value::text(from),
            figure(found.safety_stock),
            figure(found.cover_days),
            Value::text(format!("{}{cut}", found.basis)),
        ]
    }

    /// The rows that have a first key, in order of their first appearance; those of one key add up.
    fn known(args: &Args<'_>, keys: &Array) -> Result<Vec<Known>, CellError> {
        let (demand, forecast) = (args.array(1)?, if args.given(2) { Some(args.array(2)?) } else { None });
        let plan = if args.given(5) { Some(args.array(5)?) } else { None };
        let values = if args.given(6) { Some(args.array(6)?) } else { None };
        let buckets = demand.cols();
        for (what, array) in [("demand", Some(&demand)), ("forecast", forecast.as_ref()), ("plan", plan.as_ref())] {
            if let Some(array) = array.filter(|array| array.rows() != keys.rows()) {
                return Err(wrong(&format!("{what} has {} rows, keys have {}", array.rows(), keys.rows())));
            }
        }
        if let Some(forecast) = forecast.as_ref().filter(|forecast| forecast.cols() != buckets) {
            return Err(wrong(&format!("demand has {buckets} buckets, forecast {}", forecast.cols())));
        }
        if values.as_ref().is_some_and(|values| values.cells().len() != keys.rows() && values.cells().len() != 1) {
            return Err(wrong("unit values are one number, or one for each row of the keys"));
        }
        let (mut places, mut found): (HashMap<Vec<String>, usize>, Vec<Known>) = (HashMap::new(), Vec::new());
        for row in 0..keys.rows() {
            let parts = row_of(keys, row).iter().map(|part| part.to_text().map(|text| text.trim().to_owned()));
            let key: Vec<String> = parts.collect::<Result<_, _>>()?;
            if key[0].is_empty() {
                continue;
            }
            let place = *places.entry(key.iter().map(|part| part.to_lowercase()).collect()).or_insert_with(|| {
                let empty = vec![None; buckets];
                let plan = vec![0.0; plan.as_ref().map_or(0, |plan| plan.cols())];
                found.push(Known { key, demand: empty.clone(), forecast: empty, plan, value: 0.0 });
                found.len() - 1
            });
            let (of, mut units) = (&mut found[place], 0.0);
            for (sum, value) in of.demand.iter_mut().zip(row_of(&demand, row)) {
                units += add(sum, value)?;
            }
            if let Some(forecast) = &forecast {
                for (sum, value) in of.forecast.iter_mut().zip(row_of(forecast, row)) {
                    add(sum, value)?;
                }
            }
            for (sum, value) in of.plan.iter_mut().zip(plan.iter().flat_map(|plan| row_of(plan, row))) {
                *sum += number(value)?.unwrap_or(0.0);
            }
            let worth = values.as_ref().map(|values| &values.cells()[if values.cells().len() == 1 { 0 } else { row }]);
            of.value += units * worth.map_or(Ok(Some(1.0)), number)?.unwrap_or(0.0);
        }
        Ok(found)
    }

    fn row_of(array: &Array, row: usize) -> &[Value] {
        &array.cells()[row * array.cols()..][..array.cols()]
    }

    /// A number that is there; texts are none.
    fn number(value: &Value) -> Result<Option<f64>, CellError> {
        match value {
            Value::Error(error) => Err(error.clone()),
            value => Ok(value.as_number()),
        }
    }

    fn add(sum: &mut Option<f64>, value: &Value) -> Result<f64, CellError> {
        let Some(units) = number(value)? else { return Ok(0.0) };
        *sum = Some(sum.unwrap_or(0.0) + units);
        Ok(units)
    }

    /// Rows of class, service level and longest cover; the first of a class counts.
    fn segments(table: &Array) -> Result<Policy, CellError> {
        if table.cols() < 2 {
            return Err(wrong("segments have a column for the class and one for its service level"));
        }
        let mut policy = Policy::new();
        for row in table.cells().chunks(table.cols()) {
            let name = row[0].to_text()?;
            if name.trim().is_empty() {
                continue;
            }
            let class =
                class(name.trim()).ok_or_else(|| wrong(&format!("‘{name}’ is no segment: they are AX to CZ")))?;
            policy.entry(class).or_insert(rule(&row[1..], &name)?);
        }
        Ok(policy)
    }

    fn class(name: &str) -> Option<(Abc, Xyz)> {
        let mut letters = name.chars().map(|letter| letter.to_ascii_uppercase());
        let abc = match letters.next()? {
            'A' => Abc::A,
            'B' => Abc::B,
            'C' => Abc::C,
            _ => return None,
        };
        let xyz = match letters.next()? {
            'X' => Xyz::X,
            'Y' => Xyz::Y,
            'Z' => Xyz::Z,
            _ => return None,
        };
        letters.next().is_none().then_some((abc, xyz))
    }

    /// Service level and longest cover, where they are there.
    fn rule(cells: &[Value], whose: &str) -> Result<Rule, CellError> {
        let at = |place: usize| cells.get(place).map_or(Ok(None), known_number);
        let (service_level, most_cover) = (at(0)?, at(1)?);
        if service_level.is_some_and(|level| !(0.5..1.0).contains(&level)) {
            return Err(out_of_range(&format!("the service level of {whose} lies from 50 % to below 100 %")));
        }
        if most_cover.is_some_and(|cover| cover < 0.0) {
            return Err(out_of_range(&format!("the longest cover of {whose} is negative")));
        }
        Ok(Rule { service_level, most_cover })
    }

    /// Rows of keys, service level, longest cover, lead time and its deviation; from the service level on as far as
    /// they go.
    fn exceptions(args: &Args<'_>, keys: usize) -> Result<Exceptions, CellError> {
        let mut exceptions = Exceptions::default();
        if !args.given(4) {
            return Ok(exceptions);
        }
        let table = args.array(4)?;
        if table.cols() <= keys {
            return Err(wrong(
                "items have the columns of the keys, then service level, longest cover, lead time, its deviation",
            ));
        }
        for row in table.cells().chunks(table.cols()) {
            let key: Vec<String> =
                row[..keys].iter().map(|part| part.to_text().map(|text| text.to_string())).collect::<Result<_, _>>()?;
            if key.iter().all(|part| part.trim().is_empty()) {
                continue;
            }
            let whose = key.join(" ");
            let at = |place: usize| row.get(keys + place).map_or(Ok(None), known_number);
            let (lead_time, lead_time_deviation) = (at(2)?, at(3)?);
            if lead_time.is_some_and(|time| time <= 0.0) || lead_time_deviation.is_some_and(|time| time < 0.0) {
                return Err(out_of_range(&format!(
                    "the lead time of {whose} is not positive, or its deviation negative"
                )));
            }
            let rule = rule(&row[keys..], &whose)?;
            exceptions.add(&key, Exception { rule, lead_time, lead_time_deviation });
        }
        Ok(exceptions)
    }
}

/// Browsers show what the server calculates: safety stocks and policies are no part of what they fetch.
#[cfg(target_arch = "wasm32")]
mod told {
    use super::super::Args;
    use crate::formula::eval::Outcome;
    use crate::value::{CellError, ErrorKind};

    pub(super) fn empirical(_: &Args<'_>) -> Outcome {
        Err(CellError::new(ErrorKind::Busy))
    }

    pub(super) use self::{empirical as intermittent, empirical as policy};
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    const MISSES: &str = "{-4,3,0,-2,1,8,-3,-1,2}";

    #[test]
    fn safety_stocks_by_errors_translate_and_refuse() {
        let with = |text: &str| text.replace("MISSES", MISSES);
        for (typed, expected) in [
            ("ROUND(INVENTORY.SAFETYSTOCK.EMPIRICAL(0.9,MISSES),6)", "8"),
            ("ROUND(INVENTORY.SAFETYSTOCK.EMPIRICAL({0.7;0.9},TRANSPOSE(MISSES)),6)", "{2;8}"),
            ("ROUND(INVENTORY.SAFETYSTOCK.EMPIRICAL(0.9,MISSES,1,10,2),3)", "27.166"),
            // Two origins that miss by 3 and 4, too high and too low.
            ("ROUND(INVENTORY.SAFETYSTOCK.EMPIRICAL(0.9,{3,4;-3,-4}),3)", "10.987"),
            ("INVENTORY.SAFETYSTOCK.EMPIRICAL(0.9,{3,4;-3,-4},2)", "#VALUE!"),
            ("INVENTORY.SAFETYSTOCK.EMPIRICAL(0.9,MISSES,1,,2)", "#VALUE!"),
            ("INVENTORY.SAFETYSTOCK.EMPIRICAL(0.9,MISSES,0)", "#NUM!"),
            ("INVENTORY.SAFETYSTOCK.EMPIRICAL(1,MISSES)", "#NUM!"),
            ("INVENTORY.SAFETYSTOCK.EMPIRICAL(0.9,A1:C1)", "#NUM!"),
            ("INVENTORY.SAFETYSTOCK.EMPIRICAL(0.9,#N/A)", "#N/A"),
            ("INVENTORY.SAFETYSTOCK.INTERMITTENT({0.6,0.9},{0,0,0,4,0,0,0,4,0,0,0,4,0,0,0,4},1)", "{0,3}"),
            ("INVENTORY.SAFETYSTOCK.INTERMITTENT(0.9,{0,0,0,4,0,0,0,4,0,0,0,4,0,0,0,4})", "3"),
            ("INVENTORY.SAFETYSTOCK.INTERMITTENT(0.9,{0,4},1,3)", "#NUM!"),
            ("INVENTORY.SAFETYSTOCK.INTERMITTENT(0.9,{0,-4},1)", "#NUM!"),
        ] {
            check(&[(&with(typed), expected)]);
        }
    }

    /// Tea is sold in two regions, 30 a month in each, and misses as above in all; milk sells hardly and goes by rare
    /// orders.
    const POLICY: &str = "INVENTORY.POLICY({\"Tea\",\"Hub\";\"Milk\",\"Hub\";\"tea\",\"HUB\"},\
        VSTACK(30+{-4,3,0,-2,1,8,-3,-1,2},{0,0,4,0,0,4,0,0,4},30*{1,1,1,1,1,1,1,1,1}),\
        VSTACK(30*{1,1,1,1,1,1,1,1,1},{2,2,2,2,2,2,2,2,2},30*{1,1,1,1,1,1,1,1,1}),\
        {\"AX\",LEVEL,\"\";\"cz\",0.9,\"\"},ITEMS,{50,70;4,0;0,0},{10;1;10})";

    fn policy(typed: &str, level: &str, items: &str) -> String {
        typed.replace("POLICY", &POLICY.replace("LEVEL", level).replace("ITEMS", items))
    }

    #[test]
    fn policies_translate_and_refuse() {
        let usual = |typed: &str| policy(typed, "0.9", "");
        for (typed, expected) in [
            ("ROWS(POLICY)", "3"),
            (
                "TAKE(POLICY,1)",
                "{\"Item\",\"Location\",\"Class\",\"Service level\",\"From\",\"Safety stock\",\"Days of cover\",\"Told by\"}",
            ),
            ("TAKE(INDEX(POLICY,2,0),1,5)", "{\"Tea\",\"Hub\",\"AX\",0.9,\"segment\"}"),
            ("ROUND(TAKE(DROP(INDEX(POLICY,2,0),,5),1,2),6)", "{8,4}"),
            ("INDEX(POLICY,2,8)", "\"forecast errors\""),
            ("INDEX(POLICY,3,3)&INDEX(POLICY,3,8)", "\"CZrare demand, by its orders\""),
        ] {
            check(&[(&usual(typed), expected)]);
        }
        // Of tea, whose row is the first.
        let figure = |level: &str, items: &str, heading: &str| {
            policy(&format!("INDEX(POLICY,2,XMATCH(\"{heading}\",TAKE(POLICY,1)))"), level, items)
        };
        // A class raised to 99 % holds more; the item's own level wins over it, for all places or for this one.
        let stock = |level: &str, items: &str| figure(level, items, "Safety stock");
        check(&[
            (&format!("{}>1.2*{}", stock("0.99", ""), stock("0.9", "")), "TRUE"),
            (&format!("ROUND({},6)", stock("0.99", "{\"Tea\",\"\",0.7}")), "2"),
            (&format!("ROUND({},6)", stock("0.99", "{\"Tea\",\"\",0.9;\"Tea\",\"Hub\",0.7}")), "2"),
            (&figure("0.99", "{\"Tea\",\"\",0.7}", "From"), "\"override\""),
            (&stock("0.9", "{\"Tea\",\"Hub\",\"\",3,2,0.5}"), "6"),
            (&figure("0.9", "{\"Tea\",\"Hub\",\"\",3}", "Told by"), "\"forecast errors, cut to the longest cover\""),
            (&figure("\"\"", "", "Safety stock"), "\"\""),
            (&figure("\"\"", "", "Told by"), "\"no service level\""),
            (&figure("90", "", "Class"), "#NUM!"),
            (&figure("0.9", "{\"Tea\",\"Hub\",0.9,1,0}", "Class"), "#NUM!"),
            (&figure("0.9", "{\"Tea\",\"Hub\"}", "Class"), "#VALUE!"),
        ]);
        check(&[
            ("INVENTORY.POLICY({\"a\";\"b\"},{1,2},,{\"AX\",0.9})", "#VALUE!"),
            ("INVENTORY.POLICY({\"a\"},{1,2},{1},{\"AX\",0.9})", "#VALUE!"),
            ("INVENTORY.POLICY({\"a\"},{1,2},,{\"AQ\",0.9})", "#VALUE!"),
            ("INVENTORY.POLICY({\"a\"},{1,2},#N/A,{\"AX\",0.9})", "#N/A"),
            (
                "INDEX(INVENTORY.POLICY({\"a\";\"\"},{1,2;5,5},,{\"AX\",0.9}),2,7)",
                "\"variation of demand, no forecast kept\"",
            ),
        ]);
    }
}
