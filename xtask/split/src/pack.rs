//! Packing files once, as tightly as gzip's format allows.

use std::error::Error;
use std::path::{Path, PathBuf};

/// Writes `name.gz` beside each file of a folder: a twentieth smaller than what gzip itself makes.
pub fn pack(folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    // The largest first, so that all threads end at about the same time.
    files.sort_by_key(|file| std::cmp::Reverse(file.metadata().map_or(0, |about| about.len())));
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || -> std::io::Result<()> {
        while let Some(file) = files.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            one(file)?;
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, Into::into);
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for thread in started {
            thread.join().map_err(|_| "packing failed")??;
        }
        Ok(())
    })
}

fn one(file: &Path) -> std::io::Result<()> {
    let mut packed = Vec::new();
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, &std::fs::read(file)?[..], &mut packed)?;
    let mut name = file.as_os_str().to_owned();
    name.push(".gz");
    std::fs::write(name, packed)
}
