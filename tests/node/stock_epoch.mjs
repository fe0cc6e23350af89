// Joins a room with the stock client, is sent away when the room goes on in a fresh document, and begins anew.
import WebSocket from "ws";
import * as Y from "yjs";
import { WebsocketProvider } from "y-websocket";

const [address, cookie, workbook, room, column, ownRow, otherRow] = process.argv.slice(2);
const PAST = 4409;

class SignedIn extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols, { headers: { cookie }, origin: `http://${address}` });
  }
}

function join(onPast) {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`ws://${address}/sync/${workbook}`, room, doc, {
    WebSocketPolyfill: SignedIn,
    disableBc: true,
  });
  provider.on("connection-close", (event) => {
    if (event && event.code === PAST) onPast(provider, doc);
  });
  return { provider, cells: doc.getMap(`c:${column}`) };
}

setTimeout(() => {
  console.error("waited in vain");
  process.exit(1);
}, 60000);

const first = join((provider, doc) => {
  provider.destroy();
  doc.destroy();
  console.log(`sent away with ${PAST}`);
  const again = join(() => process.exit(1));
  let isDone = false;
  const check = () => {
    if (isDone || !again.provider.synced || again.cells.get(otherRow) !== 77) return;
    isDone = true;
    again.cells.set(ownRow, 42);
    console.log(`began anew with ${again.cells.get(otherRow)}`);
    setTimeout(() => process.exit(0), 500);
  };
  again.cells.observe(check);
  again.provider.on("sync", check);
});
let hasJoined = false;
const joined = () => {
  if (hasJoined || first.cells.get(otherRow) !== 21) return;
  hasJoined = true;
  console.log("joined");
};
first.cells.observe(joined);
first.provider.on("sync", joined);
