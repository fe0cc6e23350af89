//! Conditional formats: how the values of a column or measure stand out.
//!
//! They are kept beside what its cells accept, in words: `bars blue`, `scale high`, `scale low`, `above 100 green`,
//! `below 0 red`, `between 1 5 yellow`. Words that nobody here knows format nothing.

use super::cell_style::COLOURS;

/// How values stand out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Highlight {
    /// A bar as long as the value, in a colour of [`COLOURS`].
    Bars(usize),
    /// From the lowest to the highest: red to green where high values are good, else green to red.
    Scale { high_is_good: bool },
    /// A ground for values from the first to the second limit.
    Rule { least: Option<f64>, most: Option<f64>, colour: usize },
}

/// What a value gets to stand out by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shade {
    Ground(usize),
    /// A bar between two shares of the cell's width.
    Bar {
        from: f64,
        to: f64,
        colour: usize,
    },
    /// From −1, bad, over 0 to 1, good.
    Heat(f64),
}

impl Highlight {
    /// Reads the words.
    pub fn of(words: &str) -> Option<Self> {
        let words: Vec<&str> = words.split(' ').collect();
        let colour = |name: &str| COLOURS.iter().position(|known| *known == name);
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
        let (least, most, name) = match words[..] {
            ["bars", name] => return Some(Self::Bars(colour(name)?)),
            ["scale", "high"] => return Some(Self::Scale { high_is_good: true }),
            ["scale", "low"] => return Some(Self::Scale { high_is_good: false }),
            ["above", least, name] => (Some(number(least)?), None, name),
            ["below", most, name] => (None, Some(number(most)?), name),
            ["between", least, most, name] => (Some(number(least)?), Some(number(most)?), name),
            _ => return None,
        };
        Some(Self::Rule { least, most, colour: colour(name)? })
    }

    /// Writes the words.
    pub fn words(&self) -> String {
        match *self {
            Self::Bars(colour) => format!("bars {}", COLOURS[colour]),
            Self::Scale { high_is_good: true } => "scale high".to_owned(),
            Self::Scale { high_is_good: false } => "scale low".to_owned(),
            Self::Rule { least, most, colour } => match (least, most) {
                (Some(least), Some(most)) => format!("between {least} {most} {}", COLOURS[colour]),
                (Some(least), None) => format!("above {least} {}", COLOURS[colour]),
                (None, most) => format!("below {} {}", most.unwrap_or(0.0), COLOURS[colour]),
            },
        }
    }

    /// Whether it needs the lowest and highest of all values.
    pub fn is_relative(&self) -> bool {
        !matches!(self, Self::Rule { .. })
    }

    /// How a value stands out among values of this range. A limit named alone is not part of what lies above or below it.
    pub fn shade(&self, value: f64, (low, high): (f64, f64)) -> Option<Shade> {
        match *self {
            Self::Bars(colour) => {
                // Bars begin at nought, as in any bar chart.
                let (low, high) = (low.min(0.0), high.max(0.0));
                let at = |value: f64| if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
                let (nought, end) = (at(0.0), at(value));
                (value != 0.0).then(|| Shade::Bar { from: nought.min(end), to: nought.max(end), colour })
            }
            Self::Scale { high_is_good } => {
                let share = if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) * 2.0 - 1.0 } else { 0.0 };
                Some(Shade::Heat(if high_is_good { share } else { -share }))
            }
            Self::Rule { least, most, colour } => {
                let is_met = match (least, most) {
                    (Some(least), Some(most)) => (least..=most).contains(&value),
                    (Some(least), None) => value > least,
                    (None, most) => most.is_some_and(|most| value < most),
                };
                is_met.then_some(Shade::Ground(colour))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for words in
            ["bars blue", "scale high", "scale low", "above -1.5 red", "below 0 green", "between 1 2.25 yellow"]
        {
            assert_eq!(Highlight::of(words).unwrap().words(), words);
        }
        for words in ["", "bars", "bars mauve", "above red", "between 1 red", "above NaN red", "icons 3"] {
            assert_eq!(Highlight::of(words), None, "{words}");
        }
    }

    #[test]
    fn values_stand_out_among_others() {
        let shade = |words: &str, value: f64| Highlight::of(words).unwrap().shade(value, (-100.0, 300.0));
        assert_eq!(shade("bars blue", 300.0), Some(Shade::Bar { from: 0.25, to: 1.0, colour: 5 }));
        assert_eq!(shade("bars blue", -50.0), Some(Shade::Bar { from: 0.125, to: 0.25, colour: 5 }));
        assert_eq!(shade("bars blue", 0.0), None);
        assert_eq!(shade("scale high", 300.0), Some(Shade::Heat(1.0)));
        assert_eq!(shade("scale low", 200.0), Some(Shade::Heat(-0.5)));
        assert_eq!(shade("below 0 red", 0.0), None, "the limit itself is not below");
        assert_eq!(shade("below 0 red", -0.1), Some(Shade::Ground(0)));
        assert_eq!(shade("between 1 5 yellow", 5.0), Some(Shade::Ground(2)));
        let alone = Highlight::Scale { high_is_good: true };
        assert_eq!(alone.shade(7.0, (7.0, 7.0)), Some(Shade::Heat(0.0)));
    }
}
