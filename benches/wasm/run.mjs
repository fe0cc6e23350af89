// The wasm side of the measurement: `node run.mjs PROGRAM.wasm SHEET EDITS` prints milliseconds.
import { readFileSync } from "node:fs";

const [program, sheet, edits] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(program));
const imports = {};
for (const { module: from, name } of WebAssembly.Module.imports(module)) {
  // Calculation needs nothing of the page; what is linked all the same must not be reached.
  (imports[from] ??= {})[name] = () => {
    throw new Error(`${from}.${name} was called`);
  };
}
const { build, calculate, edit } = new WebAssembly.Instance(module, imports).exports;

function milliseconds(work) {
  const since = performance.now();
  work();
  return performance.now() - since;
}

const figures = [milliseconds(() => build(Number(sheet))), milliseconds(calculate)];
let last = NaN;
const each = Array.from({ length: Number(edits) }, (_, number) =>
  milliseconds(() => {
    edit(7 + number);
    const now = calculate();
    if (now === last) throw new Error("the edit did not arrive");
    last = now;
  }),
);
figures.push(each.sort((a, b) => a - b)[each.length >> 1]);
console.log(figures.join(" "));
