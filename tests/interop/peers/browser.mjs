/**
 * Headless Chromium, driven through playwright-core. NODE_PATH tells where
 * playwright-core is installed.
 */
import { createRequire } from "node:module";

const { chromium } = createRequire(import.meta.url)("playwright-core");

// The browser talks to the server under test and to nobody else.
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a browser for as long as `use` takes. */
export async function withBrowser(use) {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    chromiumSandbox: false,
    args: FLAGS,
  });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}
