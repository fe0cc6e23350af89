//! The ways a connection is closed by the server, and what they tell the other side.

/// Why a connection is closed. The codes are WebSocket close codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub code: u16,
    pub reason: String,
}

impl Closing {
    /// The bytes were not acceptable.
    pub fn malformed(reason: impl Into<String>) -> Self {
        Self { code: 4400, reason: reason.into() }
    }

    /// The session has ended.
    pub fn signed_out() -> Self {
        Self { code: 4401, reason: "auth.required".into() }
    }

    /// Not this person's to read or write.
    pub fn forbidden(reason: impl Into<String>) -> Self {
        Self { code: 4403, reason: reason.into() }
    }

    /// The peer reads too slowly, or the workbook must be opened afresh: join again.
    pub fn again(reason: impl Into<String>) -> Self {
        Self { code: 1013, reason: reason.into() }
    }

    /// What it wrote was understood and is not taken; what it holds of the room is not what others hold.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self { code: 4422, reason: reason.into() }
    }

    /// What it holds of the room is of another epoch: it must begin with an empty document.
    pub fn past() -> Self {
        Self { code: 4409, reason: "room.epoch: the room goes on in a fresh document; begin with an empty one".into() }
    }

    /// A frame over the limit.
    pub fn too_large(limit: usize, got: usize) -> Self {
        Self { code: 1009, reason: format!("frame.too_large({limit}, {got})") }
    }

    /// More connections than the workbook can serve.
    pub fn full() -> Self {
        Self { code: 4429, reason: "room.full".into() }
    }

    /// Whether it concerns all that is on the connection.
    pub fn is_of_connection(&self) -> bool {
        matches!(self.code, 1012 | 1013)
    }

    /// The server goes down and will be back.
    pub fn restart() -> Self {
        Self { code: 1012, reason: "server.restart".into() }
    }
}
