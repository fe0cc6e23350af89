//! What records may say: the same checks for an edit that is made here and for an update that arrives.
//!
//! A part of a record that stands as it stood before is not judged again, so that what older programs let in can be
//! kept, moved and hidden. Fields that this program does not know are nobody's business here: a newer browser writes
//! them, an older one passes them over; what they may hold is bounded by the screen of the bytes.

use super::examine::Unfit;
use super::schema::{Input, Measure, MeasureKind, Merge, SheetInfo};
use super::screen::MAX_TEXT;
use super::validation::{Accepts, MAX_LIST, Validation};
use crate::refs::MeasureId;
use crate::refs::a1::is_name;
use crate::value::is_unseen;

/// Longest title of a sheet, name of a measure, defined name, unit.
const MAX_NAME: usize = 100;
/// Longest position of a tab: each sheet that comes between two others adds a character at most.
const MAX_POSITION: usize = 256;
/// What documents of today look like; a reader refuses a later one.
pub(super) const SCHEMA_VERSION: f64 = 1.0;

fn unfit(code: &'static str, reason: String) -> Result<(), Unfit> {
    Err(Unfit { code, reason })
}

/// A sheet's entry in the list of sheets. `before`: as it is listed now; `is_taken`: whether another sheet has its title.
///
/// # Errors
/// `sheet.title`, `sheet.kind`, `sheet.role`, `sheet.place`: what is wrong, and what to do.
pub fn check_sheet(info: &SheetInfo, before: Option<&SheetInfo>, is_taken: bool) -> Result<(), Unfit> {
    if before.is_none_or(|before| before.title != info.title) {
        check_title(&info.title, is_taken)?;
    }
    if before.is_some_and(|before| before.kind != info.kind) {
        return unfit(
            "sheet.kind",
            format!("“{}” stays the kind of sheet it is: add another sheet instead", info.title),
        );
    }
    if before.is_some_and(|before| before.role != info.role) {
        return unfit("sheet.role", format!("what “{}” is for stays as it is: add another sheet instead", info.title));
    }
    if before.is_none_or(|before| before.group != info.group) && !info.group.is_empty() {
        check_name("sheet.title", &info.group)?;
    }
    if info.position.len() > MAX_POSITION || info.position.chars().any(char::is_control) {
        return unfit("sheet.place", format!("“{}” has no place among the tabs: move it anew", info.title));
    }
    Ok(())
}

/// The title of a sheet.
///
/// # Errors
/// `sheet.title`.
pub fn check_title(title: &str, is_taken: bool) -> Result<(), Unfit> {
    check_name("sheet.title", title)?;
    if is_taken {
        return unfit("sheet.title", format!("there is a sheet “{title}” already: choose another title"));
    }
    Ok(())
}

/// What a measure is. `before`: as it stands now; `is_taken`: whether another measure of the sheet has its name;
/// `is_key`: whether a measure is one of the sheet's keys.
///
/// # Errors
/// `measure.name`, `measure.kind`, `measure.merge`, `measure.formula`, `measure.text`.
pub fn check_measure(
    measure: &Measure,
    before: Option<&Measure>,
    is_taken: bool,
    is_key: &dyn Fn(MeasureId) -> bool,
) -> Result<(), Unfit> {
    let name = &measure.name;
    let unfit = |code, reason: &str| unfit(code, format!("{name}: {reason}"));
    if before.is_none_or(|before| before.name != *name) {
        check_name("measure.name", name)?;
        if is_taken {
            return unfit("measure.name", "the sheet has a measure of that name already");
        }
    }
    match &measure.kind {
        MeasureKind::Formula(text) if !text.starts_with('=') => {
            return unfit("measure.formula", "a formula starts with =");
        }
        MeasureKind::Formula(text) if text.len() >= MAX_TEXT => {
            return unfit("measure.formula", "its formula is too long");
        }
        MeasureKind::Key if measure.timed => return unfit("measure.kind", "a key has no time buckets"),
        _ => {}
    }
    let is_entered = measure.kind == MeasureKind::Input;
    // Rows are known by their keys, and layers come from outside.
    let stays = |kind: &MeasureKind| matches!(kind, MeasureKind::Key | MeasureKind::Layer);
    if before.is_some_and(|before| before.kind != measure.kind && (stays(&before.kind) || stays(&measure.kind))) {
        return unfit("measure.kind", "keys and imported figures stay what they are: add another measure instead");
    }
    match measure.merge {
        Merge::Override => {}
        Merge::Additive if !is_entered => return unfit("measure.merge", "only entered measures can be additive"),
        Merge::Allocation { .. } if !is_entered => {
            return unfit("measure.merge", "only entered measures can be shares of a whole");
        }
        Merge::Allocation { within: Some(key) } if !is_key(key) => {
            return unfit("measure.merge", "shares are of all rows, or of those with the same value in a key");
        }
        Merge::Additive | Merge::Allocation { .. } => {}
    }
    let is_fit = |text: &str, max: usize| text.len() <= max && !text.chars().any(is_unseen);
    let is_other = |part: fn(&Measure) -> &String| before.is_none_or(|before| part(before) != part(measure));
    if is_other(|measure| &measure.unit) && !is_fit(&measure.unit, MAX_NAME)
        || is_other(|measure| &measure.help) && !is_fit(&measure.help, MAX_TEXT)
    {
        return unfit("measure.text", "its unit or what it means is too long, or has characters that cannot be seen");
    }
    Ok(())
}

