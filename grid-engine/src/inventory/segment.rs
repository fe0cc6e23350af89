//! Which items matter (ABC, by value) and which are hard to foresee (XYZ, by variation).

use serde::{Deserialize, Serialize};

/// Class by share of total value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Abc {
    /// The few that make the first 80 %.
    A,
    /// Those that make the next 15 %.
    B,
    /// The many that make the rest, and all without value.
    C,
}

/// Class by variation of demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Xyz {
    /// Steady: standard deviation at most half the mean.
    X,
    /// Varying: at most the mean.
    Y,
    /// Erratic, or never demanded.
    Z,
}

/// Classes of items by their values (revenue or cost of what was sold), in the items' order.
///
/// An item belongs to the class in which its share of the cumulated value begins, so the largest is always A.
///
/// ```
/// use grid_engine::inventory::{Abc, abc};
/// assert_eq!(abc(&[15.0, 75.0, 4.0, 6.0]), [Abc::A, Abc::A, Abc::C, Abc::B]);
/// ```
pub fn abc(values: &[f64]) -> Vec<Abc> {
    let worth = |at: usize| if values[at].is_finite() { values[at].max(0.0) } else { 0.0 };
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| worth(*b).total_cmp(&worth(*a)));
    let total: f64 = order.iter().map(|at| worth(*at)).sum();
    let mut classes = vec![Abc::C; values.len()];
    let mut before = 0.0;
    for at in order {
        if worth(at) > 0.0 {
            classes[at] = match before / total {
                share if share < 0.80 => Abc::A,
                share if share < 0.95 => Abc::B,
                _ => Abc::C,
            };
        }
        before += worth(at);
    }
    classes
}

/// The class of one item by its demand per bucket; zero buckets count.
///
/// ```
/// use grid_engine::inventory::{Xyz, xyz};
/// assert_eq!(xyz(&[10.0, 12.0, 11.0]), Xyz::X);
/// assert_eq!(xyz(&[0.0, 30.0, 0.0]), Xyz::Z);
/// ```
pub fn xyz(demand: &[f64]) -> Xyz {
    let count = demand.len() as f64;
    let mean = demand.iter().sum::<f64>() / count;
    let deviation = (demand.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    match deviation / mean {
        variation if !variation.is_finite() || mean <= 0.0 => Xyz::Z,
        variation if variation <= 0.5 => Xyz::X,
        variation if variation <= 1.0 => Xyz::Y,
        _ => Xyz::Z,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_item_is_a_and_worthless_ones_are_c() {
        assert_eq!(abc(&[3.0]), [Abc::A]);
        assert_eq!(abc(&[0.0, 0.0]), [Abc::C, Abc::C]);
        assert_eq!(abc(&[]), []);
        assert_eq!(abc(&[f64::NAN, 1.0]), [Abc::C, Abc::A]);
    }

    #[test]
    fn no_demand_is_z() {
        assert_eq!(xyz(&[]), Xyz::Z);
        assert_eq!(xyz(&[0.0, 0.0]), Xyz::Z);
        assert_eq!(xyz(&[1.0, 2.0, 3.0, 0.0]), Xyz::Y);
    }

    /// Deviations of 0.49, 0.51, 0.99 and 1.01 of the mean; shares of value that begin at 80 and 95 % are the next class's.
    #[test]
    fn classes_end_where_they_say() {
        let varying = |share: f64| xyz(&[100.0 * (1.0 - share), 100.0 * (1.0 + share)]);
        assert_eq!([0.49, 0.51, 0.99, 1.01].map(varying), [Xyz::X, Xyz::Y, Xyz::Y, Xyz::Z]);
        assert_eq!(abc(&[80.0, 15.0, 5.0]), [Abc::A, Abc::B, Abc::C]);
        assert_eq!(abc(&[79.0, 15.0, 6.0]), [Abc::A, Abc::A, Abc::B]);
    }
}
