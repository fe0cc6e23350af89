//! The sheets that are calculated.

/// What stands in a cell.
pub enum Content {
    Number(f64),
    Text(String),
    /// With its `=`.
    Formula(String),
}

/// Cells by zero-based row and column, the one that is edited and one that follows from it.
pub struct Sheet {
    pub cells: Vec<(u32, u32, Content)>,
    pub edit: (u32, u32),
    pub watch: (u32, u32),
}

/// A sheet by its name.
pub fn named(name: &str) -> Sheet {
    match name {
        "W1" => chain(100_000),
        "W2" => doubled(100_000),
        "W3" => plan(2_000, 24, 20),
        "W4" => orders(5_000, 20_000),
        other => panic!("there is no sheet {other}"),
    }
}

fn chain(rows: u32) -> Sheet {
    let mut cells = vec![(0, 0, Content::Number(1.0))];
    cells.extend((1..rows).map(|row| (row, 0, Content::Formula(format!("=A{row}+1")))));
    Sheet { cells, edit: (0, 0), watch: (rows - 1, 0) }
}

fn doubled(rows: u32) -> Sheet {
    let mut cells = Vec::new();
    for row in 0..rows {
        cells.push((row, 0, Content::Number(f64::from(row))));
        cells.push((row, 1, Content::Formula(format!("=A{}*2", row + 1))));
    }
    cells.push((0, 2, Content::Formula(format!("=SUM(B1:B{rows})"))));
    Sheet { cells, edit: (rows / 2, 0), watch: (0, 2) }
}

/// Item, family, price, a quantity per month; revenue per month, its sum and mean; revenue by family and month.
fn plan(rows: u32, months: u32, families: u32) -> Sheet {
    let mut cells = Vec::new();
    let (first, revenue) = (3, 3 + months);
    let (total, mean, family) = (revenue + months, revenue + months + 1, revenue + months + 3);
    for row in 0..rows {
        let line = row + 1;
        cells.push((row, 0, Content::Text(format!("SKU-{row:04}"))));
        cells.push((row, 1, Content::Text(format!("Family {}", row % families))));
        cells.push((row, 2, Content::Number(1.0 + f64::from(row % 17))));
        for month in 0..months {
            cells.push((row, first + month, Content::Number(f64::from((row * 7 + month * 13) % 101))));
            let quantity = letters(first + month);
            cells.push((row, revenue + month, Content::Formula(format!("={quantity}{line}*$C{line}"))));
        }
        let span = format!("{}{line}:{}{line}", letters(revenue), letters(revenue + months - 1));
        cells.push((row, total, Content::Formula(format!("=SUM({span})"))));
        // As many means as bring the formulas to 52,000.
        if row < rows - families * months {
            cells.push((row, mean, Content::Formula(format!("=AVERAGE({span})"))));
        }
    }
    for row in 0..families {
        cells.push((row, family, Content::Text(format!("Family {row}"))));
        for month in 0..months {
            let values = letters(revenue + month);
            let formula = format!("=SUMIFS({values}$1:{values}${rows},$B$1:$B${rows},${}{})", letters(family), row + 1);
            cells.push((row, family + 1 + month, Content::Formula(formula)));
        }
    }
    Sheet { cells, edit: (rows / 2, first + 5), watch: ((rows / 2) % families, family + 1 + 5) }
}

/// Items and their prices; orders of an item and a quantity, whose amounts look the price up.
fn orders(orders: u32, items: u32) -> Sheet {
    let name = |item: u32| Content::Text(format!("SKU-{item:05}"));
    let mut cells = Vec::new();
    for item in 0..items {
        cells.push((item, 0, name(item)));
        cells.push((item, 1, Content::Number(1.0 + f64::from(item % 97))));
    }
    for row in 0..orders {
        cells.push((row, 3, name((items / 2 + row * 7_919) % items)));
        cells.push((row, 4, Content::Number(f64::from(1 + row % 12))));
        let line = row + 1;
        cells.push((row, 5, Content::Formula(format!("=VLOOKUP(D{line},$A$1:$B${items},2,FALSE)*E{line}"))));
    }
    Sheet { cells, edit: (items / 2, 1), watch: (0, 5) }
}

fn letters(mut col: u32) -> String {
    let mut letters = String::new();
    loop {
        letters.insert(0, char::from(b'A' + (col % 26) as u8));
        match (col / 26).checked_sub(1) {
            Some(rest) => col = rest,
            None => return letters,
        }
    }
}
