//! Who is here, and where: the awareness of the room `book`.

use std::collections::BTreeMap;

use grid_engine::refs::{ColId, PersonId, RowId, SheetId};
use serde::{Deserialize, Serialize};

/// Where a person is. It is sent as the JSON of y-protocol awareness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub person: PersonId,
    pub name: String,
    /// CSS colour of the person's cursor.
    pub colour: String,
    #[serde(default)]
    pub sheet: Option<SheetId>,
    #[serde(default)]
    pub row: Option<RowId>,
    #[serde(default)]
    pub col: Option<ColId>,
    /// Whether the cell is being edited.
    #[serde(default)]
    pub editing: bool,
}

/// Someone else in the workbook: a person in one browser window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    pub client: u64,
    pub place: Place,
}

/// A peer that has said nothing for this long is gone.
const GONE_AFTER_MS: f64 = 40_000.0;

/// Everyone's places.
#[derive(Default)]
pub struct Presence {
    /// By client: clock, when last heard (milliseconds), place.
    known: BTreeMap<u64, (u32, f64, Option<Place>)>,
}

impl Presence {
    /// Takes what a frame said of other clients. Returns whether anything visible changed.
    pub fn hear(&mut self, own: u64, said: Vec<(u64, u32, String)>, now: f64) -> bool {
        let before = self.peers();
        for (client, clock, json) in said {
            if client == own {
                continue;
            }
            let old = self.known.get(&client).map_or(0, |known| known.0);
            let place = serde_json::from_str::<Option<Place>>(&json).ok().flatten();
            // A leaving client repeats its clock with `null`.
            if clock > old || (clock == old && (place.is_none() || old == 0)) {
                self.known.insert(client, (clock, now, place));
            } else if let Some(known) = self.known.get_mut(&client) {
                known.1 = now;
            }
        }
        self.peers() != before
    }

    /// Forgets those not heard of for a while. Returns whether anyone went.
    pub fn forget_silent(&mut self, now: f64) -> bool {
        let before = self.known.len();
        self.known.retain(|_, known| now - known.1 < GONE_AFTER_MS);
        self.known.len() != before
    }

    /// Forgets everyone, e.g. when the connection is lost.
    pub fn clear(&mut self) {
        self.known.clear();
    }

    /// Everyone here now.
    pub fn peers(&self) -> Vec<Peer> {
        self.known
            .iter()
            .filter_map(|(&client, (_, _, place))| place.clone().map(|place| Peer { client, place }))
            .collect()
    }
}
