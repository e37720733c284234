// node journeys.mjs NAME, with what it needs as JSON in JOURNEY: a person's way through a page, in a real browser.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const { base, browser: executablePath, chain, store, key, orderKey, order, html, amounts } = JSON.parse(process.env.JOURNEY);
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" };

async function console_shows_takings_and_orders_as_they_come(page) {
  await page.goto(`${base}/desk`);
  await enter(page, { ...key, secret: "not-the-secret" });
  await says(page, "#trouble", "The key id or the secret is wrong.");
  await enter(page, key);
  await says(page, ".sum", "¥1,200 + $53.10");
  await says(page, ".sum small", "2 orders paid, refunds taken off");
  assert.equal(await page.locator("#orders tbody tr").count(), 2);
  // Names are text, whatever they hold.
  await says(page, "#orders tbody tr:first-child .what", "3 × <b>Tea</b> & cake");

  const status = await page.evaluate(async ({ orderKey, order }) => {
    const body = JSON.stringify(order);
    const headers = { ...(await signedHeaders(orderKey, "POST", `${base}/v1/orders`, body)), "Content-Type": "application/json" };
    return (await fetch(`${base}/v1/orders`, { method: "POST", headers, body })).status;
  }, { orderKey, order });
  assert.equal(status, 201);
  await page.locator("#orders tbody tr.fresh").waitFor({ timeout: 15_000 });
  await says(page, ".sum", "¥1,200 + $106.20");
}

async function console_shows_what_is_to_be_given_back_and_what_went_back_too_much(page) {
  await page.goto(`${base}/desk`);
  await enter(page, key);
  await page.locator("#orders tbody tr").first().waitFor();
  const post = (path, body) => page.evaluate(async ({ orderKey, path, body }) => {
    const text = JSON.stringify(body);
    const headers = { ...(await signedHeaders(orderKey, "POST", `${base}${path}`, text)), "Content-Type": "application/json" };
    return (await fetch(`${base}${path}`, { method: "POST", headers, body: text })).json();
  }, { orderKey, path, body });
  const { id, total } = await post("/v1/orders", order);
  await post(`/v1/orders/${id}/payments`, { reference: "second", method: "wallet", amount: total });
  await says(page, "#orders tbody tr:first-child .state", "$53.10 to give back");
  await post(`/v1/orders/${id}/refunds`, { reference: "r1", amount: 2 * total, reason: "guest left" });
  await post(`/v1/orders/${id}/refunds`, { reference: "r2", amount: 500, reason: "wrong card" });
  await says(page, "#orders tbody tr:first-child .state", "$5.00 too much given back");
}

async function console_says_when_the_stack_is_away_and_goes_on_when_it_is_back(page) {
  await page.goto(`${base}/desk`);
  await enter(page, key);
  await page.locator("#orders tbody tr").first().waitFor();
  await page.route("**/v1/**", (route) => route.abort());
  await says(page, "#trouble", "The system does not answer.");
  assert.ok((await page.locator("#orders tbody tr").count()) > 0, "what was there stays to be seen");
  await page.unroute("**/v1/**");
  await page.locator("#trouble").waitFor({ state: "hidden", timeout: 15_000 });
}

async function console_says_what_a_key_may_not_see_and_shows_the_rest(page) {
  await page.goto(`${base}/desk`);
  await enter(page, orderKey);
  await says(page, "#takings .trouble", "This key may not see this.");
  await page.locator("#orders tbody tr").first().waitFor();
}

async function console_fits_a_phone_and_keeps_the_key_for_the_tab_alone(page) {
  await page.setViewportSize(PHONE.viewport);
  await page.emulateMedia({ colorScheme: PHONE.colorScheme });
  await page.goto(`${base}/desk`);
  await enter(page, key);
  await page.locator("#orders tbody tr").first().waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is cut off");
  await page.reload();
  await page.locator("#orders tbody tr").first().waitFor();
  assert.ok(!JSON.stringify(await page.evaluate(() => ({ ...localStorage }))).includes(key.secret));
  await page.click("#leave");
  await page.reload();
  await page.locator("#enter").waitFor();
  assert.equal(await page.inputValue("[name=secret]"), "");
}

async function printers_are_seen_and_a_ticket_is_settled(page) {
  await page.goto(`${base}/desk`);
  await enter(page, key);
  await page.click("#views [data-view=printing]");
  await says(page, "#printing .sum", "1 of 1 stores");
  await says(page, "#printing .fleet", "kitchen ready");
  await says(page, "#printing .fleet", "1 order for later");
  await says(page, "#printing .fleet", "1 ticket came too late in 24 h");
  await says(page, "#printing .jobs li", "The ticket may or may not be on paper");
  await page.setViewportSize({ width: 1280, height: 900 });
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/printing.png` });
  await page.click("#printing .jobs button:text-is('Look')");
  await page.locator("#sheet img").waitFor();
  assert.ok((await page.locator("#sheet img").evaluate((picture) => picture.decode().then(() => picture.naturalWidth))) > 400);
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/look.png` });
  await page.click("#sheet button:text-is('Close')");
  await page.click("#printing .jobs button:text-is('On paper')");
  await page.locator("#printing .jobs").waitFor({ state: "detached", timeout: 15_000 });
  await page.click("#printing .fleet button:text-is('Newest tickets')");
  await page.click("#sheet button:text-is('Reprint')");
  await says(page, "#sheet li", "(reprint 1)");
  await page.click("#sheet button:text-is('Close')");
  await says(page, "#printing .jobs li", "(reprint 1)"); // nobody can vouch for it either
  await page.setViewportSize(PHONE.viewport);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is cut off");
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/phone.png` });
}

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
  await menu.locator(".opblock-summary-control").click();
  await menu.locator(".try-out__btn").click();
  await menu.locator("tr[data-param-name=store] input").fill(store);
  assert.equal(await executed(menu), "200");
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
  console_shows_takings_and_orders_as_they_come,
  console_shows_what_is_to_be_given_back_and_what_went_back_too_much,
  console_says_when_the_stack_is_away_and_goes_on_when_it_is_back,
  console_says_what_a_key_may_not_see_and_shows_the_rest,
  forecast_shows_thirty_days_with_reasons_on_a_phone,
  console_fits_a_phone_and_keeps_the_key_for_the_tab_alone,
  docs_sends_signed_requests,
  printers_are_seen_and_a_ticket_is_settled,
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
