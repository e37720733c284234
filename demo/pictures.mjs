// node pictures.mjs, with PICTURES as JSON: { base, person, browser, paper, out } → screenshots of the real pages.
import fs from "node:fs";
import { chromium } from "playwright-core";

const { base, person, browser: executablePath, paper, out } = JSON.parse(process.env.PICTURES);
const SETTLED = 2_000; // milliseconds until a page has drawn all of its data
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await (await browser.newContext({ locale: "en-US", colorScheme: "light" })).newPage();

// The console: signed in once, at the size of a laptop.
async function look(name, path, selector) {
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.goto(`${base}/console${path}`);
  if (await page.locator(".sign-in").or(page.locator(".shell")).first().evaluate((found) => found.matches(".sign-in"))) {
    await page.fill("[name=email]", person.email);
    await page.fill("[name=password]", person.password);
    await page.press("[name=password]", "Enter");
  }
  await page.locator(selector).first().waitFor();
  await page.waitForTimeout(SETTLED);
  await page.screenshot({ path: `${out}/${name}.png` });
}

async function shoot(name, selector, height, open) {
  await page.setViewportSize({ width: 1100, height });
  await open();
  await page.locator(selector).first().waitFor();
  await page.waitForTimeout(SETTLED);
  await page.screenshot({ path: `${out}/${name}.png` });
}

const source = (file) => `data:image/png;base64,${fs.readFileSync(file).toString("base64")}`;
const card = (file, style) => `<div style="${style}"><img src="${source(file)}"></div>`;

await look("console", "/today", ".chart canvas");
await look("printers", "/fleet", "#main a[href*='/fleet/']");
await look("orders", "/orders", "#main tbody tr");
await page.locator("#main tbody tr a").first().click();
await page.locator(".page .back").waitFor();
await page.waitForTimeout(SETTLED);
await page.screenshot({ path: `${out}/order.png` });
await look("forecast", "/forecast", ".chart canvas");
await shoot("docs", ".opblock", 760, () => page.goto(`${base}/docs`));
for (const [name, file] of Object.entries(paper)) fs.copyFileSync(file, `${out}/${name}.png`);

await page.goto("about:blank"); // the pages of the API forbid styles of others
await page.setViewportSize({ width: 1280, height: 520 });
await page.setContent(`<style>body { margin: 0; background: #e9ece7 } img { display: block; width: 100% }
  div { position: absolute; border-radius: 10px; box-shadow: 0 4px 18px #0003; overflow: hidden; background: #fff }</style>
  ${card(`${out}/console.png`, "left: 24px; top: 24px; width: 560px")}
  ${card(`${out}/forecast.png`, "left: 500px; top: 120px; width: 560px; height: 380px")}
  ${card(paper["kitchen-ticket"], "left: 1010px; top: 30px; width: 240px; padding: 10px 8px")}
  ${card(paper.receipt, "left: 1030px; top: 235px; width: 220px; padding: 10px 8px")}`);
await page.waitForTimeout(SETTLED);
await page.screenshot({ path: `${out}/dumbwaiter.png` });
await browser.close();
