//! How quick the grid is, printed rather than asserted: `cargo test --test browser how_quick -- --ignored --nocapture`.
//! A sheet of 50,000 rows and 60 months is scrolled and edited in real browsers; what it prints is told in
//! docs/benchmarks.md. `EQUIPOISE_MINUTES` is how long the session goes on for the memory, 10 without it.

use std::time::{Duration, Instant};

use equipoise_server::exchange::blueprint::{Blueprint, MeasureBlueprint, RowBlueprint, SheetBlueprint, row_id};
use equipoise_server::store::{NewPerson, NewWorkbook, Store, WorkbookId, person_id};
use grid_engine::calendar::{Bucket, Horizon};
use grid_engine::doc::Span;
use grid_engine::refs::{MeasureId, SheetId};
use grid_engine::wire::Role;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::driver::{Browser, DOWN, Driver, ENTER};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

const ROWS: usize = 50_000;
const MONTHS: i32 = 60;
/// Cells that people enter.
const ENTERED: &str = "[data-measure=override][aria-readonly=false]";

/// Runs before anything of a page does: notes when texts are painted, when updates arrive, what shifts, and the memory
/// of the program.
const WATCH: &str = r"
    window.watched = { painted: {}, updates: [], shift: 0, memory: [] };
    const fill = CanvasRenderingContext2D.prototype.fillText;
    let first = null;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        if (first === null) { first = -1; after(() => { first = performance.now(); watched.first = first; }); }
        if (watched.waiting === text) { watched.waiting = null; after(() => { watched.painted[text] = performance.now(); }); }
        return fill.call(this, text, ...rest);
    };
    // A message posted while a frame is made comes once it is done.
    const after = work => { const channel = new MessageChannel(); channel.port1.onmessage = work; channel.port2.postMessage(0); };
    window.afterFrame = after;
    const Socket = WebSocket;
    window.WebSocket = class extends Socket {
        constructor(...args) {
            super(...args);
            this.addEventListener('message', event => {
                const bytes = event.data instanceof ArrayBuffer ? new Uint8Array(event.data) : null;
                if (bytes && bytes[bytes[0] + 1] === 0 && bytes[bytes[0] + 2] === 2) watched.updates.push(performance.now());
            });
        }
    };
    new PerformanceObserver(list => list.getEntries().forEach(it => { watched.shift += it.value; }))
        .observe({ type: 'layout-shift', buffered: true });
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const own = WebAssembly[name];
        WebAssembly[name] = async (...args) => {
            const made = await own.apply(WebAssembly, args);
            for (const it of Object.values((made.instance ?? made).exports)) {
                if (it instanceof WebAssembly.Memory) watched.memory.push(it);
            }
            return made;
        };
    }
";

