// node outlets.mjs NAME: people who run outlets in chats, in a real browser against the running stack and a fake chat service.
import assert from "node:assert/strict";
import fs from "node:fs";
import { LAPTOP, PHONE, barriers, fits, given, open, picture, run, says, settle, signIn } from "./harness.mjs";

const { control, manager, other, person, pictures, store } = given;
const act = async (name) => (await fetch(`${control}/${name}`, { method: "POST" })).json();
const isLive = (page) => page.locator(".live-dot").first().waitFor();
// A row by the beginning of its first cell: the number of an order, or a store.
const row = (page, text) => page.locator("tbody tr").filter({ has: page.locator("th", { hasText: new RegExp(`^${text}(\\s|$)`) }) });
const orderOf = ({ number }, outlet = store) => `${number} ${outlet}`;

async function look(page, name) {
  fs.mkdirSync(pictures, { recursive: true });
  for (const [width, viewport] of [[1440, LAPTOP], [390, PHONE]]) {
    await page.setViewportSize(viewport);
    await settle(page);
    assert.deepEqual(await barriers(page), [], `${name}, ${width}`);
    assert.ok(await fits(page), `${name}: something is wider than ${width} pixels`);
    await picture(page, `${pictures}/outlets-${name}-${width}.png`);
  }
  await page.setViewportSize(LAPTOP);
}

async function a_notice_appears_and_leaves_when_its_page_confirms_it(page) {
  await signIn(page, person, "/outlets");
  await isLive(page);
  const { number, link } = await act("order");
  const waiting = row(page, orderOf({ number }));
  await waiting.waitFor();
  assert.match(await waiting.innerText(), /Second robot/);
  await look(page, "waiting");
  const owner = await page.context().newPage();
  await owner.goto(link);
  await owner.getByRole("button", { name: /20/ }).click();
  await owner.locator("body", { hasText: "Confirmed at" }).waitFor();
  await waiting.waitFor({ state: "detached" });
  await page.goto(`${given.base}/console/outlets/${store}`);
  await row(page, number).waitFor();
  assert.match(await row(page, number).innerText(), /Confirmed[\s\S]*Its page/);
  await look(page, "outlet");
  await row(page, number).locator("a").first().click();
  await says(page, ".outlets-bubble", "Order");
  await look(page, "notice");
}

async function an_escalation_is_answered_by_head_office(page) {
  const { number } = await act("order");
  await signIn(page, person, "/outlets");
  await isLive(page);
  await act("escalate");
  await says(page, "section", "Escalations under way");
  const order = row(page, orderOf({ number }));
  await order.getByRole("button", { name: "Reached by phone" }).click();
  await says(page, ".notice", "Noted");
  await order.getByText("Head office").waitFor();
  await order.getByRole("button", { name: "Reached by phone" }).waitFor({ state: "detached" });
  await look(page, "escalation");
  await order.getByRole("button", { name: "Accept" }).click();
  await page.locator("dialog[open] button[type=submit]").click();
  await order.waitFor({ state: "detached" });
  assert.deepEqual(await act("answers"), { state: "confirmed", evidence: "person", ready_minutes: 20 });
}

