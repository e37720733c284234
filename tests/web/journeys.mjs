// node journeys.mjs NAME, with what it needs as JSON in JOURNEY: a person's way through a page, in a real browser.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const { base, browser: executablePath, chain, store, key, html, amounts } = JSON.parse(process.env.JOURNEY);
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
  await menu.locator(".opblock-summary-control").click();
  await menu.locator(".try-out__btn").click();
  await menu.locator("tr[data-param-name=store] input").fill(store);
  assert.equal(await executed(menu), "200");
}

// The page draws an operation when somebody comes near it.
async function scrollTo(page, operation) {
  for (let turns = 0; turns < 60 && !(await operation.count()); turns++) {
    await page.mouse.wheel(0, 1_200);
    await page.waitForTimeout(150);
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

async function forecast_shows_thirty_days_with_reasons_on_a_phone(page) {
  await page.goto(`${base}/forecast`);
  await enter(page, { ...key, secret: "not-the-secret" });
  await says(page, "#trouble", "The key id or the secret is wrong.");
  await enter(page, key);
  await says(page, "#made", "made with data up to February 27, 2026; this store has no forecast of February 28, 2026");
  await page.selectOption("#store", store);
  await says(page, "#made", /^made with data up to February 28, 2026$/);
  await says(page, "#plot h2", "$3,000 expected in the next thirty days");
  assert.equal(await page.locator("#days tbody tr").count(), 30);
  await says(page, "#seen", "This store has 7 days of history, with each holiday at most once. Its forecast is less certain.");
  await says(page, "#days tbody tr:first-child", "$100.00");
  await page.setViewportSize(PHONE.viewport);
  await says(page, "#days tbody tr:first-child .range", "$80 – $130");
  await says(page, "#days tbody tr:first-child .why", "Friday +9 %");
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is cut off");
  assert.equal(await page.locator("#plot svg .mean").count(), 1);
  await page.click("#leave");
  await page.locator("#enter").waitFor();
  assert.ok(await page.locator("#days").isHidden());
}

async function amounts_have_the_digits_of_iso_4217(page) {
  await page.route("**/*", (route) => route.fulfill({ contentType: "text/html", body: html }));
  await page.goto(base);
  for (const [amount, currency, expected] of amounts) {
    const text = await page.evaluate(([amount, currency]) => money(amount, currency), [amount, currency]);
    assert.equal(text.replaceAll("\u00a0", " "), expected);
  }
}

async function enter(page, { id, secret }) {
  await page.fill("[name=chain]", chain);
  await page.fill("[name=id]", id);
  await page.fill("[name=secret]", secret);
  await page.click("#enter button");
}

const says = (page, selector, text) => page.locator(selector, { hasText: text }).waitFor({ timeout: 15_000 });

const journeys = {
  amounts_have_the_digits_of_iso_4217,
  forecast_shows_thirty_days_with_reasons_on_a_phone,
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
