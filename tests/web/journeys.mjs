// node journeys.mjs NAME, with what it needs as JSON in JOURNEY: a person's way through a page, in a real browser.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const { base, browser: executablePath, chain, store, key, html, amounts, patience } = JSON.parse(process.env.JOURNEY);
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" };

async function docs_sends_signed_requests(page) {
  await page.goto(`${base}/docs`);
  const list = page.locator("#operations-orders-list_orders");
  await list.locator(".opblock-summary-control").click();
  await list.locator(".try-out__btn").click();
  assert.equal(await executed(list), "401");
  await page.fill("#key [name=id]", key.id);
  await page.fill("#key [name=secret]", key.secret);
  await page.click("#key button");
  assert.equal(await executed(list), "200");
  // Signs that every language encodes in its own way: past the signature, the number itself is refused.
  const odd = await page.evaluate(async (key) => {
    const url = `${base}/v1/orders?number-2=&number=${encodeURIComponent("a b+c*d(e)'!~/ü")}`;
    return (await (await fetch(url, { headers: await signedHeaders(key, "GET", url) })).json()).code;
  }, key);
  assert.equal(odd, "query_invalid");

  const menu = page.locator("#operations-stores-get_menu");
  await scrollTo(page, menu);
  await unfold(menu);
  await menu.locator(".try-out__btn").click();
  await menu.locator("tr[data-param-name=store] input").fill(store);
  assert.equal(await executed(menu), "200");
}

// The page draws an operation when somebody comes near it.
async function scrollTo(page, operation) {
  for (const end = Date.now() + patience; Date.now() < end && !(await operation.count());) {
    await page.mouse.wheel(0, 1_200);
    await page.waitForTimeout(150);
  }
}

// While the page still draws the operations around it, a click can be lost.
async function unfold(operation) {
  const button = operation.locator(".try-out__btn");
  for (let clicks = 0; clicks < 10 && !(await button.count()); clicks++) {
    await operation.scrollIntoViewIfNeeded();
    await operation.locator(".opblock-summary-control").click();
    await button.waitFor({ timeout: 2_000 }).catch(() => undefined);
  }
}

async function executed(operation) {
  const replied = operation.page().waitForResponse((reply) => reply.url().includes("/v1/"));
  await operation.locator(".execute").click();
  await replied;
  await operation.locator(".loading-container").waitFor({ state: "detached" });
  const status = operation.locator(".live-responses-table tbody .response-col_status").first();
  return (await status.innerText()).trim().split(/\s/)[0];
}

const says = (page, selector, text) => page.locator(selector, { hasText: text }).waitFor({ timeout: patience });

const journeys = {
  docs_sends_signed_requests,
};

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await (await browser.newContext({ locale: "en-US" })).newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("console", (said) => said.type() === "error" && !said.text().startsWith("Failed to load resource") && wrong.push(said.text()));
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "data:" && origin !== new URL(base).origin) wrong.push(`asked ${request.url()}`);
  });
  await journeys[process.argv[2]](page);
  assert.deepEqual(wrong, []);
} finally {
  await browser.close();
}
