//! Whatever the engine's own operations write is admitted: step by step, and all at once after a time without a connection.

use std::collections::BTreeMap;

use grid_engine::calendar::Horizon;
use grid_engine::doc::{
    Accepts, Aggregate, Documents, Edit, Guard, Input, Measure, MeasureKind, Merge, NumberFormat, Op, SheetInfo,
    SheetKind, SheetMeta, Span, TabColour, Validation, position,
};
use grid_engine::refs::{CellRef, ColId, Id, MeasureId, PersonId, RoomId, RowId, SheetId};
use grid_engine::wire::{Locks, Me, Role};
use proptest::prelude::*;

use super::check;

const NAMES: [&str; 9] = ["Reserve", "reserve", "Uplift", "Größe", "R\u{e9}gion 2", "A1", "TRUE", "", "a\u{7}b"];
/// As they are stored: what is typed is read before it is written.
const FORMULAS: [&str; 4] = ["=1", "=1+2", "=SUM(1,2)", "no formula"];

fn person() -> PersonId {
    PersonId::named("ada").unwrap()
}

fn sheet(id: &str) -> SheetId {
    SheetId::named(id).unwrap()
}

fn info(id: &str, title: &str, kind: SheetKind, role: &str) -> SheetInfo {
    SheetInfo {
        id: sheet(id),
        title: title.into(),
        kind,
        position: position::between(None, None),
        role: role.into(),
        group: String::new(),
        hidden: false,
        published: false,
        colour: None,
    }
}

fn meta(info: &SheetInfo, horizon: Option<Horizon>) -> SheetMeta {
    let (kind, title) = (info.kind, info.title.clone());
    SheetMeta { kind, title, epoch: 0, horizon, partition: None, parts: BTreeMap::new() }
}

fn measure(name: &str, kind: MeasureKind) -> Measure {
    Measure {
        id: MeasureId(Id::of_name(name)),
        name: name.into(),
        timed: kind != MeasureKind::Key,
        kind,
        span: Span::All,
        merge: Merge::Override,
        aggregate: Aggregate::Sum,
        format: NumberFormat::Whole,
        unit: String::new(),
        order: 1,
        help: String::new(),
    }
}

/// The server's documents and a browser's, with a planning sheet and a free one.
struct Two {
    server: Documents,
    browser: Documents,
    me: Me,
}

impl Two {
    fn new() -> Self {
        let (mut server, mut browser) = (Documents::new(1), Documents::new(2));
        for documents in [&mut server, &mut browser] {
            documents.open_room(RoomId::Book, &[]).unwrap();
        }
        let demand = info("demand", "Demand", SheetKind::Planning, "demand");
        let month = |text: &str| text.parse().unwrap();
        let horizon = Horizon { first: month("2026-01"), current: month("2026-02"), last: month("2026-04") };
        let put = |measure| Op::PutMeasure { sheet: sheet("demand"), measure };
        let notes = info("notes", "Notes", SheetKind::Free, "");
        let cols = ["a", "b"].map(|col| ColId::fixed(MeasureId::named(col).unwrap())).to_vec();
        let rows = ["r1", "r2"].map(|row| row.parse().unwrap()).to_vec();
        let ops = vec![
            Op::PutSheet { meta: meta(&demand, Some(horizon)), info: demand },
            put(measure("Item", MeasureKind::Key)),
            put(measure("History", MeasureKind::Layer)),
            put(measure("Uplift", MeasureKind::Input)),
            Op::PutSheet { meta: meta(&notes, None), info: notes },
            Op::InsertCols { sheet: sheet("notes"), after: None, cols },
            Op::InsertRows { sheet: sheet("notes"), part: None, after: None, rows },
        ];
        server.apply(&Edit { by: person(), at: 1, why: None, ops }).unwrap();
        for room in server.known_rooms() {
            let state = server.encode_state(room, None).unwrap();
            if room == RoomId::Book {
                browser.apply_update(room, &state).unwrap();
            } else {
                browser.open_room(room, &state).unwrap();
            }
        }
        let me = Me {
            person: person(),
            name: "Ada".into(),
            role: Role::Admin,
            scope: Vec::new(),
            colour: String::new(),
            may_freeze: true,
            may_mark_consensus: true,
            may_read_live: true,
        };
        Self { server, browser, me }
    }

