//! Months, weeks, and runs of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Date;

/// How long a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grain {
    Month,
    /// ISO 8601 weeks, Monday to Sunday.
    Week,
}

impl Grain {
    /// Buckets in a year's season: 12 or 52.
    pub fn season(self) -> usize {
        match self {
            Self::Month => 12,
            Self::Week => 52,
        }
    }
}

/// One bucket of planning time. Its text form is `2026-03` or `2026-W05`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket {
    grain: Grain,
    /// Months since January of year 0, or weeks since the week of Monday 1969-12-29.
    number: i32,
}

/// Not a bucket: `YYYY-MM` or `YYYY-Www`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a bucket is written YYYY-MM or YYYY-Www")]
pub struct BadBucket;

impl Bucket {
    /// A month (1–12) of a year.
    pub fn month(year: i32, month: u32) -> Option<Self> {
        ((1..=12).contains(&month) && (1..=9999).contains(&year))
            .then_some(Self { grain: Grain::Month, number: year * 12 + month as i32 - 1 })
    }

    /// An ISO week of an ISO year; `None` where the year has no such week.
    pub fn week(year: i32, week: u32) -> Option<Self> {
        let fourth = Date::from_ymd(year, 1, 4)?;
        let bucket = Self::containing(fourth, Grain::Week).plus(week as i32 - 1);
        (bucket.year_and_part() == (year, week)).then_some(bucket)
    }

    /// The bucket a day falls in.
    pub fn containing(date: Date, grain: Grain) -> Self {
        let number = match grain {
            Grain::Month => {
                let (year, month, _) = date.ymd();
                year * 12 + month as i32 - 1
            }
            Grain::Week => (date.days() + 3).div_euclid(7),
        };
        Self { grain, number }
    }

    /// How long this bucket is.
    pub fn grain(self) -> Grain {
        self.grain
    }

    /// This bucket moved by whole buckets.
    pub fn plus(self, buckets: i32) -> Self {
        Self { number: self.number + buckets, ..self }
    }

    /// Buckets from `earlier` to this one; `None` across grains.
    pub fn since(self, earlier: Self) -> Option<i32> {
        (self.grain == earlier.grain).then(|| self.number - earlier.number)
    }

    /// The first day.
    pub fn first_day(self) -> Date {
        match self.grain {
            Grain::Month => {
                let (year, month) = (self.number.div_euclid(12), self.number.rem_euclid(12));
                Date::from_ymd(year, month as u32 + 1, 1).unwrap_or(Date::from_days(0))
            }
            Grain::Week => Date::from_days(self.number * 7 - 3),
        }
    }

    /// Number of days.
    pub fn days(self) -> i32 {
        self.plus(1).first_day().days() - self.first_day().days()
    }

    /// Year and month, or ISO year and ISO week.
    pub fn year_and_part(self) -> (i32, u32) {
        match self.grain {
            Grain::Month => (self.number.div_euclid(12), self.number.rem_euclid(12) as u32 + 1),
            Grain::Week => {
                // The ISO year of a week is that of its Thursday.
                let (year, _, _) = self.first_day().plus_days(3).ymd();
                let first = Date::from_ymd(year, 1, 4).map_or(self, |day| Self::containing(day, Grain::Week));
                (year, (self.number - first.number) as u32 + 1)
            }
        }
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, part) = self.year_and_part();
        match self.grain {
            Grain::Month => write!(f, "{year:04}-{part:02}"),
            Grain::Week => write!(f, "{year:04}-W{part:02}"),
        }
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Bucket {
    type Err = BadBucket;
    fn from_str(text: &str) -> Result<Self, BadBucket> {
        let (year, part) = text.split_once('-').ok_or(BadBucket)?;
        let year = year.parse().map_err(|_| BadBucket)?;
        match part.strip_prefix('W') {
            Some(week) => Self::week(year, week.parse().map_err(|_| BadBucket)?),
            None => Self::month(year, part.parse().map_err(|_| BadBucket)?),
        }
        .ok_or(BadBucket)
    }
}

impl Serialize for Bucket {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bucket {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A sheet's run of buckets: history before `current`, plan from it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Horizon {
    /// First bucket shown.
    pub first: Bucket,
    /// First bucket still open to planning.
    pub current: Bucket,
    /// Last bucket, included.
    pub last: Bucket,
}

impl Horizon {
    /// All buckets, in order.
    pub fn buckets(&self) -> impl ExactSizeIterator<Item = Bucket> + Clone + use<> {
        let first = self.first;
        (0..self.len() as i32).map(move |offset| first.plus(offset))
    }

    /// Number of buckets.
    pub fn len(&self) -> usize {
        self.last.since(self.first).map_or(0, |steps| (steps + 1).max(0) as usize)
    }

    /// Whether the last bucket lies before the first.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Zero-based place of a bucket; `None` outside.
    pub fn index_of(&self, bucket: Bucket) -> Option<usize> {
        let steps = usize::try_from(bucket.since(self.first)?).ok()?;
        (steps < self.len()).then_some(steps)
    }

    /// The bucket at a zero-based place.
    pub fn bucket_at(&self, index: usize) -> Option<Bucket> {
        (index < self.len()).then(|| self.first.plus(index as i32))
    }

    /// Place of the first open bucket, i.e. the number of history buckets.
    pub fn current_index(&self) -> usize {
        self.current.since(self.first).map_or(0, |steps| steps.clamp(0, self.len() as i32) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_iso() {
        for (day, week) in [
            ("2021-01-03", "2020-W53"),
            ("2021-01-04", "2021-W01"),
            ("2018-01-07", "2018-W01"),
            ("2026-12-31", "2026-W53"),
        ] {
            let bucket = Bucket::containing(day.parse().unwrap(), Grain::Week);
            assert_eq!(bucket.to_string(), week);
            assert_eq!(week.parse(), Ok(bucket));
        }
        assert_eq!("2021-W53".parse::<Bucket>(), Err(BadBucket));
        assert_eq!("2021-13".parse::<Bucket>(), Err(BadBucket));
    }

    #[test]
    fn months_step_over_years() {
        let november: Bucket = "2026-11".parse().unwrap();
        assert_eq!(november.plus(2).to_string(), "2027-01");
        assert_eq!(november.plus(2).since(november), Some(2));
        assert_eq!(november.days(), 30);
    }
}
