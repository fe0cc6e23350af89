//! Which formulas read what.
//!
//! An edge stands for a cell, a rectangle or a measure, never for each cell of one: a change looks up the
//! readers of its cell, of the rectangles around it and of its measure. Edges to cells and rectangles are threaded
//! through what they lead to, so that each is found, made and taken out at once, however many there are.

use std::collections::BTreeSet;

use super::absent::Absent;
use super::ids::{IdMap, IdSet};
use super::links::{Lead, Link, Links, Target};
use super::paged::Paged;
use super::places::Places;
use super::program::{Home, More, Packed, Program, Reader};
use super::ranges::Ranges;
use super::store::{NONE, Spot, Store};
use crate::formula::{Formula, MeasureRef, RangeRef, Read, References, Shape, Shapes, When};
use crate::refs::{CellRef, MeasureId, SheetId};

/// One formula's interest in a measure.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MeasureEdge {
    pub reader: Reader,
    pub own_row: bool,
    pub when: When,
}

/// All formulas and edges, by what is read.
#[derive(Default)]
pub(super) struct Edges {
    programs: Paged<Option<Packed>>,
    /// What only few formulas have.
    more: IdMap<Reader, More>,
    free: Vec<u32>,
    places: Places,
    links: Links,
    ranges: Ranges,
    absent: Absent,
    shapes: Shapes,
    pub measures: IdMap<(SheetId, MeasureId), Vec<MeasureEdge>>,
    /// Formulas that read tables of the supply model.
    pub tables: IdSet<Reader>,
    /// Formulas to calculate afresh every time.
    pub volatile: BTreeSet<Reader>,
    /// Formulas that read a frozen version.
    pub versions: IdSet<Reader>,
    /// Formulas in which a defined name occurs.
    pub named: IdSet<Reader>,
    /// Formulas that have asked where something stands: another order of rows or columns may change their value.
    pub positional: IdSet<Reader>,
}