async function an_announcement_is_seen_tried_paused_and_goes_on(page) {
  await signIn(page, person, "/outlets?tab=announcements");
  await page.getByRole("button", { name: "New announcement" }).click();
  await page.getByLabel("Text in English").fill("New packaging from Monday.");
  await page.getByLabel("Text in Chinese").fill("周一起使用新包装。");
  await page.getByRole("button", { name: "Keep the draft" }).click();
  await says(page, ".outlets-bubble", "周一起使用新包装。");
  await says(page, ".state", "Draft");
  await page.getByLabel("Chat at the service").fill("7007");
  await page.getByRole("button", { name: "Send the test" }).click();
  await says(page, ".notice", "on its way");
  await act("tick");
  for (let looks = 0; looks < 60 && !Object.keys(await act("told")).length; looks++) await page.waitForTimeout(1_000);
  await page.getByLabel("Begins").fill("2031-01-05T10:00");
  await page.getByRole("button", { name: "Plan it" }).click();
  await says(page, ".state", "Planned");
  await look(page, "announcement");
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await says(page, ".card", "Nothing is sent now.");
  assert.deepEqual(await act("told"), { 7007: ["New packaging from Monday."] });
  await page.getByRole("button", { name: "Send now" }).click();
  await page.locator("dialog[open] button.main").click();
  await says(page, ".notice", "being sent");
  await act("tick");
  await row(page, store).getByText("Sent").waitFor();
  await says(page, ".page-actions .state", "Sent");
  const text = ["New packaging from Monday."];
  assert.deepEqual(await act("told"), { 7007: text, 1001: text, 1003: text });
  await page.getByLabel("Not read yet").check();
  await row(page, store).waitFor();
  await page.goto(`${given.base}/console/outlets?tab=announcements`);
  await says(page, "tbody tr", "2 of 2 sent");
  await look(page, "announcements");
}

async function a_robot_without_its_login_shows_how_to_log_in_again(page) {
  await signIn(page, person, "/outlets?tab=robots");
  await isLive(page);
  await says(page, ".card", "Works");
  await act("forbid");
  await act("order");
  await says(page, ".card .state", "Cannot send");
  await says(page, ".outlets-steps", "@BotFather");
  await look(page, "robots");
  await act("allow");
  await page.locator(".outlets-steps").waitFor({ state: "detached" });
}

async function pushes_to_guests_are_seen_with_their_failures_and_consents(page) {
  await act("push");
  await signIn(page, person, "/outlets?tab=guests");
  const ready = row(page, "ready");
  await ready.first().waitFor();
  assert.match(await ready.first().innerText(), /Order ready[\s\S]*2 of 4 taken/);
  await says(page, "tbody tr", "No consent left");
  await says(page, "tbody tr", "The guest has withdrawn (43101)");
  assert.match(await row(page, "t-ready").last().innerText(), /1\s+3/);
  await look(page, "guests");
}

async function a_manager_sees_the_own_store_alone(page) {
  const { number } = await act("order");
  await act("order_elsewhere");
  await signIn(page, manager, "/outlets");
  const order = row(page, orderOf({ number }));
  await order.waitFor();
  assert.equal(await page.locator("tbody tr", { hasText: other }).count(), 0);
  assert.equal(await page.getByRole("button", { name: "Robots" }).count(), 0);
  await order.getByRole("button", { name: "Decline" }).click();
  await page.locator("dialog[open] button[type=submit]").click();
  await order.waitFor({ state: "detached" });
  await page.goto(`${given.base}/console/outlets/${other}`);
  await page.locator(".failure").waitFor();
}

async function chinese_words_fit_on_a_phone() {
  await act("order");
  const page = await open({ locale: "zh-CN" });
  await signIn(page, person, "/outlets");
  await page.locator("tbody tr", { hasText: store }).first().waitFor();
  await look(page, "zh-waiting");
  await page.goto(`${given.base}/console/outlets/${store}`);
  await look(page, "zh-outlet");
  await act("push");
  await page.goto(`${given.base}/console/outlets?tab=guests`);
  await says(page, "tbody tr", "没有剩余授权");
  await look(page, "zh-guests");
  assert.deepEqual(page.faults, []);
}

await run({
  a_notice_appears_and_leaves_when_its_page_confirms_it,
  an_escalation_is_answered_by_head_office,
  an_announcement_is_seen_tried_paused_and_goes_on,
  a_robot_without_its_login_shows_how_to_log_in_again,
  pushes_to_guests_are_seen_with_their_failures_and_consents,
  a_manager_sees_the_own_store_alone,
  chinese_words_fit_on_a_phone,
});
