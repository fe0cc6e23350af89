//! Panels beside the grid.
