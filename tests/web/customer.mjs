// node customer.mjs NAME: the customer's page of a delivery on a phone, in both languages. CONTROL acts as desk and courier.
import assert from "node:assert/strict";
import { PHONE, barriers, fits, given, open, picture, run, says } from "./harness.mjs";

const { base, control, pictures } = given;
const ask = async (name, ...args) => (await fetch(`${control}/${name}`, { method: "POST", body: JSON.stringify(args) })).json();
const spot = (page) => page.locator("#map .courier").evaluate((dot) => [dot.getAttribute("cx"), dot.getAttribute("cy")]);

async function isFit(page, name) {
  assert.equal(await fits(page), true, `${name} is wider than the phone`);
  assert.deepEqual(await barriers(page), [], name);
  await picture(page, `${pictures}/customer-${name}.png`);
  await page.setViewportSize(PHONE);
}

async function until(look, text) {
  for (let tries = 0; tries < 300; tries++) {
    if (await look()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(text);
}

async function a_customer_follows_writes_and_rates(page) {
  await page.setViewportSize(PHONE);
  const id = await ask("place");
  const { link } = await ask("see", id);
  await page.goto(base + link);
  await says(page, "#state", "Being prepared");
  await says(page, "#pin", "PIN at the door:");
  const shown = await page.locator("main").innerText();
  for (const secret of ["Ada", "Bea", "555", "Mill Lane", "Happy birthday"]) assert.ok(!shown.includes(secret), `${secret} is shown`);
  assert.equal(await page.locator("#to").inputValue(), "desk", "there is no courier yet");
  await isFit(page, "prepared");

  await ask("carry", id);
  await ask("move", 52.002, 13);
  await says(page, "#state", "On the way");
  await page.locator("#map .courier").waitFor();
  const before = await spot(page);
  await ask("move", 52.006, 13);
  await until(async () => String(await spot(page)) !== String(before), "the map stands still");
  assert.match(await page.locator("#arrival").innerText(), /^Arrives in \d+ to \d+ minutes$/);
  await isFit(page, "on-the-way");

  // Both ways through the store.
  await page.selectOption("#to", "courier");
  await page.fill("#text", "The gate is open.");
  await page.click("#write-send");
  await says(page, "#messages .own", "The gate is open.");
  await until(async () => (await ask("texts", id)).length === 0 && (await ask("courier_texts", id)).includes("The gate is open."), "the courier has no message");
  await ask("write", id, "customer", "We ring twice.");
  await says(page, "#messages li", "We ring twice.");
  await isFit(page, "messages");

  await ask("act", id, "deliver", "on_the_way");
  await says(page, "#state", "Delivered");
  assert.equal(await page.locator("#map .courier").count(), 0, "the place is shown after the end");
  assert.equal(await page.locator("#pin").isVisible(), false);
  await page.locator("#stars label").nth(4).click();
  await page.click("#send");
  await says(page, "#sent", "Sent. Thank you.");
  await isFit(page, "ended");
  await page.reload();
  await says(page, "#state", "Delivered");
  assert.equal(await page.locator("#map .courier").count(), 0);
}

async function the_page_speaks_chinese_on_a_dark_phone(page) {
  const id = await ask("place");
  const { link } = await ask("see", id);
  await ask("carry", id);
  await ask("move", 52.004, 13);
  const phone = await open({ viewport: PHONE, locale: "zh-CN", colorScheme: "dark" });
  await phone.goto(base + link);
  await says(phone, "#state", "配送中");
  await phone.locator("#map .courier").waitFor();
  assert.equal(await phone.evaluate(() => document.documentElement.lang), "zh");
  await isFit(phone, "zh");
  assert.deepEqual(phone.faults, []);
  await page.goto("about:blank");
}

await run({ a_customer_follows_writes_and_rates, the_page_speaks_chinese_on_a_dark_phone });
