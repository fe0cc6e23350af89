//! Where a record of a CSV text stands, as an editor counts lines.

/// The line a record begins in. The reader counts from where it stopped before, which lies ahead of any blank lines.
pub(super) fn line_of(text: &str, record: &csv::StringRecord) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let ahead = text.as_bytes().get(position.byte() as usize..).unwrap_or_default();
    let blank = ahead.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
    position.line() + blank.filter(|byte| **byte == b'\n').count() as u64
}
