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

// A list would have cut both off: the store is the last of all, and its region has no other.
async function a_person_is_invited_for_a_store_and_a_region_beyond_the_first_two_hundred(page) {
  await signIn(page, person, "/people");
  await page.click("button:has-text('Invite a person')");
  const dialog = page.locator("dialog[open]");
  await dialog.getByLabel("Name", { exact: true }).fill("Mia Manager");
  await dialog.getByLabel("Email").fill("mia@example.com");
  await dialog.locator("input[type=search]").waitFor(); // a list until the number of stores is known
  await dialog.getByLabel("Where").fill("market 229");
  await page.locator("datalist option[value='Market 229 · m229']").waitFor({ state: "attached" });
  await dialog.getByLabel("Where").press("Enter");
  await page.waitForFunction(() => [...document.querySelectorAll("dialog[open] input[type=search]")].some(({ value }) => value === "Market 229"));
  await dialog.getByRole("button", { name: "Add role" }).click();
  await dialog.getByLabel("Role", { exact: true }).nth(1).selectOption("region");
  await dialog.getByLabel("Where").nth(1).selectOption("region:far-region");
  assert.deepEqual(await barriers(page), []);
  await dialog.locator("button[type=submit]").click();
  await page.locator(".people-link").waitFor();
  await page.keyboard.press("Escape");
  await says(page, ".table tbody tr", "Store manager · Market 229");
  await says(page, ".table tbody tr", "Region far-region");
  const { people } = await (await page.request.get(`${given.base}/v1/people?chain=${given.chain}`)).json();
  const [mia] = people.filter(({ email }) => email === "mia@example.com");
  assert.deepEqual(mia.roles, [{ role: "region", level: "region", scope: "far-region" }, { role: "store_manager", level: "store", scope: "m229" }]);
}

async function a_key_is_made_for_a_store_beyond_the_first_two_hundred(page) {
  await signIn(page, person, "/clients");
  await page.click("button:has-text('Make a key')");
  const dialog = page.locator("dialog[open]");
  await dialog.getByLabel("Name", { exact: true }).fill("Till of the last store");
  await dialog.getByLabel("Where").selectOption("region:far-region");
  await dialog.getByLabel("Where").selectOption({ label: "One store" });
  assert.ok(await dialog.locator("button[type=submit]").isDisabled(), "no store was chosen");
  await dialog.locator("input[type=search]").waitFor();
  await dialog.getByLabel("Store", { exact: true }).fill("market 229");
  await page.locator("datalist option[value='Market 229 · m229']").waitFor({ state: "attached" });
  await dialog.getByLabel("Store", { exact: true }).press("Enter");
  await dialog.locator("button[type=submit]").click();
  const id = await page.locator("dialog[open] code").first().innerText();
  const { grants } = await (await page.request.get(`${given.base}/v1/clients/${id}`)).json();
  assert.ok(grants.length > 3);
  assert.ok(grants.every((grant) => grant.endsWith(`@store:${given.chain}:m229`)), grants.join(" "));
}

await run({
  a_person_is_invited_for_a_store_and_a_region_beyond_the_first_two_hundred,
  a_key_is_made_for_a_store_beyond_the_first_two_hundred,
  stores_that_need_a_look_come_first_and_the_others_are_folded,
  a_city_is_chosen_and_left_again,
  a_store_beyond_the_first_two_hundred_is_found_by_a_part_of_its_name,
});