impl Edges {
    /// A formula.
    pub(super) fn program(&self, reader: Reader) -> Option<Program<'_>> {
        let packed = self.programs.get(reader.0 as usize)?.as_ref()?;
        let shape = self.shapes.get(packed.shape)?;
        let more = if is_plain(shape) { None } else { self.more.get(&reader) };
        Some(Program { home: self.places.unpack(packed.home).into(), shape, first: packed.first, more })
    }

    /// All formulas.
    pub(super) fn readers(&self) -> impl Iterator<Item = (Reader, Program<'_>)> {
        (0..self.programs.len() as u32).filter_map(|index| Some((Reader(index), self.program(Reader(index))?)))
    }

    /// The stored text of a formula.
    pub(super) fn stored(&self, reader: Reader, store: &Store) -> Option<String> {
        let program = self.program(reader)?;
        let mut cells =
            program.operands().take(program.shape.cell_count()).filter_map(|link| self.cell_of(link, store));
        let ranges: Vec<RangeRef> = (0..).map_while(|index| self.operand_range(program, index)).cloned().collect();
        Some(program.shape.put_together(&mut cells, &ranges))
    }

    /// The cell an edge leads to, whether it is there or not.
    fn cell_of(&self, link: u32, store: &Store) -> Option<CellRef> {
        match self.links.get(link)?.to.lead() {
            Lead::Cell(place) => store.name(self.places.unpack(place)),
            Lead::Range(_) => None,
            Lead::Absent => self.absent.cell(link),
        }
    }

    /// Where a formula's reference to a cell leads; `None` where the cell is not there.
    pub(super) fn operand_spot(&self, program: Program<'_>, index: usize) -> Option<Spot> {
        match self.links.get(program.operands().nth(index)?)?.to.lead() {
            Lead::Cell(place) => Some(self.places.unpack(place)),
            Lead::Range(_) | Lead::Absent => None,
        }
    }

    /// What a formula and its names refer to: cells that are there, and rectangles.
    pub(super) fn reads_of<'a>(&'a self, program: Program<'a>) -> impl Iterator<Item = Result<Spot, &'a RangeRef>> {
        let links = program.operands().chain(program.more.into_iter().flat_map(|more| more.named.iter().copied()));
        links.filter_map(|link| match self.links.get(link)?.to.lead() {
            Lead::Cell(place) => Some(Ok(self.places.unpack(place))),
            Lead::Range(id) => self.ranges.get(id).map(Err),
            Lead::Absent => None,
        })
    }

    /// A rectangle a formula refers to.
    pub(super) fn operand_range(&self, program: Program<'_>, index: usize) -> Option<&RangeRef> {
        let link = program.operands().nth(program.shape.cell_count() + index)?;
        match self.links.get(link)?.to.lead() {
            Lead::Range(id) => self.ranges.get(id),
            Lead::Cell(_) | Lead::Absent => None,
        }
    }

    /// Puts a formula in.
    pub(super) fn link(
        &mut self,
        store: &mut Store,
        home: Home,
        stored: &str,
        names: &IdMap<String, Formula>,
    ) -> Reader {
        let (id, references) = self.shapes.take_apart(stored);
        let reader = match self.free.pop() {
            Some(index) => Reader(index),
            None => {
                self.programs.push(None);
                Reader(self.programs.len() as u32 - 1)
            }
        };
        let first = self.links.take(references.cells.len() + references.ranges.len(), reader);
        let mut links = first..;
        for (&cell, link) in references.cells.iter().zip(&mut links) {
            self.link_cell(store, link, cell);
        }
        for (range, link) in references.ranges.iter().zip(links) {
            self.link_range(link, range);
        }
        if let Some(shape) = self.shapes.get(id).filter(|shape| !is_plain(shape)) {
            let mut more = More::default();
            if !shape.is_code() {
                more.tree = Formula::from_stored(stored).ok();
            }
            let has_names = !shape.names.is_empty();
            let read = named_reads(&shape.names, names, &mut more);
            if has_names {
                self.named.insert(reader);
            }
            for &cell in &read.cells {
                let link = self.links.take(1, reader);
                self.link_cell(store, link, cell);
                more.named.push(link);
            }
            for range in &read.ranges {
                let link = self.links.take(1, reader);
                self.link_range(link, range);
                more.named.push(link);
            }
            self.more.insert(reader, more);
        }
        let packed = Packed { home: self.places.pack(home.into()), shape: id, first };
        if let Some(place) = self.programs.get_mut(reader.0 as usize) {
            *place = Some(packed);
        }
        let own = store.sheet(home.sheet()).id;
        let more = self.more.get(&reader);
        if let Some(program) = self.shapes.get(id).map(|shape| Program { home, shape, first, more }) {
            for reference in program.measures() {
                let edge = MeasureEdge { reader, own_row: reference.own_row, when: reference.when };
                let edges = self.measures.entry(target(own, reference)).or_default();
                // A formula may read a measure itself and through a name.
                if !edges.contains(&edge) {
                    edges.push(edge);
                }
            }
            if program.reads_tables() {
                self.tables.insert(reader);
            }
            if program.reads_versions() {
                self.versions.insert(reader);
            }
            if program.is_volatile() {
                self.volatile.insert(reader);
            }
        }
        reader
    }

    /// Takes a formula out.
    pub(super) fn unlink(&mut self, store: &mut Store, reader: Reader) {
        let Some(packed) = self.programs.get_mut(reader.0 as usize).and_then(Option::take) else { return };
        self.free.push(reader.0);
        let home: Home = self.places.unpack(packed.home).into();
        let own = store.sheet(home.sheet()).id;
        let more = self.more.remove(&reader);
        let mut operands = packed.first..packed.first;
        if let Some(shape) = self.shapes.get(packed.shape) {
            let program = Program { home, shape, first: packed.first, more: more.as_ref() };
            operands = program.operands();
            for reference in program.measures() {
                if let Some(edges) = self.measures.get_mut(&target(own, reference)) {
                    edges.retain(|edge| edge.reader != reader);
                }
            }
        }
        self.shapes.give_back(packed.shape);
        for link in operands.clone() {
            self.take_out(store, link);
        }
        self.links.give_back(operands);
        for link in more.into_iter().flat_map(|more| more.named) {
            self.take_out(store, link);
            self.links.give_back(link..link + 1);
        }
        self.tables.remove(&reader);
        self.versions.remove(&reader);
        self.named.remove(&reader);
        self.volatile.remove(&reader);
        self.positional.remove(&reader);
    }

    fn link_cell(&mut self, store: &mut Store, link: u32, cell: CellRef) {
        let spot = store.locate(cell).filter(|spot| store.sheet(spot.sheet).open);
        match spot {
            Some(spot) => self.attach(store, link, spot),
            None => self.absent.add(link, cell),
        }
    }

    fn link_range(&mut self, link: u32, range: &RangeRef) {
        let id = self.ranges.add(range);
        self.links.put_to(link, Target::range(id));
        self.links.thread(link, self.ranges.head(id));
        self.ranges.set_head(id, link);
    }

    /// Puts an edge in front of the others that lead to a cell.
    fn attach(&mut self, store: &mut Store, link: u32, spot: Spot) {
        self.links.put_to(link, Target::cell(self.places.pack(spot)));
        let head = store.col_mut(spot.sheet, spot.col).reader_mut(spot.slot);
        let first = std::mem::replace(head, link);
        self.links.thread(link, first);
    }

    /// Takes an edge out of the list it is in.
    fn take_out(&mut self, store: &mut Store, link: u32) {
        let Some(&Link { to, after, .. }) = self.links.get(link) else { return };
        let lead = to.lead();
        if matches!(lead, Lead::Absent) {
            return self.absent.remove(link);
        }
        if !self.links.unthread(link) {
            return;
        }
        match lead {
            Lead::Cell(place) => {
                let spot = self.places.unpack(place);
                *store.col_mut(spot.sheet, spot.col).reader_mut(spot.slot) = after;
            }
            Lead::Range(id) => {
                self.ranges.set_head(id, after);
                if after == NONE {
                    self.ranges.remove(id);
                }
            }
            Lead::Absent => {}
        }
    }

    /// The reader at an edge, and the next edge that leads to the same.
    pub(super) fn step(&self, link: u32) -> Option<(Reader, u32)> {
        self.links.step(link)
    }

    /// A cell goes: those who refer to it, who from now on refer to a cell that is not there.
    pub(super) fn lose(&mut self, store: &mut Store, spot: Spot) -> Vec<Reader> {
        let mut link = store.col(spot).reader(spot.slot);
        let Some(cell) = store.name(spot).filter(|_| link != NONE) else { return Vec::new() };
        *store.col_mut(spot.sheet, spot.col).reader_mut(spot.slot) = NONE;
        let mut readers = Vec::new();
        while let Some((reader, after)) = self.step(link) {
            readers.push(reader);
            self.links.put_to(link, Target::ABSENT);
            self.absent.add(link, cell);
            link = after;
        }
        readers
    }

    /// Cells have come that somebody refers to: all who do, of the sheet or of one row of it.
    pub(super) fn find(&mut self, store: &mut Store, sheet: SheetId, row: Option<crate::refs::RowId>) -> Vec<Reader> {
        let mut readers = Vec::new();
        for (link, cell) in self.absent.waiting(sheet, row) {
            let Some(spot) = store.locate(cell) else { continue };
            self.absent.remove(link);
            self.attach(store, link, spot);
            readers.extend(self.step(link).map(|(reader, _)| reader));
        }
        readers
    }

    /// Calls `visit` for every reader of a rectangle around a place.
    pub(super) fn around(
        &mut self,
        store: &Store,
        sheet: u32,
        col: u32,
        rows: &mut dyn Iterator<Item = u32>,
        visit: &mut dyn FnMut(Reader),
    ) {
        let ids = self.ranges.around(store.sheet(sheet), col, rows);
        for id in ids {
            self.links.along(self.ranges.head(id)).for_each(&mut *visit);
        }
    }

    /// Rows or columns of a sheet have moved: its rectangles cover other cells.
    pub(super) fn forget_places(&mut self, sheet: SheetId) {
        self.ranges.forget_places(sheet);
    }

    /// What the rectangles of a sheet cover.
    pub(super) fn ranges_of(&self, sheet: SheetId) -> impl Iterator<Item = (u32, &RangeRef)> {
        self.ranges.of_sheet(sheet)
    }

    /// A rectangle.
    pub(super) fn range(&self, id: u32) -> Option<&RangeRef> {
        self.ranges.get(id)
    }

    /// Everyone who reads a rectangle.
    pub(super) fn range_readers(&self, id: u32) -> impl Iterator<Item = Reader> + '_ {
        self.links.along(self.ranges.head(id))
    }

    /// Everyone who reads measures of the sheet: with `whole`, only those who read all its rows.
    pub(super) fn measure_readers(&self, sheet: SheetId, whole: bool) -> Vec<Reader> {
        let measures = self.measures.iter().filter(|((of, _), _)| *of == sheet);
        measures.flat_map(|(_, edges)| edges).filter(|edge| !whole || !edge.own_row).map(|edge| edge.reader).collect()
    }
}

