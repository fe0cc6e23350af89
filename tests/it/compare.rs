//! Versions side by side over HTTP.

use equipoise_server::exchange::workbook_file;
use grid_engine::doc::Input;
use grid_engine::plan::Comparison;

use crate::peer::Peer;
use crate::plan::{override_of, part};
use crate::server::Server;
use crate::versions::{freeze, freeze_kind};

#[tokio::test]
async fn several_versions_stand_beside_the_first_at_any_level() {
    let server = Server::start().await;
    let (dan, eva, vic) = (server.sign_in("dan").await, server.sign_in("eva").await, server.sign_in("vic").await);
    let mut ada = Peer::join(&server, "ada").await;
    let mut made = Vec::new();
    for (name, tea, soap) in [("Base", 100.0, 10.0), ("More tea", 150.0, 10.0), ("Less soap", 100.0, 4.0)] {
        for (item, number) in [("Tea", tea), ("Soap", soap)] {
            ada.enter(override_of(item, "North"), Input::Number(number)).await;
        }
        ada.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
        made.push(freeze(&server, &dan, name).await.id);
    }
    let [base, tea, soap] = made[..] else { panic!("three were frozen") };
    let ask = |question: &str| format!("/api/workbooks/plan/compare?measure=override&{question}");
    let compare = async |question: String| -> Comparison {
        let answer = server.get(&ask(&question), &eva).await;
        assert_eq!(answer.status(), 200, "{question}");
        answer.json().await.unwrap()
    };
    let totals = |comparison: &Comparison| -> Vec<(String, Vec<f64>)> {
        let of = |line: &grid_engine::plan::ComparisonLine| {
            (line.name.clone(), line.versions().map(|(_, total)| total).collect())
        };
        comparison.lines.iter().map(of).collect()
    };
    let line = |name: &str, totals: &[f64]| (name.to_owned(), totals.to_vec());
    let three = compare(format!("a={base}&b={tea}&c={soap}&by=item")).await;
    assert_eq!(three.names().collect::<Vec<_>>(), ["Base", "More tea", "Less soap"]);
    assert_eq!(totals(&three), [line("Tea", &[100.0, 150.0, 100.0]), line("Soap", &[10.0, 10.0, 4.0])]);
    assert_eq!(three.levels, ["Item", "Region", "Item, Region"]);
    // The levels it offers can be asked for; without one, it is that with the fewest lines.
    let rows = compare(format!("a={soap}&b={tea}&c={base}&d={soap}&e={tea}&by=Item,%20Region")).await;
    assert_eq!(totals(&rows)[0], line("Tea / North", &[100.0, 150.0, 100.0, 100.0, 150.0]));
    assert_eq!(rows.lines.len(), 2, "rows without values are no lines: {rows:?}");
    let coarse = compare(format!("a={base}&b={tea}&c={soap}&by=")).await;
    assert_eq!((coarse.by.as_str(), coarse.lines.len()), ("Item", 2));
    // Two are answered as they were before there could be more.
    let answer = server.get(&ask(&format!("a={base}&b={tea}&by=item")), &eva).await;
    let two: serde_json::Value = answer.json().await.unwrap();
    assert_eq!((&two["a"], &two["b"], &two["further"]), (&"Base".into(), &"More tea".into(), &serde_json::Value::Null));
    assert_eq!((&two["lines"][0]["total_a"], &two["lines"][0]["b"][0]), (&100.0.into(), &150.0.into()));
    // As a file it holds every line and every bucket.
    let file = async |ending: &str, question: String| {
        let path = ask(&question).replacen("compare?", &format!("compare/file.{ending}?"), 1);
        let answer = server.get(&path, &eva).await;
        assert_eq!(answer.status(), 200, "{path}");
        let kept_as = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert!(kept_as.contains(&format!("override of Base_ More tea_ Less soap.{ending}")), "{kept_as}");
        answer.bytes().await.unwrap()
    };
    let question = format!("a={base}&b={tea}&c={soap}&by=Item");
    let csv = file("csv", question.clone()).await;
    let csv = std::str::from_utf8(&csv).unwrap().trim_start_matches('\u{feff}');
    let expected = "Item,Base,More tea,More tea: Difference,More tea: Difference %,\
                    Less soap,Less soap: Difference,Less soap: Difference %\n\
                    Tea,100,150,50,0.5,100,0,0\nSoap,10,10,0,0,4,-6,-0.6\n";
    assert_eq!(csv, expected);
    let book = workbook_file::read_bytes(&file("xlsx", question).await).unwrap();
    let titles: Vec<&str> = book.sheets.iter().map(|sheet| &*sheet.title).collect();
    assert_eq!(titles, ["Lines", "By bucket", "Key figures"]);
    let third: Vec<_> = book.sheets[1].cells.iter().filter(|cell| cell.row == 2).map(|cell| &cell.value).collect();
    assert_eq!(third[..3], [&"Tea".into(), &"More tea".into(), &150.0.into()], "each version has a row of its own");
    // What one of them lacks is said with its name; live is for those who may see it, at whatever place.
    let cost = freeze_kind(&server, &dan, "Costs only", "cost").await.id;
    for (question, cookie, status, said) in [
        (format!("a={base}&b={tea}&c={cost}&by=item"), &eva, 422, "\"Costs only\" was frozen for its prices and costs"),
        (format!("a={base}&b={tea}&c={soap}&by=moon"), &eva, 422, "of \"Base\" has no column \"moon\""),
        (format!("a={base}&b={tea}&c=xyz&by=item"), &eva, 404, "xyz"),
        (format!("a={base}&b={tea}&c=live&by=item"), &eva, 403, "see the live plan"),
        (format!("a={base}&b={tea}&c=live&by=item"), &vic, 200, "\"further\":[\"Live\"]"),
    ] {
        let answer = server.get(&ask(&question), cookie).await;
        assert_eq!(answer.status(), status, "{question}");
        let text = answer.text().await.unwrap();
        assert!(text.contains(said) || text.replace('\\', "").contains(said), "{question}: {text}");
    }
}
