// node pages.mjs: opens views as a person who is signed in, each in a fresh browser context, and prints {view: [milliseconds]}.
import { chromium } from "playwright-core";

const { base, browser: executablePath, person, views, rounds } = JSON.parse(process.env.PAGES);
const PATIENCE = 60_000;

// The moment at which the view shows its data: a page without a placeholder.
function noteUseful() {
  const look = () => {
    const page = document.querySelector(".page");
    if (!globalThis.usefulAt && page?.querySelector(".table, .figure, .fleet-tile, .empty") && !page.querySelector(".loading")) {
      requestAnimationFrame(() => (globalThis.usefulAt ??= performance.now()));
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
}

// Asked now and then: the policy of the pages forbids what Playwright's own way to wait does.
async function usefulAt(page) {
  for (const until = Date.now() + PATIENCE; Date.now() < until; await page.waitForTimeout(100)) {
    const at = await page.evaluate(() => globalThis.usefulAt);
    if (at) return at;
  }
  throw new Error(`${page.url()} shows no data: ${await page.evaluate(() => document.body.innerText)}`);
}

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const first = await browser.newContext();
const signIn = await first.newPage();
await signIn.goto(`${base}/console`);
await signIn.fill("[name=email]", person.email);
await signIn.fill("[name=password]", person.password);
await signIn.press("[name=password]", "Enter");
await signIn.locator(".shell").waitFor({ timeout: PATIENCE });
const storageState = await first.storageState();
const times = Object.fromEntries(views.map((view) => [view, []]));
// The first round warms the functions: a cold start is a figure of its own.
for (let round = 0; round <= rounds; round++) {
  for (const view of views) {
    const context = await browser.newContext({ storageState, serviceWorkers: "block" });
    await context.addInitScript(noteUseful);
    const page = await context.newPage();
    await page.goto(`${base}/console/${view}`);
    const took = await usefulAt(page);
    if (round) times[view].push(took);
    await context.close();
  }
}
await browser.close();
console.log(JSON.stringify(times));
