// node planning.mjs NAME: the forecast in the console, in a real browser against the running stack.
import assert from "node:assert/strict";
import { PHONE, fits, given, run, says, settle, signIn } from "./harness.mjs";

const { base, person, store, other } = given;
const DAYS = ".card:has(h2:text-is('Day by day')) tbody tr";
const digits = (text) => text.replaceAll("\u00a0", " ");

async function thirty_days_with_reasons_are_shown_on_a_phone(page) {
  await signIn(page, person);
  await page.goto(`${base}/forecast`);
  await page.waitForURL("**/console/forecast");
  await page.goto(`${base}/console/forecast?store=${other}`);
  await says(page, ".forecast-notes", "Made with data up to Friday, February 27, 2026.");
  await page.goto(`${base}/console/forecast?store=${store}`);
  await says(page, ".forecast-notes", "Made with data up to Saturday, February 28, 2026.");
  await says(page, ".forecast-notes", "The store has 7 days of history, with each holiday at most once. Its forecast is less certain.");
  assert.equal(await page.locator(DAYS).count(), 30);
  await says(page, DAYS, "Friday +9 %");
  await page.setViewportSize(PHONE);
  await settle(page);
  await says(page, `${DAYS}:first-child`, "$100");
  await says(page, `${DAYS}:first-child`, "$80");
  await says(page, `${DAYS}:first-child`, "$130");
  assert.ok(await fits(page), "nothing is cut off");
}

async function a_plan_is_entered_and_removed(page) {
  await signIn(page, person, `/forecast?store=${store}&tab=plans`);
  await says(page, ".empty", "Nothing is planned");
  const form = page.locator("form", { has: page.locator("button:has-text('Enter the plan')") });
  await form.getByLabel("Kind").selectOption("closure");
  await form.getByLabel("Name").fill("Stocktaking <b>");
  await form.locator("button[type=submit]").click();
  await says(page, ".table tbody tr", "Closed · Stocktaking <b>");
  await page.click(".table button:has-text('Remove')");
  await page.click("dialog[open] button:has-text('Remove')");
  await says(page, ".empty", "Nothing is planned");
}

async function amounts_have_the_digits_of_iso_4217(page) {
  await signIn(page, person, `/forecast?store=${store}`);
  await says(page, DAYS, "$100");
  // The browser's own digits of these currencies are none: an amount would stand there a hundred times too high.
  for (const [currency, amount, expected] of [["HUF", 1_234_500, "HUF 12,345"], ["IQD", 1_234_500, "IQD 1,235"], ["JPY", 1_234_500, "¥1,234,500"]]) {
    await page.route("**/v1/forecasts/history*", (route) => route.fulfill({ json: { store, days: [{ day: "2026-02-28", currency, revenue: amount, source: "import" }] } }));
    await page.reload();
    await page.locator(DAYS).first().waitFor();
    await page.click("summary:has-text('As a table')");
    const text = digits(await page.locator(".chart-table").innerText());
    assert.ok(text.includes(expected), `${expected} is missing in ${text.slice(0, 200)}`);
    await page.unroute("**/v1/forecasts/history*");
  }
}

await run({ thirty_days_with_reasons_are_shown_on_a_phone, a_plan_is_entered_and_removed, amounts_have_the_digits_of_iso_4217 });
