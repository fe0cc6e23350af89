// What a browser shows in place of its own page while the server cannot be reached. It says what is kept here, and goes on by
// itself once the server answers. Nothing is kept from the server: programs and data always come from there.

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Equipoise cannot be reached</title>
<style>
  :root { --bg: #f5f6f8; --surface: #fff; --line: #e2e5eb; --text: #161a22; --text-2: #475063; --accent: #3a4fd0; --on: #fff; }
  @media (prefers-color-scheme: dark) {
    :root:not([data-theme="light"]) { --bg: #0f1218; --surface: #171b23; --line: #2a303c; --text: #e8ebf2; --text-2: #aab2c2; --accent: #93a4ff; --on: #10131a; }
  }
  :root[data-theme="dark"] { --bg: #0f1218; --surface: #171b23; --line: #2a303c; --text: #e8ebf2; --text-2: #aab2c2; --accent: #93a4ff; --on: #10131a; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--bg); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
  main { max-width: 30rem; margin: 1rem; padding: 2rem; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
  h1 { margin: 0 0 .5rem; font-size: 1.25rem; }
  p { margin: 0 0 1rem; color: var(--text-2); }
  button { padding: .5rem 1rem; border: 0; border-radius: 6px; background: var(--accent); color: var(--on); font: inherit; cursor: pointer; }
</style>
</head>
<body>
<main role="status">
  <h1>Equipoise cannot be reached</h1>
  <p>The server is away, or this computer is not connected. What was saved is on the server.</p>
  <p id="kept" hidden>Edits that were not sent yet are kept in this browser, and are sent when the workbook opens again.</p>
  <p>This page tries again by itself every few seconds.</p>
  <button type="button" onclick="location.reload()">Try now</button>
</main>
<script>
  try {
    const theme = localStorage.getItem("equipoise.theme");
    if (theme) document.documentElement.dataset.theme = theme;
  } catch {}
  // As the workbook keeps them: in the database, and what a page wrote as it went, which is newer, in local storage.
  const tell = () => { document.getElementById("kept").hidden = false; };
  const PREFIX = "equipoise.last.";
  const last = Object.entries(localStorage).filter(([key]) => key.startsWith(PREFIX));
  // Behind the time at which it was written; what cannot be read may be an edit.
  const holds = (text) => {
    try {
      return JSON.parse(text.slice(text.indexOf(" ") + 1)).edits.length > 0;
    } catch {
      return true;
    }
  };
  if (last.some(([, text]) => holds(text))) tell();
  const opening = indexedDB.open("equipoise", 1);
  // There is none yet: it is left to the workbook to make it.
  opening.onupgradeneeded = () => opening.transaction.abort();
  opening.onsuccess = () => {
    const keys = opening.result.transaction("unsent").objectStore("unsent").getAllKeys();
    keys.onsuccess = () => {
      const newer = new Set(last.map(([key]) => key.slice(PREFIX.length)));
      if (keys.result.some((key) => !newer.has(key))) tell();
      opening.result.close();
    };
  };
  setInterval(async () => {
    const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
    if (answer?.ok) location.reload();
  }, 3000);
</script>
</body>
</html>`;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  // Pages are asked for while this wakes up, so that it delays none.
  event.waitUntil(self.registration.navigationPreload?.enable());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode !== "navigate" || new URL(request.url).pathname.startsWith("/api/")) return;
  const asked = async () => (await event.preloadResponse) ?? fetch(request);
  const away = () => new Response(PAGE, { status: 503, headers: { "content-type": "text/html; charset=utf-8" } });
  event.respondWith(asked().catch(away));
});
