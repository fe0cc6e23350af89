//! The browser application is embedded from `web/dist`, which a fresh clone does not have yet.

fn main() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/dist");
    if let Err(error) = std::fs::create_dir_all(&folder) {
        println!("cargo::error=cannot create {}: {error}", folder.display());
    }
    println!("cargo::rerun-if-changed=build.rs");
}
