//! Forecasts and what they were worth, on the command line: data whose truth is known.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn equipoise(arguments: &[&str]) -> Output {
    Command::new(equipoise_tests::program()).args(arguments).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Two items over four months, 400 and 200 demanded. Ann changes three forecasts of A, all to the better: errors of 40 become
/// 15. Bob changes three of B, all to the worse: 30 become 55. So sales add nothing to the WAPE of 70 ÷ 600, Ann adds 25 ÷ 400,
/// Bob takes 25 ÷ 200. The consensus has two months of A: one better by 5, one worse by 5.
const SNAPSHOTS: &str = "series_id,date,stream,forecast,actual,person
A,2024-01,statistical,90,100,
A,2024-02,statistical,110,120,
A,2024-03,statistical,100,80,
A,2024-04,statistical,100,100,
B,2024-01,statistical,60,50,
B,2024-02,statistical,50,50,
B,2024-03,statistical,50,40,
B,2024-04,statistical,50,60,
A,2024-01,sales,100,100,ann
A,2024-02,sales,115,120,ann
A,2024-03,sales,90,80,ann
A,2024-04,sales,100,100,ann
B,2024-01,sales,70,50,bob
B,2024-02,sales,50,50,bob
B,2024-03,sales,55,40,bob
B,2024-04,sales,40,60,bob
A,2024-01,consensus,95,100,cho
A,2024-02,consensus,120,120,cho
A,2024-05,statistical,70,,
";

#[test]
fn what_each_step_and_person_was_worth() {
    let folder = TempDir::new().unwrap();
    let (input, output) = (folder.path().join("snapshots.csv"), folder.path().join("scores.csv"));
    fs::write(&input, SNAPSHOTS).unwrap();
    let done = equipoise(&["accuracy", "--input", text(&input), "--output", text(&output)]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(String::from_utf8_lossy(&done.stdout).contains("1 row has no actual yet"));
    // Changes from month to month are 80 ÷ 3 for A and 30 ÷ 3 for B: errors of 40 and 30 are 1.5 and 3 of them over 8 buckets.
    let expected = "\
stream,person,lag,buckets,wape,bias,mase,tracking_signal,value_added,changed,improved
statistical,,1,8,0.1167,0.0167,0.5625,1.1429,,0,0
sales,,1,8,0.1167,0.0333,0.7578,2.2857,0.0000,6,3
sales,ann,1,4,0.0375,0.0125,0.1406,1.3333,0.0625,3,3
sales,bob,1,4,0.2750,0.0750,1.3750,1.0909,-0.1250,3,0
consensus,,1,2,0.0227,-0.0227,0.0938,-2.0000,0.0000,2,1
consensus,cho,1,2,0.0227,-0.0227,0.0938,-2.0000,0.0000,2,1
";
    assert_eq!(fs::read_to_string(&output).unwrap(), expected);
}

#[test]
fn a_step_named_twice_is_refused() {
    let folder = TempDir::new().unwrap();
    let input = folder.path().join("snapshots.csv");
    fs::write(&input, SNAPSHOTS).unwrap();
    let done = equipoise(&["accuracy", "--input", text(&input), "--steps", "sales,statistical,sales"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("--steps: sales is named twice"));
}

/// Five years of a family that sells in summer and one of a family that does not, and a newcomer of eight winter months.
fn families() -> String {
    let mut rows = String::from("series_id,date,value,family\n");
    let summer = |month: usize| 1.0 + 0.6 * ((month as f64 - 6.0) * std::f64::consts::TAU / 12.0).cos();
    let mut add = |id: &str, family: &str, level: f64, from: usize, seasonal: bool| {
        for at in from..60 {
            let wobble = 1.0 + 0.02 * ((at * 7 % 5) as f64 - 2.0);
            let value = level * wobble * if seasonal { summer(at % 12) } else { 1.0 };
            writeln!(rows, "{id},{}-{:02},{value:.2},{family}", 2020 + at / 12, at % 12 + 1).unwrap();
        }
    };
    for (number, level) in [80.0, 100.0, 120.0].into_iter().enumerate() {
        add(&format!("garden {number}"), "garden", level, 0, true);
        add(&format!("office {number}"), "office", level, 0, false);
    }
    add("new", "garden", 200.0, 52, true);
    // Sold for longer than two seasons, and of a family without elders: neither follows others.
    add("grown", "garden", 150.0, 30, true);
    add("lone", "attic", 90.0, 52, false);
    rows
}

#[test]
fn a_new_item_takes_the_season_of_its_family() {
    let folder = TempDir::new().unwrap();
    let [input, output, why] = ["in.csv", "out.csv", "why.csv"].map(|name| folder.path().join(name));
    fs::write(&input, families()).unwrap();
    let run = |more: &[&str]| {
        let plain = ["forecast", "--input", text(&input), "--output", text(&output), "--explain", text(&why)];
        let done = equipoise(&[&plain[..], &["--horizon", "12", "--models", "local"], more].concat());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let months: Vec<f64> = fs::read_to_string(&output)
            .unwrap()
            .lines()
            .filter_map(|line| line.strip_prefix("new,")?.split(',').nth(1)?.parse().ok())
            .collect();
        assert_eq!(months.len(), 12);
        let told = fs::read_to_string(&why).unwrap();
        let of = |id: &str| told.lines().find(|line| line.starts_with(id)).unwrap().to_owned();
        (months[6] / months[0], ["new,", "grown,", "lone,"].map(of))
    };
    // July sells four times as much as January (1.6 to 0.4); its own eight months, May to December, cannot say so.
    let (alone, _) = run(&[]);
    let (with_family, told) = run(&["--family", "family"]);
    assert!(alone < 2.5 && (3.2..4.8).contains(&with_family), "{alone} {with_family}");
    let [new, grown, lone] = told;
    assert!(new.contains("the rest by 4 similar items"), "{new}");
    assert!(!grown.contains("similar item") && !lone.contains("similar item"), "{grown}\n{lone}");
}

#[test]
fn what_would_lose_or_count_something_twice_is_refused() {
    let folder = TempDir::new().unwrap();
    let [input, output, held] = ["in.csv", "out.csv", "held.csv"].map(|name| folder.path().join(name));
    let mut rows = String::from("series_id,date,value,ordered,share\n");
    for at in 0..24 {
        writeln!(rows, "tea,{}-{:02},{},,", 2023 + at / 12, at % 12 + 1, 100 + at % 5).unwrap();
    }
    rows.push_str("tea,2025-01,,80,\n");
    fs::write(&input, &rows).unwrap();
    fs::write(&held, "series_id,step,value\ntea,5,100\n").unwrap();
    let (same, held) = (text(&input), text(&held));
    for (more, told) in [
        (&["--output", same][..], "--output would write over the input"),
        (&["--output", text(&output), "--explain", same], "--explain would write over the input"),
        (&["--output", text(&output), "--level", "80,95,80"], "--level: 80 is named twice"),
        (
            &["--output", text(&output), "--known", "ordered", "--known-share", "share"],
            "series tea, 2025-01, column share: empty, and column ordered has 80",
        ),
        (&["--output", text(&output), "--hierarchy", "share", "--held", held], "--held: tea has no step 5"),
    ] {
        let done = equipoise(&[&["forecast", "--input", same, "--horizon", "3"], more].concat());
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{told}: {said}");
        assert!(said.contains(told), "{said}");
        assert!(!output.exists() && fs::read_to_string(&input).unwrap() == rows, "{told}: nothing is written");
    }
}
