//! The mouse and the clipboard, convention by convention: what spreadsheet users do without thinking.

use serde_json::json;

use crate::driver::{Browser, CTRL, Driver, ENTER, SHIFT};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

type Place = (f64, f64);

impl Browser {
    /// A place of an element, in shares of its width and height from its upper left corner.
    async fn place(&self, selector: &str, (across, down): Place) -> Place {
        let there = "return document.querySelector(arguments[0]) !== null";
        self.until(selector, there, vec![json!(selector)]).await;
        let script = "const box = document.querySelector(arguments[0]).getBoundingClientRect();
            return [box.x + box.width * arguments[1], box.y + box.height * arguments[2]]";
        serde_json::from_value(self.read(script, vec![json!(selector), json!(across), json!(down)]).await).unwrap()
    }

    async fn cell(&self, line: usize, col: usize) -> Place {
        self.place(&format!("#cell-{line}-{col}"), (0.5, 0.5)).await
    }

    async fn until_selected(&self, cells: usize) {
        let script = "return Number(document.getElementById('grid-mirror').dataset.selected) === arguments[0]";
        self.until(&format!("{cells} cells selected"), script, vec![json!(cells)]).await;
    }

    async fn width_of(&self, col: usize) -> f64 {
        let script = "return document.querySelectorAll('#grid-mirror [role=columnheader]')[arguments[0]]
            .getBoundingClientRect().width";
        self.read(script, vec![json!(col)]).await.as_f64().unwrap()
    }

    /// Hands the grid what another program has put on the clipboard.
    async fn hand_paste(&self, html: &str, text: &str) {
        let script = "const data = new DataTransfer();
            if (arguments[0]) data.setData('text/html', arguments[0]);
            data.setData('text/plain', arguments[1]);
            document.querySelector('.grid-editor').dispatchEvent(
                new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))";
        self.read(script, vec![json!(html), json!(text)]).await;
    }
}

const HEADER: &str = "#grid-mirror [role=columnheader]";

