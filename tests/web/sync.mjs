// node sync.mjs NAME: a person looks at other systems, and sends a document again, in a real browser.
import assert from "node:assert/strict";
import { barriers, given, run, says, settle, signIn } from "./harness.mjs";

const { person, store } = given;

async function a_parked_document_is_sent_again_by_a_button(page) {
  await signIn(page, person, "/sync");
  await page.locator("a.row-link", { hasText: "erp" }).click();
  await says(page, ".page", "Head office: add a code");
  await says(page, ".page", "There is no code for items hawaiian.");
  await settle(page);
  assert.deepEqual(await barriers(page), []);
  await page.screenshot({ path: ".local/screenshots/sync-system.png", fullPage: true });
  await page.click("button:has-text('Send again')");
  await page.locator(".page", { hasText: "There is no code for items hawaiian." }).waitFor({ state: "detached" });
}

async function a_difference_is_shown_in_money_and_quantity_by_store_and_day(page) {
  await signIn(page, person, "/sync/erp");
  await says(page, "tr.bad", store);
  const row = await page.locator("tr.bad", { hasText: store }).last().innerText();
  assert.match(row, /cash/);
  assert.match(row, /2\.50/);
  assert.match(row, /\b1\b/);
}

async function each_document_that_differs_is_named_with_what_to_do(page) {
  await signIn(page, person, "/sync/erp");
  const row = page.locator("tr", { hasText: "till 4711" });
  await row.waitFor();
  const text = await row.innerText();
  for (const part of ["2.50", "–", "Missing there: send it", "parked: mapping no_code_items"]) assert.ok(text.includes(part), part);
}

async function a_comparison_that_agrees_is_no_failure(page) {
  await signIn(page, person, "/sync/erp");
  await says(page, ".page", "Both agree");
  assert.equal(await page.locator(".page", { hasText: "Fails: agrees" }).count(), 0);
}

await run({
  each_document_that_differs_is_named_with_what_to_do,
  a_comparison_that_agrees_is_no_failure,
  a_parked_document_is_sent_again_by_a_button,
  a_difference_is_shown_in_money_and_quantity_by_store_and_day,
});
