//! The Equipoise interface: a planning workbook in the browser.
//!
//! It is built for wasm32 by Trunk. Natively only the pure rooms of grid and charts are built, for their tests.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

mod address;
#[cfg(target_arch = "wasm32")]
mod api;
#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod branches;
mod brief;
mod calling;
mod charts;
#[cfg(target_arch = "wasm32")]
mod cycle;
mod figures;
mod grid;
mod locale;
#[cfg(target_arch = "wasm32")]
mod pages;
#[cfg(target_arch = "wasm32")]
mod panels;
#[cfg(target_arch = "wasm32")]
mod parts;
#[cfg(target_arch = "wasm32")]
mod refresh;
#[cfg(target_arch = "wasm32")]
mod state;
#[cfg(target_arch = "wasm32")]
mod supply;
#[cfg(target_arch = "wasm32")]
mod sync;
#[cfg(target_arch = "wasm32")]
mod tower;
#[cfg(target_arch = "wasm32")]
mod ui;

/// A download of three kB less than with the standard library's.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {
    #[cfg(target_arch = "wasm32")]
    app::mount();
}
