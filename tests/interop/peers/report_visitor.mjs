/**
 * Goes through the page of a conformance report in headless Chromium as a person would.
 *
 *     report_visitor.mjs URL CHECK...
 *
 * URL is that of the page, which `report_page_test.ts` writes: its agents, cases and faults are
 * what is looked for here. Prints one line of JSON per check. Each check loads the page anew, and
 * fails also when the browser complains, or asks for anything but the page. The screenshots of the
 * last run are kept in `.cache/interop/report/`.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { withBrowser } from "./browser.mjs";
import { poorContrasts } from "./contrast.mjs";

const SCREENSHOTS = new URL("../../../.cache/interop/report/", import.meta.url);
const PATIENCE_MS = 10_000;
const WINDOWS = { desk: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };
/** WCAG 2.2, level AA, for text of ordinary size. */
const MIN_CONTRAST = 4.5;

const CHECKS = {
  "it opens in less than a second": async (page, { url }) => {
    // The best of three: what else runs on the machine must not count.
    const times = [];
    for (let run = 0; run < 3; run++) {
      await page.goto(url);
      times.push(
        await page.evaluate(() => performance.getEntriesByType("navigation")[0].domComplete),
      );
    }
    assert.equal(await shown(page), "517 cases");
    assert.ok(Math.min(...times) < 1000, `${times} ms`);
  },
  "all cases and agents are there": async (page) => {
    assert.equal(await rowCount(page), 517);
    assert.deepEqual(await page.locator("#matrix thead th").allInnerTexts(), [
      "Case",
      "good",
      "strict",
      "hostile <b>name</b>\\u001b",
    ]);
    const first = page.locator("#cards .tally").first();
    assert.equal((await first.locator("li").allInnerTexts()).join(), "OK 514,INFORMATIONAL 3");
  },
  "verdicts filter": async (page) => {
    await page.locator("#verdicts").getByText("WRONG CODE").click();
    assert.equal(await rowCount(page), 1);
    assert.equal(await shown(page), "1 of 517 cases");
    await page.locator("#verdicts").getByText("INFORMATIONAL").click();
    assert.equal(await rowCount(page), 4);
    assert.match(page.url(), /#verdict=INFORMATIONAL&verdict=WRONG\+CODE$/);
  },
  "a section, text and numbers filter": async (page) => {
    await page.selectOption("#section", "5");
    assert.equal(await rowCount(page), 20);
    assert.equal(await page.locator("#matrix tr.section:visible").count(), 1);
    await page.fill("#text", "5.1");
    assert.equal(await rowCount(page), 1);
    await page.fill("#text", "no case has these words");
    assert.equal(await rowCount(page), 0);
    assert.ok(await page.isVisible("#empty"));
    await page.click("text=Show all");
    assert.equal(await rowCount(page), 517);
    assert.equal(new URL(page.url()).hash, "");
  },
  "agents are chosen and compared": async (page) => {
    await page.locator("#filters").getByText("Agents differ").click();
    assert.equal(await rowCount(page), 3);
    await page.locator("#agents").getByText("strict").click();
    assert.equal(await rowCount(page), 1);
    assert.equal(await page.locator("#matrix thead th:visible").count(), 3);
  },
  "the address says what is shown": async (page, { url }) => {
    await page.goto(`${url}#verdict=FAILED&section=6&text=6.3+TOOK&agent=strict&agent=good`);
    await page.reload();
    assert.equal(await page.inputValue("#text"), "6.3 TOOK");
    assert.equal(await page.inputValue("#section"), "6");
    assert.deepEqual(await checked(page, "#verdicts"), ["FAILED"]);
    assert.equal(await page.locator("#agents :checked").count(), 2);
    assert.equal(await rowCount(page), 1);
  },
  "a cell opens its details": async (page) => {
    await cell(page, "6.3.1", 1).click();
    await page.waitForSelector("dialog[open]");
    assert.match(await page.innerText("#details-title"), /^6\.3\.1 /);
    const judgements = await page.locator("#details .judgement").allInnerTexts();
    assert.match(judgements[0], /^Behaviour\s+FAILED\s+It took what is no text\.$/);
    const link = page.locator("#details .facts a");
    assert.equal(
      await link.getAttribute("href"),
      "https://www.rfc-editor.org/rfc/rfc6455.html#section-8.1",
    );
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "hidden" });
    assert.equal(await page.evaluate(() => document.activeElement.dataset.id), "6.3.1");
    assert.equal(new URL(page.url()).hash, "");
  },
  "the offending byte is marked": async (page, { url }) => {
    await page.goto(`${url}#case=6.3.1&of=strict`);
    await page.reload();
    const marks = page.locator("#details mark");
    await marks.first().waitFor();
    assert.deepEqual(await marks.allInnerTexts(), ["a0"]);
    const words = await page.locator("#details .offence").allInnerTexts();
    assert.deepEqual(words, ["0xa0 cannot stand here in UTF-8. RFC 6455 §8.1"]);
    await page.getByText("Show the text frame").click();
    await page.waitForFunction(() => document.activeElement.querySelector("mark"));
  },
  "an agent's own fault is told apart": async (page, { url }) => {
    await page.goto(`${url}#case=5.1&of=strict`);
    await page.reload();
    const note = page.locator("#details .offence-note[data-direction=received]");
    assert.match(await note.innerText(), /^The agent breaks a rule: RSV1 set/);
    assert.deepEqual(await page.locator("#details mark").allInnerTexts(), ["c1"]);
  },
  "keys are enough": async (page) => {
    await page.keyboard.press("/");
    await page.keyboard.type("6.3");
    while (!await page.evaluate(() => document.activeElement.matches("button.cell"))) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.agent), "1");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open]");
    assert.match(await page.innerText("#details-title"), /^6\.3\.1 /);
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() =>
      document.getElementById("details-title").textContent.startsWith("6.3.2 ")
    );
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "hidden" });
    assert.equal(await page.evaluate(() => document.activeElement.dataset.id), "6.3.2");
  },
  "the way back leads out of the details": async (page) => {
    await cell(page, "1.1.2", 0).click();
    await page.waitForSelector("dialog[open]");
    await page.goBack();
    await page.waitForSelector("dialog", { state: "hidden" });
    await page.goForward();
    await page.waitForSelector("dialog[open]");
  },
  "hostile words are shown and do nothing": async (page) => {
    assert.equal(await page.locator("b, img").count(), 0);
    await cell(page, "1.1.1", 2).click();
    await page.waitForSelector("dialog[open]");
    assert.equal(await page.locator("b, img, script[src]").count(), 0);
    assert.match(await page.innerText("#details"), /<img src=x onerror=/);
    assert.equal(await page.title(), "WebSocket conformance");
  },
  "tables and names are told to those who do not see": async (page) => {
    const snapshot = await page.locator("body").ariaSnapshot();
    const tree = snapshot.replace(/\s+/g, " ");
    for (
      const part of ['- columnheader "good"', '- rowheader "1.1.1 ', '- search "Cases that are']
    ) {
      assert.ok(tree.includes(part), `${part} in ${tree.slice(0, 2000)}`);
    }
    assert.match(tree, /button "1\.1\.1, good: OK, closing OK"/);
  },
  "everything can be read in light and dark": async (page) => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await show(page, "6.3.1", 1);
      const poor = await page.evaluate(poorContrasts, MIN_CONTRAST);
      assert.deepEqual(poor, [], colorScheme);
      await page.keyboard.press("Escape");
    }
  },
  "nothing is wider than a desk": (page) => look(page, "desk"),
  "nothing is wider than a phone": (page) => look(page, "phone"),
  "it prints": async (page) => {
    await page.emulateMedia({ media: "print" });
    assert.ok(!await page.isVisible("#filters"));
    await page.emulateMedia({ media: "screen" });
    await show(page, "6.3.1", 1);
    await page.emulateMedia({ media: "print" });
    assert.ok(!await page.isVisible("#matrix"));
    await screenshot(page, "print");
    const height = await page.evaluate(() => document.querySelector("dialog .body").offsetHeight);
    // All of the details stand on the paper, not only what fits the window.
    const pages = (await page.pdf({ format: "A5" })).toString("latin1").match(/\/Type \/Page\b/g);
    assert.ok(pages.length >= 2, `${height} pixels on ${pages.length} pages`);
  },
};

