// node timers.mjs NAME: a person looks after timers, and plans jobs, in a real browser against the running stack.
import assert from "node:assert/strict";
import { barriers, given, open, run, says, settle, signIn } from "./harness.mjs";

const { base, changeSeconds, operator, operatorName, reader, timer } = given;
const confirm = (page, text) => page.locator("dialog footer button", { hasText: text }).click();

async function a_paused_timer_is_shown_as_paused_until_it_is_resumed(page) {
  await signIn(page, operator, "/timers");
  await page.locator("a.row-link", { hasText: "Delete old request keys" }).click();
  await page.click("button:has-text('Pause')");
  await says(page, "dialog", "It does not run until a person resumes it, also after an update of the system.");
  await confirm(page, "Pause");
  await says(page, ".facts .state", "Paused");
  await says(page, ".facts", `Paused by ${operatorName}`);
  await page.goto(`${base}/console/timers`);
  await says(page, "tr.wait", "Delete old request keys");
  await page.goto(`${base}/console/timers/${timer}`);
  await page.click("button:has-text('Resume')");
  await says(page, ".facts .state", "Fine");
}

async function a_paused_timer_appears_by_itself_on_the_page_of_another(page) {
  await signIn(page, operator, "/timers");
  await page.locator(".live-dot").first().waitFor();
  const row = page.locator("tr", { hasText: "Delete old request keys" });
  await row.locator(".state", { hasText: "Fine" }).waitFor();
  const other = await open();
  await signIn(other, operator, `/timers/${timer}`);
  await other.click("button:has-text('Pause')");
  await confirm(other, "Pause");
  const since = performance.now();
  await row.locator(".state", { hasText: "Paused" }).waitFor();
  const seconds = (performance.now() - since) / 1_000;
  await other.click("button:has-text('Resume')");
  await row.locator(".state", { hasText: "Fine" }).waitFor();
  assert.ok(seconds < changeSeconds, `the pause appeared after ${seconds.toFixed(1)} s`);
}

async function a_timer_runs_now_and_its_log_can_be_read(page) {
  await signIn(page, operator, `/timers/${timer}`);
  await page.click("button:has-text('Run now')");
  await confirm(page, "Run now");
  await says(page, ".table tbody tr", operatorName);
  await says(page, ".table tbody tr", "Done");
  assert.deepEqual(await barriers(page), []);
  await page.locator("button", { hasText: /^Log$/ }).first().click();
  await says(page, ".timers-log", "dropped old idempotency keys");
}

async function a_schedule_changes_within_bounds_and_back(page) {
  await signIn(page, operator, `/timers/${timer}`);
  await page.click("button:has-text('Change schedule')");
  await says(page, "dialog .hint", "From every hour to every 10 hours.");
  await page.fill("dialog input[type=number]", "11");
  await page.click("dialog button[type=submit]");
  await says(page, "dialog .failure", "The interval must be between");
  await page.fill("dialog input[type=number]", "3");
  await page.click("dialog button[type=submit]");
  await says(page, ".facts", "every 3 hours (changed, usually every hour)");
  await page.click("button:has-text('Change schedule')");
  await page.click("dialog button:has-text('Back to the usual schedule')");
  await page.locator(".facts", { hasText: "usually" }).waitFor({ state: "detached" });
}

async function a_person_of_one_chain_sees_timers_and_changes_none(page) {
  await signIn(page, reader, `/timers/${timer}`);
  await says(page, ".page", "This stage also serves other chains.");
  assert.equal(await page.locator("button:has-text('Pause')").count(), 0);
}

