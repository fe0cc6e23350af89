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

impl Function {
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
            Body::Lazy(_) => match name {
                "IF" | "CHOOSE" => one(index == 0),
                "OFFSET" => one(index > 0),
                "IFERROR" | "IFNA" | "IFS" | "SWITCH" | "INDIRECT" => Taking::One,
                "BYROW" | "BYCOL" | "MAP" | "REDUCE" | "SCAN" | "MAKEARRAY" => Taking::All,
                _ => Taking::Range,
            },
        }
    }
}
