//! Measurements on known data, set beside what others reach on it.

pub mod forecast;
