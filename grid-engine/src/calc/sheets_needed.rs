//! Which sheets the values of some sheets follow from.

use std::collections::{BTreeMap, BTreeSet};

use super::calculation::Calculation;
use super::program::{Program, Reader};
use crate::refs::SheetId;

/// What the formulas of a sheet read.
#[derive(Default)]
struct Needs {
    sheets: BTreeSet<SheetId>,
    /// A reference is computed, or the sheets are counted: any sheet may be meant.
    any: bool,
}

impl Calculation {
    /// These sheets, and all that their values follow from, however far. Where a formula computes what it reads (OFFSET,
    /// INDIRECT) or asks for the number of sheets, that is every sheet.
    pub fn sheets_needed(&self, of: &BTreeSet<SheetId>) -> BTreeSet<SheetId> {
        let mut needs: BTreeMap<SheetId, Needs> = BTreeMap::new();
        for (reader, program) in self.edges.readers() {
            let home = self.store.sheet(program.home.sheet());
            if home.open {
                self.add_needs(reader, program, needs.entry(home.id).or_default());
            }
        }
        let mut needed = of.clone();
        let mut open: Vec<SheetId> = of.iter().copied().collect();
        while let Some(sheet) = open.pop() {
            let Some(Needs { sheets, any }) = needs.get(&sheet) else { continue };
            if *any {
                return self.store.sheets.iter().filter(|sheet| sheet.open).map(|sheet| sheet.id).collect();
            }
            open.extend(sheets.iter().filter(|sheet| needed.insert(**sheet)));
        }
        needed
    }

    fn add_needs(&self, reader: Reader, program: Program<'_>, needs: &mut Needs) {
        let own = self.store.sheet(program.home.sheet()).id;
        for read in self.edges.reads_of(program) {
            needs.sheets.insert(match read {
                Ok(spot) => self.store.sheet(spot.sheet).id,
                Err(range) => range.sheet,
            });
        }
        needs.sheets.extend(program.measures().map(|reference| reference.sheet.unwrap_or(own)));
        if program.reads_tables() {
            let read = self.store.sheets.iter().filter(|sheet| sheet.open && program.reads_table(&sheet.role));
            needs.sheets.extend(read.map(|sheet| sheet.id));
        }
        needs.any |= program.is_volatile() || self.counts_sheets(reader);
    }

    /// Whether a formula asks for a sheet's place or for how many there are.
    fn counts_sheets(&self, reader: Reader) -> bool {
        let counts = |stored: String| ["SHEET(", "SHEETS(", "INFO("].iter().any(|name| stored.contains(name));
        self.edges.positional.contains(&reader) && self.edges.stored(reader, &self.store).is_some_and(counts)
    }
}
