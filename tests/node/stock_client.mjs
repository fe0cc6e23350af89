// Joins a room with the stock client: prints the other's cell, writes one, waits until the other's becomes 77.
import WebSocket from "ws";
import * as Y from "yjs";
import { WebsocketProvider } from "y-websocket";

const [address, cookie, workbook, room, column, ownRow, otherRow] = process.argv.slice(2);

class SignedIn extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols, { headers: { cookie }, origin: `http://${address}` });
  }
}

const doc = new Y.Doc();
const cells = doc.getMap(`c:${column}`);
const provider = new WebsocketProvider(`ws://${address}/sync/${workbook}`, room, doc, {
  WebSocketPolyfill: SignedIn,
  disableBc: true,
});

function until(condition) {
  return new Promise((resolve) => {
    if (condition()) return resolve();
    const check = () => {
      if (condition()) {
        cells.unobserve(check);
        resolve();
      }
    };
    cells.observe(check);
  });
}

setTimeout(() => {
  console.error("waited in vain", provider.synced, JSON.stringify(cells.toJSON()));
  process.exit(1);
}, 60000);

await new Promise((resolve) => provider.on("sync", (synced) => synced && resolve()));
await until(() => cells.get(otherRow) === 21);
const first = cells.get(otherRow);
cells.set(ownRow, 42);
await until(() => cells.get(otherRow) === 77);
console.log(first, cells.get(otherRow));
process.exit(0);