/// What cells accept.
///
/// # Errors
/// `rule.form`.
pub fn check_rule(rule: &Validation) -> Result<(), Unfit> {
    let makes_sense = match &rule.accepts {
        Accepts::Number { least, most } | Accepts::Whole { least, most } => {
            let are_finite = least.iter().chain(most).all(|limit| limit.is_finite());
            are_finite && least.zip(*most).is_none_or(|(least, most)| least <= most)
        }
        Accepts::List(values) => (1..=MAX_LIST).contains(&values.len()),
        Accepts::Text { longest } => *longest > 0,
        Accepts::Any => true,
    };
    if !makes_sense {
        return unfit("rule.form", "nothing could be entered by this rule".to_owned());
    }
    if rule.message.chars().chain(rule.highlight.chars()).any(is_unseen) {
        return unfit("rule.form", "what the rule says has characters that cannot be seen".to_owned());
    }
    Ok(())
}

/// A defined name and the stored formula it stands for; one that formulas cannot write may still be taken away.
///
/// # Errors
/// `name.form`, `name.formula`.
pub fn check_definition(name: &str, formula: Option<&str>) -> Result<(), Unfit> {
    let Some(formula) = formula else {
        return if name.is_empty() { check_name("name.form", name) } else { Ok(()) };
    };
    check_name("name.form", name)?;
    if !formula.starts_with('=') {
        return unfit("name.formula", "a formula starts with =".to_owned());
    }
    if formula.len() > MAX_TEXT {
        return unfit("name.formula", format!("a formula has at most {MAX_TEXT} bytes, this one {}", formula.len()));
    }
    if !is_name(name) {
        return unfit(
            "name.form",
            format!("{name} cannot be a name: letters, digits, . and _ after a letter or _, and no cell such as Q4"),
        );
    }
    Ok(())
}

/// The text of a note.
///
/// # Errors
/// `note.text`.
pub fn check_note(text: &str) -> Result<(), Unfit> {
    if text.len() > MAX_TEXT {
        return unfit("note.text", format!("a text has at most {MAX_TEXT} bytes here, this one {}", text.len()));
    }
    if text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t')) {
        return unfit("note.text", "a note has no control characters: write it anew".to_owned());
    }
    Ok(())
}

/// A key of a free sheet's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setting {
    /// What the document looks like.
    Schema,
    Kind,
    Title,
    /// What planning sheets have, and comes with an import.
    Horizon,
    Partition,
}

impl Setting {
    pub(super) fn parse(key: &str) -> Option<Self> {
        Some(match key {
            "schema" => Self::Schema,
            "kind" => Self::Kind,
            "title" => Self::Title,
            "horizon" => Self::Horizon,
            "partition" => Self::Partition,
            _ => return None,
        })
    }

