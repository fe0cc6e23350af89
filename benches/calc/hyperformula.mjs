// HyperFormula with one of the sheets: `node hyperformula.mjs W1`, figures as the other engines print them.
import { createRequire } from 'node:module'
const { HyperFormula } = createRequire(import.meta.url)('hyperformula')

const letters = (col) => (col >= 26 ? letters(Math.floor(col / 26) - 1) : '') + String.fromCharCode(65 + (col % 26))

function chain(rows) {
  const sheet = [[1]]
  for (let row = 1; row < rows; row++) sheet.push([`=A${row}+1`])
  return { sheet, edit: [0, 0], watch: [rows - 1, 0] }
}

function doubled(rows) {
  const sheet = []
  for (let row = 0; row < rows; row++) sheet.push([row, `=A${row + 1}*2`])
  sheet[0].push(`=SUM(B1:B${rows})`)
  return { sheet, edit: [rows / 2, 0], watch: [0, 2] }
}

function plan(rows, months, families) {
  const sheet = []
  const first = 3, revenue = 3 + months, family = revenue + months + 3
  for (let row = 0; row < rows; row++) {
    const line = row + 1
    const cells = [`SKU-${row}`, `Family ${row % families}`, 1 + (row % 17)]
    for (let month = 0; month < months; month++) cells.push((row * 7 + month * 13) % 101)
    for (let month = 0; month < months; month++) cells.push(`=${letters(first + month)}${line}*$C${line}`)
    const span = `${letters(revenue)}${line}:${letters(revenue + months - 1)}${line}`
    cells.push(`=SUM(${span})`, row < rows - families * months ? `=AVERAGE(${span})` : null)
    sheet.push(cells)
  }
  for (let row = 0; row < families; row++) {
    sheet[row].push(null, `Family ${row}`)
    for (let month = 0; month < months; month++) {
      const values = letters(revenue + month)
      sheet[row].push(`=SUMIFS(${values}$1:${values}$${rows},$B$1:$B$${rows},$${letters(family)}${row + 1})`)
    }
  }
  return { sheet, edit: [rows / 2, first + 5], watch: [(rows / 2) % families, family + 6] }
}

function orders(orders, items) {
  const sheet = []
  const name = (item) => `SKU-${String(item).padStart(5, '0')}`
  for (let item = 0; item < items; item++) sheet.push([name(item), 1 + (item % 97)])
  for (let row = 0; row < orders; row++) {
    const line = row + 1
    sheet[row].push(null, name((items / 2 + row * 7919) % items), 1 + (row % 12), `=VLOOKUP(D${line},$A$1:$B$${items},2,FALSE)*E${line}`)
  }
  return { sheet, edit: [items / 2, 1], watch: [0, 5] }
}

const sheets = { W1: () => chain(100000), W2: () => doubled(100000), W3: () => plan(2000, 24, 20), W4: () => orders(5000, 20000) }
const { sheet, edit, watch } = sheets[process.argv[2]]()
const cells = sheet.reduce((sum, row) => sum + row.filter((cell) => cell !== null).length, 0)
const before = process.memoryUsage().rss
let since = performance.now()
// It calculates while it builds.
const book = HyperFormula.buildFromArray(sheet, { licenseKey: 'gpl-v3', maxRows: 200000, maxColumns: 200 })
const build = performance.now() - since
const bytes = (process.memoryUsage().rss - before) / cells
since = performance.now()
book.rebuildAndRecalculate()
const full = performance.now() - since
const at = ([row, col]) => ({ sheet: 0, row, col })
const edits = []
for (let number = 7; number < 28; number++) {
  since = performance.now()
  book.setCellContents(at(edit), number)
  book.getCellValue(at(watch))
  edits.push(performance.now() - since)
}
edits.sort((a, b) => a - b)
since = performance.now()
book.addRows(0, [0, 1])
const insert = performance.now() - since
console.log([build, full, edits[10], insert, bytes].join('\t'))
