// node planning.mjs NAME: the forecast in the console, in a real browser against the running stack.
import { given, run, says, signIn } from "./harness.mjs";

const { person, store } = given;

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

await run({ a_plan_is_entered_and_removed });
