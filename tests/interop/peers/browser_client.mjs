/**
 * A page in headless Chromium that runs the interop checks with the browser's own
 * WebSocket.
 *
 *     browser_client.mjs URL CHECK...
 *
 * Prints one line of JSON per check. The page has the origin of the server, whose own
 * pages are not asked for: this program answers the requests for the page and its
 * modules.
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { withBrowser } from "./browser.mjs";

const PREFIX = "/interop/";

async function openPage(browser, origin) {
  // A page that did not come from the network counts as outside the local one.
  const page = await browser.newPage({ permissions: ["local-network-access"] });
  await page.route(`${origin}${PREFIX}**`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(PREFIX.length);
    if (name === "") return route.fulfill({ contentType: "text/html", body: "<!doctype html>" });
    return route.fulfill({
      contentType: "text/javascript",
      path: fileURLToPath(new URL(name, import.meta.url)),
    });
  });
  await page.goto(`${origin}${PREFIX}`);
  return page;
}

/** Runs in the page. */
async function exerciseInPage({ url, checks, prefix }) {
  const { exercise } = await import(`${prefix}exerciser.mjs`);
  const { openPlatform } = await import(`${prefix}platform_client.mjs`);
  const open = (target, subprotocols) => openPlatform(() => new WebSocket(target, subprotocols));
  await exercise(open, { url, checks }, globalThis.report);
}

const [url, ...checks] = process.argv.slice(2);
await withBrowser(async (browser) => {
  const page = await openPage(browser, new URL(url).origin.replace(/^ws/, "http"));
  await page.exposeFunction("report", (row) => console.log(JSON.stringify(row)));
  await page.evaluate(exerciseInPage, { url, checks, prefix: PREFIX });
});
