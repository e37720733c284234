// node many_stores.mjs NAME: a person of a chain of 230 stores, in a real browser against the running stack.
import assert from "node:assert/strict";
import { LAPTOP, PHONE, barriers, fits, given, run, says, settle, signIn } from "./harness.mjs";

const { person, store, stores } = given;
const SCREENS = 4; // of a phone, for two stores that need a look

async function stores_that_need_a_look_come_first_and_the_others_are_folded(page) {
  await page.setViewportSize(PHONE);
  await signIn(page, person, "/fleet");
  await page.locator("a.fleet-tile.bad", { hasText: "Market 17" }).waitFor();
  await page.locator("a.fleet-tile.wait", { hasText: "Market 130" }).waitFor();
  assert.equal(await page.locator("a.fleet-tile").count(), 2);
  await says(page, ".page", `${stores - 2} · All prints`);
  await settle(page);
  assert.ok(await fits(page));
  assert.ok((await page.evaluate(() => document.documentElement.scrollHeight)) < SCREENS * PHONE.height);
  assert.deepEqual(await barriers(page), []);
  await page.locator(".fleet-fold > summary", { hasText: "Porto" }).click();
  await page.locator("a.fleet-tile.good", { hasText: "Market 2" }).first().waitFor();
  const before = await page.locator("a.fleet-tile.good").count();
  await page.click(".fleet-fold button:has-text('Show more stores')");
  await page.locator("a.fleet-tile.good", { hasText: "Market 227" }).waitFor();
  assert.ok((await page.locator("a.fleet-tile.good").count()) > before);
  assert.deepEqual(await barriers(page), []);
}

async function a_city_is_chosen_and_left_again(page) {
  await page.setViewportSize(LAPTOP);
  await signIn(page, person, "/fleet");
  await page.getByLabel("All cities").selectOption("Oslo");
  await page.locator("a.fleet-tile.wait", { hasText: "Market 130" }).waitFor({ state: "detached" });
  await says(page, ".fleet-fold", "Oslo");
  await page.getByLabel("All cities").selectOption("Lyon");
  await page.locator("a.fleet-tile.wait", { hasText: "Market 130" }).waitFor();
  await page.getByLabel("All cities").selectOption("");
  await page.locator("a.fleet-tile.bad", { hasText: "Market 17" }).waitFor();
}

async function a_store_beyond_the_first_two_hundred_is_found_by_a_part_of_its_name(page) {
  await signIn(page, person, "/orders");
  await page.locator(".table tbody tr").first().waitFor();
  await page.getByLabel("Store", { exact: true }).fill("market 229");
  await page.locator("datalist option[value='Market 229 · m229']").waitFor({ state: "attached" });
  await page.getByLabel("Store", { exact: true }).press("Enter");
  await says(page, ".page", "No orders here");
  assert.equal(new URL(page.url()).searchParams.get("store"), "m229");
  assert.equal(await page.getByLabel("Store", { exact: true }).inputValue(), "Market 229");
  await page.getByLabel("Store", { exact: true }).fill("");
  await page.locator(".table tbody tr").first().waitFor();
  await page.goto(`${given.base}/console/forecast?store=${store}`);
  await page.getByLabel("Store", { exact: true }).fill("Market 17 · m017");
  await settle(page);
  assert.deepEqual(await barriers(page), []);
}

await run({
  stores_that_need_a_look_come_first_and_the_others_are_folded,
  a_city_is_chosen_and_left_again,
  a_store_beyond_the_first_two_hundred_is_found_by_a_part_of_its_name,
});
