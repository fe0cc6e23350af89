//! Learned by `equipoise bench forecast --learn`; not to be changed by hand.

use super::Table;

pub(super) const TABLE: Table = Table { methods: [[0.0; 8]; 9], power: [0.0; 8] };