#[tokio::test]
async fn the_mouse_does_what_spreadsheet_users_expect() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.new_sheet().await;
    ada.type_down(&["1", "2", "3", "=A1*10"]).await;
    ada.until_shows((3, 0), "10").await;

    // Dragging selects; the foot of the page adds up. Ctrl adds another range, Shift extends.
    let (first, third) = (ada.cell(0, 0).await, ada.cell(2, 0).await);
    ada.drag(first, third, &[]).await;
    ada.until_selected(3).await;
    let sums =
        "return ['sum', 'average', 'count'].map(it => document.querySelector(`[data-testid=${it}]`)?.textContent)
        .join() === '6.00,2.00,3'";
    ada.until("sum, average and count", sums, vec![]).await;
    let (from, to) = (ada.cell(0, 2).await, ada.cell(1, 3).await);
    ada.drag(from, to, &[CTRL]).await;
    ada.until_selected(7).await;
    ada.drag(first, first, &[]).await;
    ada.drag(third, third, &[SHIFT]).await;
    ada.until_selected(3).await;

    // A header selects its column; its edge changes the width, pressed twice as wide as its contents.
    let header = ada.place(HEADER, (0.5, 0.5)).await;
    ada.drag(header, header, &[]).await;
    ada.until_selected(200).await;
    let before = ada.width_of(0).await;
    let (_, middle) = header;
    let edge = ada.place(HEADER, (1.0, 0.5)).await;
    ada.drag((edge.0 - 1.0, middle), (edge.0 + 79.0, middle), &[]).await;
    let wider =
        "return Math.abs(document.querySelector(arguments[0]).getBoundingClientRect().width - arguments[1]) < 3";
    ada.until("a wider column", wider, vec![json!(HEADER), json!(before + 80.0)]).await;
    let edge = ada.place(HEADER, (1.0, 0.5)).await;
    ada.press_twice((edge.0 - 1.0, middle)).await;
    let fits = "return document.querySelector(arguments[0]).getBoundingClientRect().width < arguments[1]";
    ada.until("a column that fits", fits, vec![json!(HEADER), json!(before + 70.0)]).await;

    // The fill handle goes on with a series.
    let (first, second) = (ada.cell(0, 0).await, ada.cell(1, 0).await);
    ada.drag(first, second, &[]).await;
    ada.until_selected(2).await;
    let handle = ada.place("#cell-1-0", (1.0, 1.0)).await;
    let down = ada.cell(5, 0).await;
    ada.drag(handle, down, &[]).await;
    ada.until_shows((5, 0), "6").await;
    ada.until_shows((4, 0), "5").await;

    // By its border a selection is dragged elsewhere, and what refers to it follows; with Ctrl a copy is left.
    ada.go_to("C1").await;
    ada.type_text("=A6").await;
    ada.press(&[ENTER]).await;
    ada.until_shows((0, 2), "6").await;
    let cell = ada.cell(5, 0).await;
    ada.drag(cell, cell, &[]).await;
    let border = ada.place("#cell-5-0", (0.4, 0.0)).await;
    let into = ada.place("#cell-7-1", (0.4, 0.0)).await;
    ada.drag((border.0, border.1 + 1.0), (into.0, into.1 + 6.0), &[]).await;
    ada.until_shows((7, 1), "6").await;
    ada.until_shows((5, 0), "").await;
    ada.go_to("B8").await;
    ada.type_text("60").await;
    ada.press(&[ENTER]).await;
    ada.until_shows((0, 2), "60").await;
    let cell = ada.cell(7, 1).await;
    ada.drag(cell, cell, &[]).await;
    let border = ada.place("#cell-7-1", (0.4, 0.0)).await;
    let into = ada.place("#cell-9-3", (0.4, 0.0)).await;
    ada.drag((border.0, border.1 + 1.0), (into.0, into.1 + 6.0), &[CTRL]).await;
    ada.until_shows((9, 3), "60").await;
    ada.until_shows((7, 1), "60").await;

    // Months go on as numbers do; with Ctrl a number alone counts. Pressed twice, the handle fills beside what is filled.
    ada.go_to("F1").await;
    ada.type_text("Nov").await;
    ada.press(&[ENTER]).await;
    ada.go_to("F1").await;
    ada.drag(ada.place("#cell-0-5", (1.0, 1.0)).await, ada.cell(2, 5).await, &[]).await;
    ada.until_shows((2, 5), "Jan").await;
    ada.go_to("G1").await;
    ada.type_text("5").await;
    ada.press(&[ENTER]).await;
    ada.go_to("G1").await;
    ada.drag(ada.place("#cell-0-6", (1.0, 1.0)).await, ada.cell(2, 6).await, &[CTRL]).await;
    ada.until_shows((2, 6), "7").await;
    ada.go_to("B1").await;
    ada.type_text("8").await;
    ada.press(&[ENTER]).await;
    ada.go_to("B1").await;
    ada.press_twice(ada.place("#cell-0-1", (1.0, 1.0)).await).await;
    ada.until_shows((4, 1), "8").await;
    ada.until_shows((5, 1), "").await;

    // The tab of the sheet stays in view however long the figures beside it are.
    let in_view = "const [tab, strip] = ['[role=tab][aria-selected=true]', '.tabbar .sheets']
            .map(it => document.querySelector(it).getBoundingClientRect());
        return document.querySelector('[data-testid=sum]') !== null && tab.left >= strip.left && tab.right <= strip.right + 1";
    ada.until("the tab beside the figures", in_view, vec![]).await;

    // Tabs are dragged to another place, for everybody.
    let drag = "const [first, , third] = document.querySelectorAll('[role=tab][data-sheet]');
        const right = third.getBoundingClientRect().right - 3;
        for (const [tab, kind] of [[first, 'dragstart'], [third, 'dragover'], [third, 'drop'], [first, 'dragend']])
            tab.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, clientX: right }));
        return [first.textContent, third.textContent]";
    let titles: Vec<String> = serde_json::from_value(ada.read(drag, vec![]).await).unwrap();
    let order = "const tabs = [...document.querySelectorAll('[role=tab][data-sheet]')].map(tab => tab.textContent);
        return tabs[1] === arguments[1] && tabs[2] === arguments[0]";
    ada.until("the tab where it was dropped", order, vec![json!(titles[0]), json!(titles[1])]).await;
    ada.until_mark("Saved").await;
    ada.reload().await;
    ada.until("the same order", order, vec![json!(titles[0]), json!(titles[1])]).await;
}

