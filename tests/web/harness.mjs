// What every journey has: a browser, a page that may neither complain nor ask another host, and words for what a person does.
// A script calls run(journeys); the journey's name is its first argument, and JOURNEY has what it needs as JSON.
import assert from "node:assert/strict";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const given = JSON.parse(process.env.JOURNEY);
const PATIENCE = given.patience; // milliseconds, longer on a machine that does much else
const AXE = fileURLToPath(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url));
const FONTS = fileURLToPath(new URL("../../node_modules/@fontsource-variable/noto-sans-sc/", import.meta.url));
export const PHONE = { width: 390, height: 844 };
export const LAPTOP = { width: 1440, height: 900 };

let browser;

export async function run(journeys, args = []) {
  browser = await chromium.launch({ executablePath: given.browser, args: ["--no-sandbox", ...args] });
  try {
    const page = await open();
    await journeys[process.argv[2]](page).catch(async (failure) => {
      const shown = await page.evaluate(() => document.body.innerText).catch(() => "nothing");
      throw new Error(`${failure.message}\nThe page shows:\n${shown.slice(0, 3_000)}`, { cause: failure });
    });
    assert.deepEqual(page.faults, []);
  } finally {
    await browser.close();
  }
}

/** A page of a browser of its own. `faults` collects errors, and requests to other hosts. */
export async function open(options = {}) {
  const context = await browser.newContext({ locale: "en-US", viewport: LAPTOP, ...options });
  context.setDefaultTimeout(PATIENCE);
  context.setDefaultNavigationTimeout(PATIENCE);
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(error.message));
  page.on("console", (said) => said.type() === "error" && !said.text().startsWith("Failed to load resource") && page.faults.push(said.text()));
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (!["data:", "blob:"].includes(protocol) && host !== new URL(given.base).host) page.faults.push(`asked ${request.url()}`);
  });
  return page;
}

export async function signIn(page, person, path = "") {
  await page.goto(`${given.base}/console${path}`);
  await page.fill("[name=email]", person.email);
  await page.fill("[name=password]", person.password);
  await page.press("[name=password]", "Enter");
  await page.locator(".shell").waitFor();
}

export const says = (page, selector, text) => page.locator(selector, { hasText: text }).first().waitFor({ timeout: PATIENCE });

export const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

/** Nothing more is loading. */
export async function settle(page) {
  await page.locator(".page").waitFor();
  await page.locator(".loading").first().waitFor({ state: "detached" });
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await page.waitForTimeout(400); // plots grow for 250 ms
}

/** What axe finds that is serious or critical, as lines. */
export async function barriers(page) {
  await page.evaluate(fs.readFileSync(AXE, "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, help, nodes }) => nodes.map(({ target, any }) => `${id}: ${help}: ${target.join(" ")} ${any.map(({ message }) => message).join("; ")}`));
}

// Slices of a font with Chinese letters: some machines have none. The bytes go into the page without a request, which its
// policy would refuse.
const slices = [...fs.readFileSync(`${FONTS}index.css`, "utf8").matchAll(/url\(\.\/(files\/[^)]+)\)[^;]*;\s*unicode-range: ([^;}]+)/g)]
  .map(([, file, range]) => ({ file, range, spans: range.split(",").map(spanOf) }));

function spanOf(text) {
  const [first, last = first] = text.trim().slice(2).split("-").map((digits) => parseInt(digits, 16));
  return [first, last];
}

async function addLetters(page) {
  const text = await page.evaluate(() => document.body.innerText + [...document.querySelectorAll("input, textarea")].map(({ placeholder, value }) => placeholder + value).join(""));
  const points = [...new Set(text)].map((letter) => letter.codePointAt(0));
  const needed = slices.filter(({ spans }) => points.some((point) => spans.some(([first, last]) => point >= first && point <= last)));
  for (const { file, range } of needed) {
    await page.evaluate(async ({ base64, range }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      document.fonts.add(await new FontFace("Letters", bytes, { weight: "100 900", unicodeRange: range }).load());
    }, { base64: fs.readFileSync(FONTS + file).toString("base64"), range });
  }
  await page.evaluate(() => document.documentElement.style.setProperty("--font", 'Letters, system-ui'));
}

/** The whole page as one picture: as tall as its content, so that what sticks to an edge stands at the edge. */
export async function picture(page, path) {
  const { width } = page.viewportSize();
  const height = await page.evaluate(() => Math.min(document.documentElement.scrollHeight, 6_000));
  await page.setViewportSize({ width, height });
  await addLetters(page);
  await page.waitForTimeout(300);
  await page.screenshot({ path });
}
