// Replays a log of updates (one in hex per line on standard input) and prints every cell map of the document as JSON.
import * as Y from "yjs";

const doc = new Y.Doc();
let text = "";
for await (const chunk of process.stdin) text += chunk;
for (const line of text.split("\n").filter((line) => line !== "")) {
  Y.applyUpdate(doc, Uint8Array.from(Buffer.from(line, "hex")));
}
const maps = {};
for (const name of [...doc.share.keys()].sort()) {
  if (name.startsWith("c:")) maps[name] = doc.getMap(name).toJSON();
}
console.log(JSON.stringify(maps));