async function a_timer_is_chosen_for_a_job_by_its_name(page) {
  await signIn(page, operator, "/jobs");
  await page.click("button:has-text('Plan a job')");
  await page.getByLabel("Name of the job").fill("Clean up");
  await page.getByLabel("What happens").selectOption("run_timer");
  await page.getByLabel("First time").fill("2030-12-06T09:00");
  assert.ok(await page.locator("dialog button[type=submit]").isDisabled(), "no timer was chosen");
  await page.getByLabel("Timer", { exact: true }).selectOption({ label: "Delete old request keys" });
  await page.click("dialog button[type=submit]");
  await says(page, ".table tbody tr", "Delete old request keys");
  const { jobs } = await (await page.request.get(`${base}/v1/jobs?chain=demo`)).json();
  assert.equal(jobs.find(({ title }) => title === "Clean up").details.timer, timer);
}

async function items_and_stores_of_a_job_are_chosen_by_their_names(page) {
  await signIn(page, reader, "/jobs");
  await page.click("button:has-text('Plan a job')");
  const dialog = page.locator("dialog[open]");
  await dialog.getByLabel("Name of the job").fill("No pizza");
  await dialog.getByLabel("What happens").selectOption("items_off");
  await dialog.getByLabel("Add a store").selectOption({ label: given.storeName });
  await dialog.locator(".chosen li", { hasText: given.storeName }).waitFor();
  await dialog.getByLabel("First time").fill("2030-12-06T09:00");
  assert.ok(await dialog.locator("button[type=submit]").isDisabled(), "no item was chosen");
  await dialog.locator(`datalist option[value$="${given.item}"]`).waitFor({ state: "attached" });
  await dialog.getByLabel("Add an item").fill(given.itemName);
  await dialog.getByLabel("Add an item").press("Enter");
  await dialog.locator(".chosen li", { hasText: given.itemName }).waitFor();
  await settle(page);
  assert.deepEqual(await barriers(page), []);
  await dialog.locator("button[type=submit]").click();
  await says(page, ".table tbody tr", given.storeName);
  const { jobs } = await (await page.request.get(`${base}/v1/jobs?chain=${given.chain}`)).json();
  const made = jobs.find(({ title }) => title === "No pizza");
  assert.deepEqual([made.stores, made.details.items], [[given.store], [given.item]]);
}

async function a_job_is_planned_shown_changed_and_cancelled(page) {
  await signIn(page, reader, "/jobs");
  await page.click("button:has-text('Plan a job')");
  await page.getByLabel("Name of the job").fill("Holiday <b>notice</b>");
  await page.getByLabel("Text", { exact: true }).fill("Closed on \"Sunday\" <script>stolen = 1</script>");
  await page.getByLabel("First time").fill("2030-12-06T09:00");
  await page.getByLabel("Time zone").fill("Asia/Shanghai");
  await page.getByLabel("Weekly").check();
  await page.getByLabel("Friday").check();
  assert.deepEqual(await barriers(page), []);
  await page.click("dialog button[type=submit]");
  await page.locator("a.row-link", { hasText: "Holiday <b>notice</b>" }).click();
  await says(page, ".facts", "every week on Friday at 9:00 AM (Asia/Shanghai)");
  await says(page, ".facts", "Closed on \"Sunday\" <script>stolen = 1</script>");
  await says(page, ".facts", "Dec 6, 9:00 AM · Dec 13, 9:00 AM");
  await settle(page);
  assert.deepEqual(await barriers(page), []);
  await page.click("button:has-text('Change')");
  await page.getByLabel("Name of the job").fill("Another name");
  await page.click("dialog button[type=submit]");
  await says(page, "h1", "Another name");
  await page.click("button:has-text('Cancel the job')");
  await confirm(page, "Cancel the job");
  await says(page, ".facts .state", "Cancelled");
}

await run({
  a_paused_timer_is_shown_as_paused_until_it_is_resumed,
  a_paused_timer_appears_by_itself_on_the_page_of_another,
  a_timer_runs_now_and_its_log_can_be_read,
  a_schedule_changes_within_bounds_and_back,
  a_person_of_one_chain_sees_timers_and_changes_none,
  a_timer_is_chosen_for_a_job_by_its_name,
  items_and_stores_of_a_job_are_chosen_by_their_names,
  a_job_is_planned_shown_changed_and_cancelled,
});
