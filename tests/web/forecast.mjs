// node forecast.mjs thirty_days_with_reasons_on_a_phone: the forecast of a store in the console.
import assert from "node:assert/strict";
import { PHONE, fits, given, run, says, settle } from "./harness.mjs";

const { base, chain, person, store } = given;

async function thirty_days_with_reasons_on_a_phone(page) {
  await page.goto(`${base}/forecast`);
  await page.waitForURL("**/console/forecast");
  await page.fill("[name=email]", person.email);
  await page.fill("[name=password]", person.password);
  await page.press("[name=password]", "Enter");
  await says(page, "h1", "Forecast");
  await page.goto(`${base}/console/forecast?store=${chain}-tokyo`);
  await says(page, ".forecast-notes", "This store has no forecast of Saturday, February 28, 2026.");
  await page.goto(`${base}/console/forecast?store=${store}`);
  await says(page, ".forecast-notes", "Made with data up to Saturday, February 28, 2026.");
  await says(page, ".forecast-notes", "7 days of history, with each holiday at most once. Its forecast is less certain.");
  await settle(page);
  assert.equal(await page.locator(".card.flush tbody tr").count(), 30);
  const first = page.locator(".card.flush tbody tr").first();
  for (const text of ["Sun, Mar 1", "$100", "$80", "$130", "Friday +9 %"]) assert.ok((await first.innerText()).includes(text), text);
  assert.equal(await page.locator(".chart canvas").count(), 1);
  await page.setViewportSize(PHONE);
  await settle(page);
  assert.ok(await fits(page), "nothing is cut off");
}

await run({ thirty_days_with_reasons_on_a_phone });