function cell(page, id, agent) {
  return page.locator(`button.cell[data-id="${id}"][data-agent="${agent}"]`);
}

async function show(page, id, agent) {
  await cell(page, id, agent).click();
  await page.waitForSelector("dialog[open] .wire");
}

async function rowCount(page) {
  return await page.evaluate(() =>
    document.querySelectorAll("#matrix tbody tr:not(.section, .group, [hidden])").length
  );
}

async function shown(page) {
  return await page.innerText("#shown");
}

async function checked(page, selector) {
  return await page.locator(`${selector} :checked`).evaluateAll((boxes) =>
    boxes.map((box) => box.value)
  );
}

/** Sees that the window is wide enough, with and without details, in light and dark. */
async function look(page, name) {
  await page.setViewportSize(WINDOWS[name]);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await screenshot(page, `${name}_${colorScheme}`);
    assert.deepEqual(await page.evaluate(tooWide), [], `wider than a ${name}`);
    for (const [id, agent] of [["6.3.1", 1], ["5.1", 1], ["1.1.1", 2]]) {
      await show(page, id, agent);
      await screenshot(page, `${name}_${colorScheme}_${id}`);
      assert.deepEqual(await page.evaluate(tooWide), [], `${id} is wider than a ${name}`);
      await page.keyboard.press("Escape");
    }
  }
}

async function screenshot(page, name) {
  await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, SCREENSHOTS)) });
}

/** Runs in the page: what would have to be scrolled sideways. */
function tooWide() {
  return [document.documentElement, document.querySelector("dialog")]
    .filter((element) => element.scrollWidth > element.clientWidth)
    .map((element) => `${element.localName}: ${element.scrollWidth} > ${element.clientWidth}`);
}

/** Keeps what the browser complains of, and what it asks for. */
function collectComplaints(page, url) {
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== url) complaints.push(`asks for ${request.url()}`);
  });
  return complaints;
}

async function run(check, { page, url, complaints }) {
  try {
    await page.emulateMedia({ media: "screen", colorScheme: "light" });
    await page.setViewportSize(WINDOWS.desk);
    await page.goto("about:blank");
    complaints.length = 0;
    await page.goto(url);
    await CHECKS[check](page, { url });
    assert.deepEqual(complaints.splice(0), [], "the browser complains");
    return { check, ok: true };
  } catch (error) {
    return { check, ok: false, error: error.stack };
  }
}

const [url, ...checks] = process.argv.slice(2);
await withBrowser(async (browser) => {
  const page = await browser.newPage({ viewport: WINDOWS.desk });
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints = collectComplaints(page, url);
  for (const check of checks) {
    console.log(JSON.stringify(await run(check, { page, url, complaints })));
  }
});
