//! Real orders through the product's own import and scorecard: the figures computed independently come out.

use std::path::Path;
use std::process::Command;

/// Figures of `kpis.md`: the folder of orders, and its scorecard by name, as printed.
const GOLDEN: [(&str, &[(&str, &str)]); 2] = [
    (
        "northwind",
        &[
            ("On time in full: Orders", "95.43 %"),
            ("Order fill rate: Orders", "95.43 %"),
            ("Revenue: Order lines", "1265793.04"),
        ],
    ),
    (
        "supplygraph",
        &[
            ("Unit fill rate: All days", "98.71 %"),
            ("Unit fill rate: Weeks by product", "92.27 %"),
            ("Capacity utilisation: Production of orders", "99.34 %"),
            ("Weighted absolute percentage error: Naive forecast, last 12 weeks", "36.77 %"),
            ("Weighted absolute percentage error: Four-week average, last 12 weeks", "33.96 %"),
        ],
    ),
];

#[test]
fn imported_orders_give_the_golden_figures() {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data"));
    for (folder, figures) in GOLDEN {
        let orders = data.join(folder);
        if !orders.exists() {
            println!("skipped: no {}", orders.display());
            continue;
        }
        let kept = tempfile::tempdir().unwrap();
        let kept = kept.path().to_str().unwrap();
        run(&["import", "--data", kept, "--workbook", folder, "--currency", "USD", orders.to_str().unwrap()]);
        let printed = run(&["kpis", "--data", kept, "--workbook", folder]);
        let shown: Vec<(&str, &str)> = printed.lines().filter_map(|line| line.rsplit_once("  ")).collect();
        let shown: Vec<(&str, &str)> = shown.into_iter().map(|(name, value)| (name.trim(), value.trim())).collect();
        assert_eq!(shown, figures, "{folder}");
    }
}

fn run(args: &[&str]) -> String {
    let out = Command::new(equipoise_tests::program()).args(args).output().unwrap();
    let (told, refused) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{args:?}: {refused}");
    told.into_owned()
}
