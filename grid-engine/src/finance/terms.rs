//! What is owed because it is paid later than it is invoiced.

/// What is outstanding at the close of every bucket, where everything is paid `terms` days after its invoice.
///
/// Invoices are spread evenly over the days of their bucket, so at a close the last `terms` days of them are outstanding:
/// whole buckets, and of the one in which these days begin the share that lies within them. What was outstanding at the
/// beginning comes of invoices spread evenly over the `terms` days before it, and is paid off evenly in as many days;
/// without terms it is paid in the first bucket. `days` are those of the buckets.
///
/// ```
/// # use grid_engine::finance::outstanding;
/// // Months of 30 days, 45 days of terms: all of the last month and half of the one before.
/// assert_eq!(outstanding(90.0, &[60.0, 80.0], &[30.0, 30.0], 45.0), [90.0 / 3.0 + 60.0, 80.0 + 60.0 / 2.0]);
/// ```
pub fn outstanding(opening: f64, invoiced: &[f64], days: &[f64], terms: f64) -> Vec<f64> {
    let terms = terms.max(0.0);
    let mut elapsed = 0.0;
    (0..invoiced.len())
        .map(|close| {
            elapsed += days[close];
            let of_opening = if terms > elapsed { opening * (terms - elapsed) / terms } else { 0.0 };
            let mut left = terms;
            let recent = (0..=close).rev().map(|bucket| {
                let share = if days[bucket] > 0.0 { (left / days[bucket]).clamp(0.0, 1.0) } else { 0.0 };
                left -= days[bucket];
                invoiced[bucket] * share
            });
            of_opening + recent.sum::<f64>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_of_nothing_leave_nothing_outstanding() {
        assert_eq!(outstanding(50.0, &[10.0, 20.0], &[30.0, 30.0], 0.0), [0.0, 0.0]);
        assert_eq!(outstanding(50.0, &[], &[], 30.0), [0.0; 0]);
    }

    /// 75 days over months of 30: 45 of the first 75 days are left of the opening at the first close, 15 at the second.
    #[test]
    fn long_terms_reach_back_over_several_buckets() {
        let closes = outstanding(75.0, &[30.0, 60.0, 90.0], &[30.0; 3], 75.0);
        assert_eq!(closes, [45.0 + 30.0, 15.0 + 60.0 + 30.0, 90.0 + 60.0 + 15.0]);
    }

    #[test]
    fn a_steady_business_owes_the_same_at_every_close() {
        // 10 a day at 40 days of terms is 400, whatever the months' lengths.
        let days = [31.0, 28.0, 31.0, 30.0];
        for close in outstanding(400.0, &days.map(|days| days * 10.0), &days, 40.0) {
            assert!((close - 400.0).abs() < 1e-9, "{close}");
        }
    }
}
