//! How functions take ranges in files that know one value per cell only.

use super::{Body, Category, Function};

/// What a function does where a range stands for one of its arguments, in files that know one value per cell only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formula) enum Taking {
    /// It wants one value: that of the own row or column is meant.
    One,
    /// It takes the range as it is; what is computed in place gives one value.
    Range,
    /// It takes all values, computed ones too.
    All,
}

/// Functions that compute with all values of their arguments wherever they stand: those with parameters of the class
/// “array”.
const TAKE_ALL: &[&str] = &[
    "CHISQ.TEST",
    "CHITEST",
    "COLUMNS",
    "CORREL",
    "COVAR",
    "COVARIANCE.P",
    "COVARIANCE.S",
    "F.TEST",
    "FORECAST",
    "FORECAST.LINEAR",
    "FTEST",
    "INTERCEPT",
    "LET",
    "LOOKUP",
    "MDETERM",
    "MINVERSE",
    "MMULT",
    "MODE",
    "MODE.MULT",
    "MODE.SNGL",
    "PEARSON",
    "PROB",
    "ROWS",
    "RSQ",
    "SLOPE",
    "STEYX",
    "SUMPRODUCT",
    "SUMX2MY2",
    "SUMX2PY2",
    "SUMXMY2",
    "T.TEST",
    "TRANSPOSE",
    "TTEST",
    "XLOOKUP",
    "XMATCH",
];

/// Functions that are called once for each reference of an array of them.
const PER_REFERENCE: [&str; 11] =
    ["AVERAGEIF", "AVERAGEIFS", "COUNTBLANK", "COUNTIF", "COUNTIFS", "MAXIFS", "MINIFS", "N", "SUMIF", "SUMIFS", "T"];

impl Function {
    /// Whether an array of references means one call for each; SUBTOTAL sees to that itself.
    pub(in crate::formula) fn is_per_reference(&self) -> bool {
        PER_REFERENCE.contains(&self.info.name)
    }

    /// Whether its result may be what one of so many arguments is.
    pub(in crate::formula) fn passes_on(&self, index: usize, count: usize) -> bool {
        match self.info.name {
            "IF" | "CHOOSE" => index > 0,
            "IFS" => index % 2 == 1,
            "SWITCH" => index > 0 && (index.is_multiple_of(2) || index + 1 == count),
            "LET" => index + 1 == count,
            "XLOOKUP" => index == 2 || index == 3,
            _ => index == 0,
        }
    }

    /// How it takes an argument; see [`Taking`].
    pub(in crate::formula) fn taking(&self, index: usize) -> Taking {
        let one = |yes: bool| if yes { Taking::One } else { Taking::Range };
        let name = self.info.name;
        match (name, index) {
            ("FORECAST" | "FORECAST.LINEAR" | "LOOKUP", 0) => return Taking::One,
            ("PROB" | "T.TEST" | "TTEST", 2..) => return Taking::One,
            // The kinds that take an array: LARGE, SMALL, percentiles and quartiles.
            ("AGGREGATE", 2) => return Taking::All,
            _ => {}
        }
        if TAKE_ALL.contains(&name) || self.info.category == Category::Array || (name == "INDEX" && index == 0) {
            return Taking::All;
        }
        match self.body {
            Body::Each(_) => Taking::One,
            Body::Lifted(lifts, _) => one(lifts(index)),
            Body::Whole(_) => Taking::Range,
            Body::Lazy(_) | Body::Means(_) => match name {
                "IF" | "CHOOSE" => one(index == 0),
                "OFFSET" => one(index > 0),
                "IFERROR" | "IFNA" | "IFS" | "SWITCH" | "INDIRECT" => Taking::One,
                "BYROW" | "BYCOL" | "MAP" | "REDUCE" | "SCAN" | "MAKEARRAY" => Taking::All,
                _ => Taking::Range,
            },
        }
    }
}