/// Scrolls for some seconds, down and across, and notes each frame's work (from its scroll event until it is painted)
/// and the time from frame to frame.
const SCROLL: &str = r"
    const [seconds, done] = [arguments[0], arguments[1]];
    const scroller = document.querySelector('.grid-scroll');
    const works = [], gaps = [];
    let began = null, last = null;
    const heard = () => {
        began ??= performance.now();
        requestAnimationFrame(() => afterFrame(() => {
            if (began !== null) works.push(performance.now() - began);
            began = null;
        }));
    };
    document.addEventListener('scroll', heard, true);
    const until = performance.now() + seconds * 1000;
    const step = now => {
        if (last !== null) gaps.push(now - last);
        last = now;
        if (performance.now() > until) {
            document.removeEventListener('scroll', heard, true);
            return done([works, gaps, scroller.scrollTop]);
        }
        // A quick wheel, and now and then a jump such as with the scroll bar.
        scroller.scrollTop += gaps.length % 120 === 0 ? 40000 : 130;
        scroller.scrollLeft = 40 * (gaps.length % 50);
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
";

fn fill(folder: &std::path::Path) {
    let bucket = |text: &str| text.parse::<Bucket>().unwrap();
    let horizon = Horizon { first: bucket("2023-01"), current: bucket("2026-01"), last: bucket("2027-12") };
    let key = |row: usize| [format!("SKU-{:05}", row / 10), format!("C{}", row % 10)];
    let history = |row: usize| (0..MONTHS).map(|month| ((row as i32 * 7 + month * 13) % 900 + 100).into()).collect();
    let facts = (0..ROWS).map(|row| (row_id(&key(row).each_ref().map(String::as_str)), history(row))).collect();
    let demand = SheetBlueprint::planning("demand", "Demand", &["Item", "Channel"])
        .role("demand")
        .horizon(horizon)
        .measure(MeasureBlueprint::layer("history", "History").timed(Span::All))
        .measure(MeasureBlueprint::input("override", "Override").timed(Span::Plan))
        .rows((0..ROWS).map(|row| RowBlueprint { key: key(row).to_vec(), cells: Vec::new() }))
        .facts("history", Some(horizon.first), facts);
    let blueprint = Blueprint { title: "Large plan".into(), currency: "EUR".into(), sheets: vec![demand] };
    let workbook = blueprint.build(person_id("ada"), 1).unwrap();
    let (sheet, layer) = (SheetId::named("demand").unwrap(), MeasureId::named("history").unwrap());
    let facts = workbook.facts(sheet, layer).unwrap().clone();
    let rooms = workbook.known_rooms().into_iter().map(|room| (room, workbook.encode_state(room, None).unwrap()));
    let store = Store::open(folder).unwrap();
    store
        .create_workbook(NewWorkbook {
            id: WorkbookId::named("large").unwrap(),
            title: blueprint.title.clone(),
            currency: blueprint.currency.clone(),
            rooms: rooms.collect(),
            facts: vec![(sheet, layer, facts)],
        })
        .unwrap();
    for user in ["ada", "dan"] {
        let person = NewPerson {
            user: user.into(),
            password: "equipoise".into(),
            name: user.to_uppercase(),
            title: String::new(),
            role: Role::Admin,
            scope: Vec::new(),
            colour: "#345".into(),
            demo_password_shown: false,
        };
        store.put_person(person).unwrap();
    }
}

/// The middle and the hundredth that is largest.
fn median_and_p99(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    (at(0.5), at(0.99))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().filter_map(Value::as_f64).collect()
}

/// JS heap and memory of the program in MB, after what is not used any more was collected.
async fn memory(browser: &Browser) -> (f64, f64) {
    browser.devtools("HeapProfiler.collectGarbage", json!({})).await;
    let heap = browser.devtools("Runtime.getHeapUsage", json!({})).await;
    let program = "return watched.memory.reduce((most, it) => Math.max(most, it.buffer.byteLength), 0)";
    let program = browser.read(program, vec![]).await.as_f64().unwrap();
    (heap["usedSize"].as_f64().unwrap() / 1e6, program / 1e6)
}

/// Milliseconds from a key taken to the text painted, in one browser and in another.
async fn edits(ada: &Browser, dan: &Browser) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let (mut local, mut remote, mut arrived) = (Vec::new(), Vec::new(), Vec::new());
    let key = "window.keyed = null;
        document.addEventListener('keydown', event => { if (event.key === 'Enter') window.keyed = performance.now(); },
            { capture: true, once: true });
        watched.waiting = arguments[0]; watched.updates.length = 0";
    // Those at the edge are in view in part only: pressing them scrolls.
    let mut cells = ada.cells(ENTERED).await;
    let cols: Vec<String> = cells.iter().take(4).map(|cell| cell.col.clone()).collect();
    cells.retain(|cell| cols.contains(&cell.col));
    assert!(cells.len() >= 30, "too few cells in view to edit: {}", cells.len());
    for (number, cell) in cells.iter().take(30).enumerate() {
        ada.click(cell).await;
        let shown = format!("{}", 7001 + number);
        dan.read("watched.waiting = arguments[0]; watched.updates.length = 0", vec![json!(shown)]).await;
        ada.type_text(&shown).await;
        ada.read(key, vec![json!(shown)]).await;
        ada.press(&[ENTER]).await;
        for browser in [ada, dan] {
            let painted = "return watched.painted[arguments[0]] !== undefined";
            browser.until(&format!("{shown} to be painted"), painted, vec![json!(shown)]).await;
        }
        let times = "const at = watched.painted[arguments[0]];
            return [at - window.keyed, performance.timeOrigin + window.keyed]";
        let own = numbers(&ada.read(times, vec![json!(shown)]).await);
        let times = "const at = watched.painted[arguments[0]];
            return [performance.timeOrigin + at, at - watched.updates[0]]";
        let other = numbers(&dan.read(times, vec![json!(shown)]).await);
        local.push(own[0]);
        remote.push(other[0] - own[1]);
        arrived.push(other[1]);
    }
    (local, remote, arrived)
}

