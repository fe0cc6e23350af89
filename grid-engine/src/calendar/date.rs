//! Days of the Gregorian calendar and their spreadsheet serials.

use std::fmt;
use std::str::FromStr;

/// A day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

/// Excel's serial of 1970-01-01.
const SERIAL_1970: i32 = 25_569;

impl Date {
    /// A day by year, month (1–12) and day; `None` where the calendar has no such day.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        let date = Self::from_civil(year, month, day);
        ((1..=12).contains(&month) && (1..=9999).contains(&year) && date.ymd() == (year, month, day)).then_some(date)
    }

    /// A day by its count from 1970-01-01.
    pub fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> i32 {
        self.0
    }

    /// The day of a spreadsheet serial (1 = 1900-01-01). Serials 1–59 lie before Excel's phantom
    /// 1900-02-29 and are shifted by one; 60 is that phantom and reads as 1900-02-28.
    pub fn from_serial(serial: f64) -> Option<Self> {
        let whole = serial.floor();
        if !(0.0..=2_958_465.0).contains(&whole) {
            return None;
        }
        let whole = whole as i32;
        Some(Self(whole - SERIAL_1970 + i32::from(whole < 60)))
    }

    /// The spreadsheet serial of this day.
    pub fn serial(self) -> f64 {
        let serial = self.0 + SERIAL_1970;
        f64::from(serial - i32::from(serial <= 60))
    }

    /// Year, month (1–12), day. Source: H. Hinnant, "chrono-compatible low-level date algorithms".
    pub fn ymd(self) -> (i32, u32, u32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        (year_of_era + era * 400 + i32::from(month <= 2), month as u32, day as u32)
    }

    /// Day of the week, Monday = 1 … Sunday = 7 (ISO 8601).
    pub fn iso_weekday(self) -> u32 {
        (self.0 + 3).rem_euclid(7) as u32 + 1
    }

    /// This day moved by whole days.
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// Days in a month.
    pub fn days_in_month(year: i32, month: u32) -> u32 {
        match month {
            4 | 6 | 9 | 11 => 30,
            2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
            2 => 28,
            _ => 31,
        }
    }

    fn from_civil(year: i32, month: u32, day: u32) -> Self {
        let year = year - i32::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = month as i32;
        let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Date {
    type Err = &'static str;
    /// Reads `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '-').map(|part| (part.len(), part.parse::<u32>()));
        match (parts.next(), parts.next(), parts.next()) {
            (Some((4, Ok(year))), Some((2, Ok(month))), Some((2, Ok(day)))) => {
                Self::from_ymd(year as i32, month, day).ok_or("no such day in the calendar")
            }
            _ => Err("a date is written YYYY-MM-DD"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_are_excels() {
        for (text, serial) in
            [("1900-01-01", 1.0), ("1900-02-28", 59.0), ("1900-03-01", 61.0), ("2026-11-22", 46_348.0)]
        {
            let date: Date = text.parse().unwrap();
            assert_eq!(date.serial(), serial, "{text}");
            assert_eq!(Date::from_serial(serial), Some(date));
        }
    }

    #[test]
    fn days_count_through_leap_years() {
        let mut date = Date::from_ymd(1896, 1, 1).unwrap();
        for _ in 0..150_000 {
            let (year, month, day) = date.ymd();
            assert_eq!(Date::from_ymd(year, month, day), Some(date));
            date = date.plus_days(1);
        }
        assert_eq!(Date::from_ymd(2023, 2, 29), None);
    }
}
