//! Functions under the names they had before, or in other editions of Excel.

use super::args::wrong;
use super::{Arg, Args, Body, Declared, Passing, declare, find};
use crate::formula::eval::Outcome;
use crate::value::Value;

/// A function that is another one, perhaps with a last argument given.
macro_rules! same_as {
    ($kind:ident, $name:literal, $signature:literal, $example:literal, $last:expr) => {
        declare(
            $signature,
            concat!("The same as ", $name, "."),
            $example,
            Body::$kind(|args| {
                let last: Option<bool> = $last;
                called($name, args, last)
            }),
        )
    };
}

pub(super) const STATISTICS: &[Declared] = &[
    same_as!(Whole, "CHISQ.TEST", "CHITEST(observed, expected)", "=CHITEST({58,35},{45.35,47.65})", None),
    same_as!(Whole, "F.TEST", "FTEST(x, y)", "=FTEST({6,7,9,15,21},{20,28,31,38,40})", None),
    same_as!(Whole, "T.TEST", "TTEST(x, y, tails, type)", "=TTEST({3,4,5,8},{6,19,3,2},2,1)", None),
    same_as!(Whole, "Z.TEST", "ZTEST(numbers, mean, [deviation])", "=ZTEST({3,6,7,8,6,5,4,2,1,9},4)", None),
    same_as!(
        Each,
        "HYPGEOM.DIST",
        "HYPGEOMDIST(successes, sample, population_successes, population)",
        "=HYPGEOMDIST(1,4,8,20)",
        Some(false)
    ),
    same_as!(
        Each,
        "NEGBINOM.DIST",
        "NEGBINOMDIST(failures, successes, probability)",
        "=NEGBINOMDIST(10,5,0.25)",
        Some(false)
    ),
    same_as!(Each, "LOGNORM.DIST", "LOGNORMDIST(x, mean, deviation)", "=LOGNORMDIST(4,3.5,1.2)", Some(true)),
    same_as!(Each, "LOGNORM.INV", "LOGINV(probability, mean, deviation)", "=LOGINV(0.5,3.5,1.2)", None),
    same_as!(Each, "WEIBULL.DIST", "WEIBULL(x, shape, scale, cumulative)", "=WEIBULL(105,20,100,TRUE)", None),
];

/// For languages whose characters take two bytes; here a character is a character.
pub(super) const TEXT: &[Declared] = &[
    same_as!(Each, "LEN", "LENB(text)", "=LENB(\"abc\")", None),
    same_as!(Each, "LEFT", "LEFTB(text, [count])", "=LEFTB(\"abc\",2)", None),
    same_as!(Each, "RIGHT", "RIGHTB(text, [count])", "=RIGHTB(\"abc\",2)", None),
    same_as!(Each, "MID", "MIDB(text, start, count)", "=MIDB(\"abc\",2,1)", None),
    same_as!(Each, "FIND", "FINDB(part, text, [start])", "=FINDB(\"b\",\"abc\")", None),
    same_as!(Each, "SEARCH", "SEARCHB(part, text, [start])", "=SEARCHB(\"B\",\"abc\")", None),
    same_as!(Each, "DOLLAR", "USDOLLAR(number, [decimals])", "=USDOLLAR(1234.5)", None),
    same_as!(Each, "DBCS", "JIS(text)", "=JIS(\"SKU-12\")", None),
    same_as!(Each, "REPLACE", "REPLACEB(text, start, count, new)", "=REPLACEB(\"abc\",2,1,\"x\")", None),
];

fn called(name: &str, args: &Args<'_>, last: Option<bool>) -> Outcome {
    let mut list = args.list().to_vec();
    list.extend(last.map(|truth| Arg { value: Value::Bool(truth), passing: Passing::Direct, beyond: 0 }));
    match find(name).map(|function| function.body) {
        Some(Body::Whole(body) | Body::Each(body) | Body::Lifted(_, body)) => body(&Args::new(args.evaluation, &list)),
        _ => Err(wrong("there is no such function")),
    }
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn older_names_mean_the_same() {
        check(&[
            ("ROUND(HYPGEOMDIST(1,4,8,20),6)", "0.363261"),
            ("ROUND(NEGBINOMDIST(10,5,0.25),7)", "0.0550487"),
            ("LOGNORMDIST(4,3.5,1.2)", "LOGNORM.DIST(4,3.5,1.2,TRUE)"),
            ("LOGINV(0.5,3.5,1.2)", "LOGNORM.INV(0.5,3.5,1.2)"),
            ("ROUND(FTEST({6,7,9,15,21},{20,28,31,38,40}),6)", "0.648318"),
            ("MIDB(\"abc\",{1,2},1)", "{\"a\",\"b\"}"),
        ]);
    }
}
