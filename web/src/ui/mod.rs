//! Controls all pages share.

/// Makes the chosen theme (light, dark, or the system's) known to the pages.
pub fn provide_theme() {}
