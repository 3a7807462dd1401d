/**
 * Goes through the page of our server in headless Chromium as a person would.
 *
 *     page_visitor.mjs URL CHECK...
 *
 * URL is that of the echo endpoint; the page is at the root of the same server. Prints one
 * line of JSON per check. Each check loads the page anew, and fails also when the browser
 * complains: an error or warning on the console, an uncaught exception, something that the
 * security policy blocks, a file that is not there. The screenshots of the last run are
 * kept in `.cache/interop/page/`.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { withBrowser } from "./browser.mjs";

const SCREENSHOTS = new URL("../../../.cache/interop/page/", import.meta.url);
const PATIENCE_MS = 10_000;
const WINDOWS = { desk: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };

/** Markup, escape sequences, a NUL, a C1 control, and a mark that turns the direction of text. */
const HOSTILE = `<img src=x onerror="document.title='owned'">\0\x1b[2J\x07\x9b\u202egnp.exe</li>`;
const HOSTILE_SHOWN =
  `<img src=x onerror="document.title='owned'">\u2400\u241b[2J\u2407\ufffd\ufffdgnp.exe</li>`;

const CHECKS = {
  "text": async (page) => {
    await connect(page);
    await sendText(page, "Grüße 水🌊");
    assert.deepEqual(await entries(page, "sent"), ["Grüße 水🌊"]);
    assert.deepEqual(await entries(page, "received"), ["Grüße 水🌊"]);
  },
  "bytes": async (page) => {
    await connect(page);
    await page.locator(".segments").getByText("Bytes").click();
    await page.fill("#bytes", "DE ad 00 ff");
    await page.click("#send");
    await echoes(page, 1);
    assert.deepEqual(await entries(page, "received"), ["de ad 00 ff"]);
  },
  "file": async (page) => {
    await connect(page);
    await page.locator(".segments").getByText("File").click();
    const buffer = Buffer.alloc(100_000, "tide");
    await page.setInputFiles("#file", { name: "tide.bin", mimeType: "x/x", buffer });
    await page.click("#send");
    await echoes(page, 1);
    assert.match((await entries(page, "received"))[0], /^(74 69 64 65 ){16}…$/);
  },
  "subprotocol": async (page) => {
    await page.fill("#subprotocols", "unknown, echo");
    await connect(page);
    assert.equal(await page.textContent("#state"), "Connected, echo");
  },
  "hostile text is shown and does nothing": async (page) => {
    await connect(page);
    await sendText(page, HOSTILE);
    assert.deepEqual(await entries(page, "received"), [HOSTILE_SHOWN]);
    assert.equal(await page.locator("#log img").count(), 0);
    assert.equal(await page.title(), "Tidewire echo");
  },
  "ticker": async (page) => {
    await connect(page);
    await page.selectOption("#ticker-interval", "20");
    await page.check("#ticker");
    await echoes(page, 20);
    await page.uncheck("#ticker");
    const points = await page.getAttribute("#plot .dots", "d");
    assert.ok(points.match(/M/g).length >= 20, points);
    assert.ok(!points.includes("NaN"), points);
    const [p50, p99] = [await duration(page, "#p50"), await duration(page, "#p99")];
    assert.ok(0 <= p50 && p50 <= p99 && p99 < 10_000, `p50 ${p50} ms, p99 ${p99} ms`);
  },
  "close 3001": async (page) => {
    await connect(page);
    await page.getByText("Close code and reason").click();
    await page.fill("#close-code", "3001");
    await page.fill("#close-reason", "the tide is out");
    await page.click("#toggle");
    await state(page, "closed");
    assert.equal(await entry(page, "note", 0), "Connected.");
    // A server may repeat the reason or not.
    assert.match(
      await entry(page, "note", 1),
      /^Closed: 3001, a registered code(, “the tide is out”)?\.$/,
    );
    assert.ok(await page.isDisabled("#send"));
  },
  "what is wrong is said in a sentence": async (page) => {
    const { host } = new URL(page.url());
    const wrong = [
      ["ftp://example.org/", /^The address must start with ws:\/\/ or wss:\/\//],
      ["ws://[", /^The address must start with ws:\/\/ or wss:\/\//],
      ["ws://example.org/echo", `This page can only reach the server that it came from, ${host}.`],
      [`ws://${host}/echo#part`, "The address cannot have a part that starts with #."],
    ];
    for (const [url, sentence] of wrong) {
      await page.fill("#url", url);
      await page.click("#toggle");
      await noticed(page, sentence);
      assert.equal(await page.getAttribute("#state", "data-state"), "closed");
    }
    await page.fill("#url", `ws://${host}/echo`);
    await page.fill("#subprotocols", "two words");
    await page.click("#toggle");
    await noticed(page, /^“two words” cannot be a subprotocol/);
  },
  "a refusal is said in a sentence": async (page, { complaints }) => {
    await page.fill("#url", `ws://${new URL(page.url()).host}/none`);
    const complaint = page.waitForEvent("console");
    await page.click("#toggle");
    assert.equal(await entry(page, "fault", 0), "Not connected.");
    await noticed(page, /^The connection could not be opened\. /);
    // The browser itself writes this one, whatever the page does.
    assert.match((await complaint).text(), /WebSocket connection to '.*\/none' failed/);
    complaints.shift();
  },
  "nothing is wider than a desk": (page) => fillAndLook(page, "desk"),
  "nothing is wider than a phone": (page) => fillAndLook(page, "phone"),
};

async function connect(page) {
  await page.click("#toggle");
  await state(page, "open");
}

async function state(page, name) {
  await page.waitForSelector(`#state[data-state=${name}]`);
}

async function sendText(page, text) {
  const before = Number(await page.textContent("#count"));
  await page.fill("#text", text);
  await page.press("#text", "Enter");
  await echoes(page, before + 1);
}

/** Waits until so many echoes have come and are shown. */
async function echoes(page, count) {
  await page.waitForFunction(
    (count) => Number(document.getElementById("count").textContent) >= count,
    count,
  );
}

/** Waits for an entry of the log, counted within its kind. */
async function entry(page, kind, index) {
  return await page.locator(`#log li[data-kind=${kind}] .payload`).nth(index).textContent();
}

/** What the log shows of one kind by now. */
async function entries(page, kind) {
  return await page.locator(`#log li[data-kind=${kind}] .payload`).allTextContents();
}

/** A duration as the page shows it, in milliseconds. */
async function duration(page, selector) {
  const text = await page.textContent(selector);
  const [, digits, unit] = /^(\d+(?:\.\d+)?) (µs|ms|s)$/.exec(text) ?? assert.fail(text);
  return Number(digits) * { "µs": 0.001, "ms": 1, "s": 1000 }[unit];
}

async function noticed(page, sentence) {
  const text = await page.innerText("#notice");
  if (sentence instanceof RegExp) assert.match(text, sentence);
  else assert.equal(text, sentence);
}

/** Uses everything that takes room, and sees that the window is wide enough, in light and dark. */
async function fillAndLook(page, name) {
  await page.setViewportSize(WINDOWS[name]);
  await page.fill("#subprotocols", "echo");
  await page.getByText("Close code and reason").click();
  await connect(page);
  await sendText(page, "Time and tide wait for none.");
  await sendText(page, `https://example.org/${"a-very-long-word-".repeat(20)}`);
  await sendText(page, HOSTILE);
  await page.selectOption("#ticker-interval", "20");
  await page.check("#ticker");
  await echoes(page, 40);
  await page.uncheck("#ticker");
  await page.fill("#close-code", "1");
  await page.click("#toggle");
  await noticed(page, /^The close code must be 1000/);
  await page.evaluate(() => scrollTo(0, 0));
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    const path = fileURLToPath(new URL(`${name}_${colorScheme}.png`, SCREENSHOTS));
    await page.screenshot({ path, fullPage: true });
    assert.deepEqual(await page.evaluate(tooWide), [], `wider than a ${name}, ${colorScheme}`);
  }
}

/** Runs in the page: what would have to be scrolled sideways. */
function tooWide() {
  return [document.documentElement, document.getElementById("log")]
    .filter((element) => element.scrollWidth > element.clientWidth)
    .map((element) => `${element.localName}: ${element.scrollWidth} > ${element.clientWidth}`);
}

/** Keeps what the browser complains of. */
function collectComplaints(page) {
  const complaints = [];
  page.on("console", (message) => {
    if (/error|warning/.test(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
  return complaints;
}

async function run(check, { page, origin, complaints }) {
  try {
    await page.goto(`${origin}/`);
    await CHECKS[check](page, { complaints });
    assert.deepEqual(complaints.splice(0), [], "the browser complains");
    return { check, ok: true };
  } catch (error) {
    return { check, ok: false, error: error.stack };
  }
}

const [url, ...checks] = process.argv.slice(2);
await withBrowser(async (browser) => {
  const origin = new URL(url).origin.replace(/^ws/, "http");
  const page = await browser.newPage({ viewport: WINDOWS.desk });
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints = collectComplaints(page);
  for (const check of checks) {
    console.log(JSON.stringify(await run(check, { page, origin, complaints })));
  }
});