#[tokio::test]
#[ignore = "measures for minutes and asserts nothing"]
async fn how_quick_the_grid_is() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let minutes = std::env::var("EQUIPOISE_MINUTES").ok().and_then(|text| text.parse().ok()).unwrap_or(10.0);

    // The demo company's first sheet, in a browser that has never been here.
    let company = demo_company().await;
    {
        let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
        // The workbook is open already: what is measured is the browser.
        let warm = driver.sign_in(&address, "jonas").await;
        warm.until_cells().await;
        let profile = driver.sign_in(&address, "dana").await;
        profile.until_cells().await;
        let mut firsts = Vec::new();
        let mut shift: f64 = 0.0;
        for _ in 0..5 {
            profile.devtools("Network.clearBrowserCache", json!({})).await;
            profile.watched("/w/demo", WATCH).await;
            profile.until("the first paint of cells", "return watched.first > 0", vec![]).await;
            let seen = numbers(&profile.read("return [watched.first]", vec![]).await);
            firsts.push(seen[0]);
            profile.until_measure("override").await;
            tokio::time::sleep(Duration::from_secs(2)).await;
            shift = shift.max(profile.read("return watched.shift", vec![]).await.as_f64().unwrap());
        }
        println!(
            "first paint of the grid, cold cache: median {:.0} ms of {firsts:.0?}",
            median_and_p99(firsts.clone()).0
        );
        println!("layout shift until everything is there: {shift:.4}");
    }

    let folder = TempDir::new().unwrap();
    let path = folder.path().to_owned();
    tokio::task::spawn_blocking(move || fill(&path)).await.unwrap();
    let (_server, address) = serve(folder.path(), "127.0.0.1:0").await;
    let (ada, dan) = (driver.sign_in(&address, "ada").await, driver.sign_in(&address, "dan").await);
    for browser in [&ada, &dan] {
        browser.watched("/w/large", WATCH).await;
        browser.until_measure("override").await;
    }
    let (local, remote, arrived) = edits(&ada, &dan).await;
    for (what, times) in [
        ("local edit, key to paint", local),
        ("remote edit, the other's key to paint", remote),
        ("remote edit, arrival to paint", arrived),
    ] {
        let (median, p99) = median_and_p99(times);
        println!("{what}: median {median:.1} ms, p99 {p99:.1} ms");
    }
    drop(dan.quit().await);

    let scroll = async |seconds: f64| {
        let seen = ada.read_later(SCROLL, vec![json!(seconds)]).await;
        (numbers(&seen[0]), numbers(&seen[1]))
    };
    let plan = ada.read("return document.querySelector('.grid-scroll').scrollLeft", vec![]).await;
    let before = memory(&ada).await;
    let (works, gaps) = scroll(10.0).await;
    let ((work, worst), (gap, longest)) = (median_and_p99(works.clone()), median_and_p99(gaps));
    println!(
        "scrolling {ROWS} rows x {MONTHS} months: {} frames, work of a frame: median {work:.1} ms, p99 {worst:.1} ms",
        works.len()
    );
    println!("  from frame to frame: median {gap:.1} ms, p99 {longest:.1} ms");
    // The plan's months again, where the sheet was opened.
    ada.read("document.querySelector('.grid-scroll').scrollTo(arguments[0], 0)", vec![plan]).await;
    ada.until_measure("override").await;
    let first = ada.cells(ENTERED).await.into_iter().next();
    ada.click(&first.expect("a cell to edit is in view")).await;
    let start = Instant::now();
    while start.elapsed().as_secs_f64() < minutes * 60.0 {
        scroll(5.0).await;
        ada.read("document.querySelector('.grid-scroll').scrollTop = 0", vec![]).await;
        for number in 0..20 {
            ada.type_text(&format!("{}", 100 + number)).await;
            ada.press(&[ENTER, DOWN]).await;
        }
    }
    let after = memory(&ada).await;
    println!(
        "memory over {minutes} minutes: JS heap {:.1} MB before, {:.1} MB after; program {:.1} MB before, {:.1} MB after",
        before.0, after.0, before.1, after.1
    );
}