    /// What a free sheet may say of itself. `before`: its title as it stands. That no two have the same is judged where
    /// they are listed.
    ///
    /// # Errors
    /// `sheet.title`, `sheet.kind`.
    pub fn check(self, to: &Input, before: &str) -> Result<(), Unfit> {
        match (self, to) {
            (Self::Schema, Input::Number(version)) if *version == SCHEMA_VERSION => Ok(()),
            (Self::Kind, Input::Text(kind)) if **kind == *"free" => Ok(()),
            (Self::Title, Input::Text(title)) if **title == *before => Ok(()),
            (Self::Title, Input::Text(title) | Input::Formula(title)) => check_title(title, false),
            (Self::Title, _) => unfit("sheet.title", "a title is a text".to_owned()),
            _ => unfit("sheet.kind", "a free sheet stays one, and has no other settings".to_owned()),
        }
    }
}

fn check_name(code: &'static str, name: &str) -> Result<(), Unfit> {
    let is_hidden = |character: char| character.is_control() || is_unseen(character);
    if name.trim().is_empty() || name.len() > MAX_NAME || name.chars().any(is_hidden) {
        let shown: String = name.chars().take(MAX_NAME).collect();
        let reason = format!("a name has 1 to {MAX_NAME} bytes and no control or invisible characters: {shown:?}");
        return unfit(code, reason);
    }
    Ok(())
}