    /// Brings the server what it lacks of a room, as one update.
    fn send(&mut self, room: RoomId) -> Result<(), String> {
        if !self.server.has_room(room) {
            self.server.open_room(room, &[]).unwrap();
        }
        let known = self.server.state_vector(room);
        let update = self.browser.encode_state(room, known.as_deref()).unwrap();
        let examined = self.server.examine(room, &update).map_err(|unfit| unfit.to_string())?;
        let touches = &examined.touches;
        check(&self.me, self.server.mirror(), &Locks::default(), room, touches)
            .map_err(|refused| format!("{}: {} ({touches:?})", refused.code, refused.message))?;
        self.server.stage(room, examined);
        self.server.apply_staged(room).unwrap();
        Ok(())
    }

    fn has_rule(&self, col: ColId) -> bool {
        let notes = self.server.mirror().sheet(sheet("notes"));
        notes.is_some_and(|notes| notes.validation(col.measure).is_some())
    }

    /// What a person does in a dialog, as the dice say; it need not be possible.
    fn deed(&self, what: u8, name: usize, pick: usize) -> Vec<Op> {
        let mirror = self.browser.mirror();
        let (demand, notes) = (sheet("demand"), sheet("notes"));
        let text = NAMES[name % NAMES.len()];
        let formula = FORMULAS[pick % FORMULAS.len()];
        let cols = mirror.sheet(notes).map_or(&[][..], |sheet| sheet.cols());
        let rows = mirror.sheet(notes).map_or(&[][..], |sheet| sheet.rows());
        let col = cols.get(pick % cols.len().max(1)).copied();
        let place = rows.get(name % rows.len().max(1)).zip(col).map(|(&row, col)| CellRef { sheet: notes, row, col });
        let changed = |change: &dyn Fn(&mut SheetInfo)| {
            let mut info = mirror.sheets()[pick % mirror.sheets().len()].clone();
            change(&mut info);
            // Only a free sheet's own title is written with it, as the menu of a tab does.
            let known = mirror.sheet(info.id).map(|sheet| sheet.meta().clone());
            let known = known.unwrap_or_else(|| meta(&info, None));
            let title = if info.kind == SheetKind::Free { info.title.clone() } else { known.title.clone() };
            vec![Op::PutSheet { info, meta: SheetMeta { title, ..known } }]
        };
        let measures = mirror.sheet(demand).map_or(&[][..], |sheet| sheet.measures());
        let picked = measures.get(pick % measures.len().max(1)).cloned();
        let put = |measure| vec![Op::PutMeasure { sheet: demand, measure }];
        match what {
            0 => changed(&|info| info.title = text.into()),
            1 => changed(&|info| info.hidden = !info.hidden),
            2 => changed(&|info| info.colour = Some(TabColour::Teal)),
            3 => {
                let info = info(&format!("s{}", pick % 3), text, SheetKind::Free, "");
                vec![Op::PutSheet { meta: meta(&info, None), info }]
            }
            4 => put(Measure { unit: text.into(), ..measure(text, MeasureKind::Input) }),
            5 => put(measure(text, MeasureKind::Formula(formula.into()))),
            6 => picked.map_or_else(Vec::new, |found| put(Measure { name: text.into(), help: text.into(), ..found })),
            7 => picked.map_or_else(Vec::new, |found| {
                let merges = [Merge::Override, Merge::Additive, Merge::Allocation { within: Some(measures[0].id) }];
                let merge = merges[name % merges.len()];
                let open = matches!(found.kind, MeasureKind::Input | MeasureKind::Formula(_));
                let kind = if !open {
                    found.kind.clone()
                } else if merge == Merge::Override {
                    MeasureKind::Formula(formula.into())
                } else {
                    MeasureKind::Input
                };
                put(Measure { kind, merge, ..found })
            }),
            8 => picked.map_or_else(Vec::new, |found| vec![Op::DeleteMeasure { sheet: demand, measure: found.id }]),
            9 => vec![Op::SetName { name: text.into(), formula: (name > 2).then(|| formula.into()) }],
            10 => place.map_or_else(Vec::new, |cell| {
                vec![Op::SetNote { cell, text: (name > 1).then(|| format!("{text}\nin two lines").into()) }]
            }),
            11 | 12 => {
                let accepts = [
                    Accepts::Number { least: Some(pick as f64 - 3.0), most: Some(1.0) },
                    Accepts::List(vec![text.to_owned(); pick]),
                    Accepts::Text { longest: pick },
                ];
                let (accepts, message) = (accepts[name % accepts.len()].clone(), text.to_owned());
                let rule =
                    (pick > 0).then_some(Validation { accepts, strict: true, message, highlight: String::new() });
                match (what, col, picked) {
                    (11, Some(col), _) => vec![Op::SetValidation { sheet: notes, measure: col.measure, rule }],
                    (12, _, Some(found)) => vec![Op::SetValidation { sheet: demand, measure: found.id, rule }],
                    _ => Vec::new(),
                }
            }
            13 => {
                let fresh = ColId::fixed(MeasureId::named(&format!("c{pick}")).unwrap());
                vec![Op::InsertCols { sheet: notes, after: col, cols: vec![fresh] }]
            }
            14 => col.map_or_else(Vec::new, |col| vec![Op::DeleteCols { sheet: notes, cols: vec![col] }]),
            15 => {
                let rows: Vec<RowId> = vec![format!("n{pick}").parse().unwrap()];
                vec![Op::InsertRows { sheet: notes, part: None, after: None, rows }]
            }
            16 => rows.first().map_or_else(Vec::new, |&row| vec![Op::DeleteRows { sheet: notes, rows: vec![row] }]),
            17 => {
                let deleted = mirror.sheet(notes).map_or_else(Vec::new, |sheet| sheet.deleted_rows());
                vec![Op::RestoreRows { sheet: notes, rows: deleted.into_iter().map(|(row, _)| row).collect() }]
            }
            // A cell is judged by the rule that stands here when it arrives.
            _ => place.filter(|cell| !self.has_rule(cell.col)).map_or_else(Vec::new, |cell| {
                vec![Op::SetCell { cell, input: Some(Input::Number(pick as f64)), guard: Guard::Always }]
            }),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn what_the_engine_itself_writes_is_admitted(
        deeds in prop::collection::vec((0_u8..21, 0_usize..9, 0_usize..8, prop::bool::weighted(0.6)), 1..24)
    ) {
        let mut two = Two::new();
        let mut made = 0;
        for (what, name, pick, is_online) in deeds {
            if what == 20 {
                two.browser.undo(person(), 3);
            } else {
                let ops = two.deed(what, name, pick);
                made += usize::from(two.browser.apply(&Edit { by: person(), at: 2, why: None, ops }).is_ok());
            }
            for room in if is_online { two.browser.known_rooms() } else { Vec::new() } {
                let sent = two.send(room);
                prop_assert!(sent.is_ok(), "{room}, after {made}: {sent:?}");
            }
        }
        for room in two.browser.known_rooms() {
            let sent = two.send(room);
            prop_assert!(sent.is_ok(), "{room}, at the end, {made} made: {sent:?}");
        }
        prop_assert_eq!(format!("{:?}", two.server.mirror()), format!("{:?}", two.browser.mirror()));
    }
}
