//! Forecasts of single series: methods, backtests, combination, intervals, and their explanation.

pub mod accuracy;
