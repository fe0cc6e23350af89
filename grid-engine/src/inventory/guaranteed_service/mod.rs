//! Where in a supply network to keep safety stock: the guaranteed-service model (Graves & Willems 2000, Manufacturing &
//! Service Operations Management 2(1); Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd ed., 6.5).
//!
//! Every stage quotes a service time within which it surely delivers, and holds the stock that demand over its net lead
//! time (what it waits for, plus its own processing, less what it quotes) may need. Quoting nothing decouples what follows;
//! quoting all passes the waiting on. On networks that are trees a dynamic program finds the cheapest quotes exactly.

mod quotes;
#[cfg(test)]
mod tests;
mod tree;

use quotes::Quotes;
use tree::Tree;

/// A stage: an item at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Buckets it takes from having everything to being done.
    pub processing: u32,
    /// Cost of a unit of stock per bucket.
    pub holding_cost: f64,
    /// Standard deviation of demand per bucket, of all customers it serves in the end.
    pub deviation: f64,
    /// Safety factor: standard deviations that are covered.
    pub safety_factor: f64,
    /// Buckets that suppliers outside the network take.
    pub supplied_within: u32,
    /// Buckets within which customers outside the network are promised delivery; `None` where there are none.
    pub promised_within: Option<u32>,
}

/// What a stage quotes and keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Buckets until its suppliers have delivered.
    pub inbound: u32,
    /// Buckets within which it delivers.
    pub outbound: u32,
    /// Buckets of demand its stock must cover.
    pub net_lead_time: u32,
    pub safety_stock: f64,
    /// Of holding the safety stock, per bucket.
    pub cost: f64,
}

/// Why nothing can be placed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlacementError {
    #[error("there are no stages")]
    Empty,
    #[error("stage {0} has a negative or infinite cost, deviation or safety factor")]
    Invalid(usize),
    #[error("a link leads from or to a stage that is not there")]
    Unknown,
    #[error("the links form no tree: {0}")]
    NotATree(&'static str),
    #[error("the lead times add up to more than {MOST_BUCKETS} buckets: take longer buckets")]
    TooLong,
}

/// The longest lead time through a network, in buckets: the work grows with its square.
const MOST_BUCKETS: u32 = 1_000;

/// The cheapest safety stocks of a network, by stage; `links` lead from supplier to customer.
///
/// ```
/// use grid_engine::inventory::{Stage, place_safety_stock};
/// let stage = |processing, holding_cost, promised_within| Stage {
///     processing, holding_cost, deviation: 1.0, safety_factor: 1.0, supplied_within: 0, promised_within,
/// };
/// // Cheap stock two buckets upstream, dear stock where the customer is served at once.
/// let placed = place_safety_stock(&[stage(2, 1.0, None), stage(2, 10.0, Some(0))], &[(0, 1)])?;
/// assert_eq!((placed[0].outbound, placed[1].net_lead_time), (0, 2));
/// # Ok::<(), grid_engine::inventory::PlacementError>(())
/// ```
///
/// # Errors
/// See [`PlacementError`]. A link too few leaves parts of the network apart: place them one by one.
pub fn place_safety_stock(stages: &[Stage], links: &[(usize, usize)]) -> Result<Vec<Placed>, PlacementError> {
    let tree = Tree::of(stages, links)?;
    let mut quotes = Quotes::of(&tree, stages);
    tree.order.iter().for_each(|stage| quotes.settle(*stage));
    Ok(quotes.cheapest())
}
