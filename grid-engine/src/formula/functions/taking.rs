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

/// Functions that compute with all values of their arguments wherever they stand.
const TAKE_ALL: &[&str] = &[
    "COLUMNS",
    "CORREL",
    "COVAR",
    "FORECAST.LINEAR",
    "INTERCEPT",
    "LET",
    "LOOKUP",
    "MDETERM",
    "MINVERSE",
    "MMULT",
    "MODE",
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
    "TRANSPOSE",
    "XLOOKUP",
    "XMATCH",
];

impl Function {
    /// How it takes an argument; see [`Taking`].
    pub(in crate::formula) fn taking(&self, index: usize) -> Taking {
        let one = |yes: bool| if yes { Taking::One } else { Taking::Range };
        let name = self.info.name;
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
