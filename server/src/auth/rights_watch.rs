//! Who must hear that rights have changed, and that they did.

use std::time::Duration;

use tokio::sync::watch;

use crate::store::Store;

/// How often the data file is asked: another process (`equipoise person`) may have changed it.
const EVERY: Duration = Duration::from_millis(500);

/// Tells open connections that somebody's rights may have changed.
pub struct RightsWatch {
    sender: watch::Sender<u64>,
}

impl Default for RightsWatch {
    fn default() -> Self {
        Self { sender: watch::Sender::new(0) }
    }
}

impl RightsWatch {
    /// Moves whenever rights may have changed.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.sender.subscribe()
    }

    /// Has every connection look at once.
    pub fn changed(&self) {
        self.sender.send_modify(|count| *count += 1);
    }

    /// Watches the data file for as long as this future is polled.
    pub async fn run(&self, store: &Store) {
        let mut known = None;
        loop {
            tokio::time::sleep(EVERY).await;
            match store.rights_epoch() {
                Ok(epoch) if known.as_ref() != Some(&epoch) => {
                    if known.replace(epoch).is_some() {
                        self.changed();
                    }
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the data file cannot be asked for changed rights"),
            }
        }
    }
}