/// Whether nothing is to be known of a formula besides its shape and what its references lead to.
fn is_plain(shape: &Shape) -> bool {
    shape.is_code() && shape.names.is_empty()
}

/// The measure a reference means in a formula of the sheet `own`.
fn target(own: SheetId, reference: &MeasureRef) -> (SheetId, MeasureId) {
    (reference.sheet.unwrap_or(own), reference.measure)
}

/// What names read, and the names in their formulas; what else calculation must know of them goes into `more`.
fn named_reads(used: &[String], names: &IdMap<String, Formula>, more: &mut More) -> References {
    let mut references = References::default();
    let mut open: Vec<String> = used.to_vec();
    let mut seen: IdSet<String> = open.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let Some(formula) = names.get(&name) else { continue };
        more.pending |= formula.is_pending();
        more.versions |= formula.reads_versions();
        for read in formula.reads() {
            match read {
                Read::Cell(cell) => references.cells.push(cell),
                Read::Range(range) => references.ranges.push(range),
                Read::Measure(reference) => more.measures.push(reference),
                Read::Table(role) => more.tables.push(role),
                Read::Volatile => more.volatile = true,
                Read::Name(name) => {
                    let name = name.to_lowercase();
                    if seen.insert(name.clone()) {
                        open.push(name);
                    }
                }
            }
        }
    }
    references
}