/// A name as formulas tell it from others: case does not count.
pub fn name_key(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::replicas::{id, measure};
    use super::*;
    use crate::doc::SheetKind;

    fn info(title: &str) -> SheetInfo {
        SheetInfo {
            id: id("notes"),
            title: title.into(),
            kind: SheetKind::Free,
            position: "a0".into(),
            role: String::new(),
            group: String::new(),
            hidden: false,
            published: false,
            colour: None,
        }
    }

    fn code(found: Result<(), Unfit>) -> &'static str {
        found.map_or_else(|unfit| unfit.code, |()| "")
    }

    #[test]
    fn titles_are_short_seen_and_nobody_elses() {
        let long = "x".repeat(101);
        let cases: [(&str, bool, &str); 10] = [
            ("Notes", false, ""),
            ("Größe & Maß (2026)", false, ""),
            ("Notes", true, "sheet.title"),
            ("", false, "sheet.title"),
            ("  ", false, "sheet.title"),
            ("a\u{7}b", false, "sheet.title"),
            ("a\nb", false, "sheet.title"),
            ("a\u{200b}b", false, "sheet.title"),
            ("a\u{202e}b", false, "sheet.title"),
            (&long, false, "sheet.title"),
        ];
        for (title, is_taken, expected) in cases {
            assert_eq!(code(check_sheet(&info(title), None, is_taken)), expected, "{title:?}");
        }
    }

    #[test]
    fn sheets_stay_what_they_are_and_keep_what_was_let_in_before() {
        let before = info("a\u{7}b");
        let planning = SheetInfo { kind: SheetKind::Planning, ..before.clone() };
        let role = SheetInfo { role: "demand".into(), ..before.clone() };
        let group = SheetInfo { group: "\u{1b}[2J".into(), ..before.clone() };
        let nowhere = SheetInfo { position: "a".repeat(300), ..before.clone() };
        let hidden = SheetInfo { hidden: true, ..before.clone() };
        for (to, expected) in [
            (planning, "sheet.kind"),
            (role, "sheet.role"),
            (group, "sheet.title"),
            (nowhere, "sheet.place"),
            (info("c\u{7}d"), "sheet.title"),
            (hidden, ""),
        ] {
            assert_eq!(code(check_sheet(&to, Some(&before), false)), expected, "{to:?}");
        }
        assert_eq!(code(check_sheet(&before, Some(&before), true)), "", "two that were called the same at one moment");
    }

    #[test]
    fn measures_are_named_and_of_a_kind() {
        let input = || measure("Reserve", MeasureKind::Input, 1);
        let formula = |text: &str| measure("Reserve", MeasureKind::Formula(text.into()), 1);
        let (key, layer) = (measure("Item", MeasureKind::Key, 0), measure("History", MeasureKind::Layer, 0));
        let shares = |within: &str| Merge::Allocation { within: Some(id(within)) };
        let of = |kind: MeasureKind, before: &Measure| Measure { kind, timed: false, ..before.clone() };
        let (known, calculated) = (input(), formula("=1"));
        let cases: [(Measure, Option<&Measure>, &str); 21] = [
            (input(), None, ""),
            (formula("=1"), None, ""),
            (measure("", MeasureKind::Input, 1), None, "measure.name"),
            (measure("a\tb", MeasureKind::Input, 1), None, "measure.name"),
            (measure(&"x".repeat(4000), MeasureKind::Input, 1), None, "measure.name"),
            (formula("1+1"), None, "measure.formula"),
            (formula(&format!("={}", "1+".repeat(4000))), None, "measure.formula"),
            (Measure { merge: Merge::Additive, ..formula("=1") }, None, "measure.merge"),
            (Measure { merge: shares("item"), ..formula("=1") }, None, "measure.merge"),
            (Measure { merge: shares("item"), ..input() }, None, ""),
            (Measure { merge: shares("reserve"), ..input() }, None, "measure.merge"),
            (Measure { timed: true, ..key.clone() }, None, "measure.kind"),
            (of(MeasureKind::Input, &key), Some(&key), "measure.kind"),
            (of(MeasureKind::Key, &input()), Some(&known), "measure.kind"),
            (of(MeasureKind::Input, &layer), Some(&layer), "measure.kind"),
            (of(MeasureKind::Layer, &input()), Some(&known), "measure.kind"),
            (formula("=1"), Some(&known), ""),
            (input(), Some(&calculated), ""),
            (Measure { unit: "x".repeat(101), ..input() }, None, "measure.text"),
            (Measure { help: "a\u{0}b".into(), ..input() }, None, "measure.text"),
            (Measure { help: "Two\nlines".into(), ..input() }, None, ""),
        ];
        for (measure, before, expected) in cases {
            let found = check_measure(&measure, before, false, &|key| key == id("item"));
            assert_eq!(code(found), expected, "{measure:?} after {before:?}");
        }
        assert_eq!(code(check_measure(&input(), None, true, &|_| false)), "measure.name");
        // What was let in before is kept while it is not what changes.
        let odd = Measure { help: "a\u{0}b".into(), ..measure("a\u{7}", MeasureKind::Input, 1) };
        assert_eq!(code(check_measure(&Measure { order: 7, ..odd.clone() }, Some(&odd), true, &|_| false)), "");
    }

    #[test]
    fn names_read_as_names_alone() {
        let long = "n".repeat(101);
        for (name, formula, expected) in [
            ("vat", Some("=1"), ""),
            ("A1", Some("=1"), "name.form"),
            ("R1C1", Some("=1"), "name.form"),
            ("TRUE", Some("=1"), "name.form"),
            ("two words", Some("=1"), "name.form"),
            (&long, Some("=1"), "name.form"),
            ("vat", Some("1"), "name.formula"),
            ("A1", None, ""),
        ] {
            assert_eq!(code(check_definition(name, formula)), expected, "{name} {formula:?}");
        }
    }

    #[test]
    fn notes_have_lines_and_no_control_characters() {
        for (text, expected) in [("Why?\nBecause.", ""), ("\u{1f469}\u{200d}\u{1f52c}", ""), ("a\u{7}", "note.text")] {
            assert_eq!(code(check_note(text)), expected, "{text:?}");
        }
        assert_eq!(code(check_note(&"x".repeat(MAX_TEXT + 1))), "note.text");
    }

    #[test]
    fn a_free_sheet_says_little_of_itself() {
        let text = |text: &str| Input::Text(text.into());
        for (setting, to, expected) in [
            (Setting::Schema, Input::Number(SCHEMA_VERSION), ""),
            (Setting::Schema, Input::Number(99.0), "sheet.kind"),
            (Setting::Kind, text("free"), ""),
            (Setting::Kind, text("planning"), "sheet.kind"),
            (Setting::Title, text("Notes"), ""),
            (Setting::Title, text("a\u{7}"), "sheet.title"),
            (Setting::Title, text("odd\u{7}"), ""),
            (Setting::Title, Input::Bool(true), "sheet.title"),
            (Setting::Partition, text("region"), "sheet.kind"),
        ] {
            assert_eq!(code(setting.check(&to, "odd\u{7}")), expected, "{setting:?} {to:?}");
        }
    }
}
