// node segments.mjs NAME: segments in the console: built by clicking, saved for the chain, exported to a file.
import assert from "node:assert/strict";
import { barriers, given, open, run, says, settle, signIn } from "./harness.mjs";

const { person, colleague } = given;
const figure = (page) => page.locator(".figure", { hasText: "Matching members" });

async function choose(page, value) {
  await page.locator("label", { hasText: value }).first().click();
  await figure(page).waitFor();
}

async function a_segment_is_saved_for_colleagues_and_changed_by_its_owner(page) {
  await signIn(page, person, "/members");
  await settle(page);
  await choose(page, "New (1)");
  assert.match(await figure(page).innerText(), /\b1\b/);
  await page.fill("[name=segment]", "New guests");
  await page.click("button:has-text('Save the segment')");
  await says(page, ".table tbody tr", "New guests");
  assert.deepEqual(await barriers(page), []);
  const other = await open();
  await signIn(other, colleague, "/members");
  await says(other, ".table tbody tr", person.name);
  assert.equal(await other.locator("button:has-text('Delete')").count(), 0);
  await other.getByRole("button", { name: "Open: New guests" }).click();
  await figure(other).waitFor();
  assert.ok(await other.getByRole("checkbox", { name: "New (1)" }).isChecked());
  assert.deepEqual(other.faults, []);
  await page.getByRole("button", { name: "Delete: New guests" }).click();
  await page.locator("dialog[open]").getByRole("button", { name: "Delete" }).click();
  await says(page, ".empty", "No saved segments");
}

async function a_segment_is_exported_to_a_file(page) {
  await signIn(page, person, "/members");
  await settle(page);
  await choose(page, "New (1)");
  await page.click("button:has-text('Export')");
  await page.click("dialog[open] button:has-text('Write the file')");
  await says(page, "dialog[open] .state", "Ready");
  const file = await (await fetch(await page.locator("dialog[open] a[download]").getAttribute("href"))).text();
  const [head, row, ...more] = file.trim().split(/\r?\n/);
  assert.match(head, /\bmember\b/);
  assert.match(row, /\bguest-1\b/);
  assert.deepEqual(more, []);
}

await run({ a_segment_is_saved_for_colleagues_and_changed_by_its_owner, a_segment_is_exported_to_a_file });