#[tokio::test]
async fn tables_come_and_go_by_the_clipboard() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.new_sheet().await;

    // As Excel and Google Sheets write tables.
    let excel = "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><body><!--StartFragment--><table>\
        <tr><td class=xl65 x:num>1,234</td><td>a &amp; b</td></tr><tr><td></td><td>line<br>two</td></tr></table>\
        <!--EndFragment--></body></html>";
    ada.hand_paste(excel, "1,234\ta & b\r\n\tline two\r\n").await;
    ada.until_shows((0, 0), "1234").await;
    ada.until_shows((0, 1), "a & b").await;
    // Codes that are texts there stay texts, and go back as such.
    ada.go_to("H1").await;
    let codes = "<style>.xl66 {mso-number-format:\"\\@\";}</style><table><tr><td class=xl66>007</td>\
        <td data-sheets-value='{\"1\":3,\"3\":1234.5678}'>1,234.57</td></tr></table>";
    ada.hand_paste(codes, "007\t1,234.57").await;
    ada.until_shows((0, 7), "007").await;
    ada.go_to("I1").await;
    let in_full = "return document.querySelector('.bar-entry textarea').value === '1234.5678'";
    ada.until("the number in full", in_full, vec![]).await;
    ada.go_to("H1").await;
    let as_text = "const data = new DataTransfer();
        document.querySelector('.grid-editor').dispatchEvent(
            new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true }));
        return data.getData('text/html').includes('mso-number-format')";
    assert_eq!(ada.read(as_text, vec![]).await, json!(true));
    ada.go_to("D1").await;
    let google = "<google-sheets-html-origin><table><tbody><tr><td data-sheets-value='{\"1\":3,\"3\":7}'>7</td>\
        <td>x</td></tr></tbody></table></google-sheets-html-origin>";
    ada.hand_paste(google, "7\tx").await;
    ada.until_shows((0, 3), "7").await;
    ada.until_shows((0, 4), "x").await;

    // Copied with its formula, pasted as values, cut.
    ada.go_to("D2").await;
    ada.type_text("=D1*2").await;
    ada.press(&[ENTER]).await;
    ada.until_shows((1, 3), "14").await;
    let copied = "const data = new DataTransfer();
        document.querySelector('.grid-editor').dispatchEvent(
            new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true }));
        return [data.getData('text/plain'), data.getData('text/html').includes('<td>14</td>')]";
    ada.go_to("D2").await;
    assert_eq!(ada.read(copied, vec![]).await, json!(["14", true]), "as other programs take it");
    ada.chord(&[CTRL], 'c').await;
    ada.go_to("E2").await;
    ada.chord(&[CTRL], 'v').await;
    ada.until_shows((1, 4), "#VALUE!").await;
    ada.go_to("F2").await;
    ada.chord(&[CTRL, SHIFT], 'v').await;
    ada.until_shows((1, 5), "14").await;
    // Areas of the same rows are one table, and their formulas go along; areas that make none are refused.
    ada.go_to("D1").await;
    ada.drag(ada.cell(1, 5).await, ada.cell(1, 5).await, &[CTRL]).await;
    let pieces = "const data = new DataTransfer();
        const event = new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true });
        document.querySelector('.grid-editor').dispatchEvent(event);
        return [data.getData('text/plain'), event.defaultPrevented]";
    assert_eq!(ada.read(pieces, vec![]).await, json!(["", false]));
    ada.until_said(".toast-info strong", "cannot be copied together").await;
    ada.go_to("D2").await;
    ada.drag(ada.cell(1, 5).await, ada.cell(1, 5).await, &[CTRL]).await;
    assert_eq!(ada.read(pieces, vec![]).await, json!(["14\t14", true]));
    ada.chord(&[CTRL], 'c').await;
    ada.go_to("D8").await;
    ada.chord(&[CTRL], 'v').await;
    ada.until_shows((7, 4), "14").await;
    ada.until_shows((7, 3), "0").await;
    ada.chord(&[CTRL], 'z').await;
    ada.until_shows((7, 4), "").await;
    ada.go_to("D2").await;
    ada.chord(&[CTRL], 'x').await;
    ada.go_to("D5").await;
    ada.chord(&[CTRL], 'v').await;
    ada.until_shows((4, 3), "14").await;
    ada.until_shows((1, 3), "").await;

    // However many cells a paste has, it is one edit, taken back by one step.
    ada.go_to("A20").await;
    let line = (0..15).map(|col| col.to_string()).collect::<Vec<_>>().join("\t");
    let many = vec![line.as_str(); 80].join("\n");
    ada.hand_paste("", &many).await;
    ada.until_shows((20, 3), "3").await;
    ada.until_selected(1200).await;
    ada.chord(&[CTRL], 'z').await;
    ada.until_shows((20, 3), "").await;
    // What reaches beyond the sheet makes it larger.
    ada.go_to("Z200").await;
    ada.hand_paste("", "8\t9\n10\t11").await;
    ada.until_selected(4).await;
    ada.go_to("AA201").await;
    ada.until_shows((200, 26), "11").await;
    // One gesture: one step takes back what was pasted and what it was pasted into, one brings both back.
    let size = "const grid = document.getElementById('grid-mirror');
        return grid.getAttribute('aria-rowcount') + ' ' + grid.getAttribute('aria-colcount') === arguments[0]";
    ada.until("a larger sheet", size, vec![json!("202 27")]).await;
    ada.chord(&[CTRL], 'z').await;
    ada.until("the sheet as it was", size, vec![json!("201 26")]).await;
    ada.go_to("Z200").await;
    ada.until_shows((199, 25), "").await;
    ada.chord(&[CTRL], 'y').await;
    ada.until("a larger sheet again", size, vec![json!("202 27")]).await;
    ada.go_to("AA201").await;
    ada.until_shows((200, 26), "11").await;
    // Find goes from one to the next.
    ada.chord(&[CTRL], 'f').await;
    ada.type_text("two").await;
    ada.press(&[ENTER]).await;
    let there = "return document.querySelector('.name-box').value === 'Sheet 1!B2'";
    ada.until("to stand at what was found", there, vec![]).await;
    ada.until_mark("Saved").await;
}
