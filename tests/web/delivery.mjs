// node delivery.mjs NAME: a dispatcher at the board, in a real browser against the running stack.
import assert from "node:assert/strict";
import { PHONE, barriers, fits, given, picture, run, says, settle, signIn } from "./harness.mjs";

const { control, delivery, person, stranger, pictures } = given;
const act = async (name) => (await fetch(`${control}/${name}`, { method: "POST" })).json();
const cardOf = (page, id) => page.locator(`[data-delivery="${id}"]`);
const isLive = (page) => page.locator(".live-dot").first().waitFor();

async function a_delivery_appears_by_itself(page) {
  await signIn(page, person, "/delivery");
  await isLive(page);
  const id = await act("place");
  await cardOf(page, id).waitFor();
  assert.match(await cardOf(page, id).innerText(), /1 Harbour Road/);
  await page.locator(".delivery-map .delivery-door").first().waitFor();
  await settle(page);
  assert.deepEqual(await barriers(page), []);
  await picture(page, `${pictures}/delivery-board-1440.png`);
  await page.setViewportSize(PHONE);
  await settle(page);
  assert.ok(await fits(page));
  await picture(page, `${pictures}/delivery-board-390.png`);
}

async function a_drag_assigns_and_a_button_takes_back(page) {
  const id = await act("place");
  await signIn(page, person, "/delivery");
  const card = cardOf(page, id);
  await card.dragTo(page.locator('[data-courier="ana"]'));
  await card.locator(".state", { hasText: "Ana · Accepted" }).waitFor();
  await says(page, ".notice", "is with Ana");
  assert.match(await card.innerText(), /Chosen by the desk/);
  await card.getByRole("button", { name: /^Take back/ }).click();
  await card.locator(".state", { hasText: "Ana" }).waitFor({ state: "detached" });
  // The same without a mouse.
  await card.getByRole("button", { name: /^Assign/ }).focus();
  await page.keyboard.press("Enter");
  const choice = page.locator("dialog[open]");
  await choice.waitFor();
  assert.deepEqual(await barriers(page), []);
  await choice.getByRole("button", { name: "Assign: Ben" }).focus();
  await page.keyboard.press("Enter");
  await card.locator(".state", { hasText: "Ben · Accepted" }).waitFor();
}

async function what_is_picked_up_is_not_dragged(page) {
  await signIn(page, person, "/delivery");
  await cardOf(page, delivery).waitFor();
  assert.equal(await cardOf(page, delivery).getAttribute("draggable"), "false");
  assert.equal(await cardOf(page, delivery).getByRole("button").count(), 0);
}

async function a_delivery_turns_red_by_itself_when_it_is_late(page) {
  const id = await act("place");
  await page.clock.install();
  await signIn(page, person, "/delivery");
  await page.locator(`[data-delivery="${id}"].in_time`).waitFor();
  await page.clock.fastForward("36:00"); // 45 minutes are promised
  await page.locator(`[data-delivery="${id}"].soon`, { hasText: "left" }).waitFor();
  await page.clock.fastForward("15:00");
  const late = page.locator(`[data-delivery="${id}"].late`, { hasText: "Late by" });
  await late.waitFor();
  const red = await late.evaluate((card) => getComputedStyle(card).backgroundColor !== getComputedStyle(document.querySelector(".delivery-courier")).backgroundColor);
  assert.ok(red);
  assert.ok(await page.locator(".delivery-map .delivery-door.late").count());
  await settle(page);
  assert.deepEqual(await barriers(page), []);
  await picture(page, `${pictures}/delivery-late-1440.png`);
}

async function one_delivery_shows_both_ways_the_refused_action_and_its_messages(page) {
  await signIn(page, person, `/delivery/${delivery}`);
  await says(page, ".delivery-way [aria-current]", "Handed over");
  await says(page, ".delivery-way [aria-current]", "Picked up");
  await says(page, "tr.bad", "Not possible in this state");
  await says(page, ".delivery-messages .by-courier", "Which gate?");
  await page.fill(".page textarea", "The green one");
  await page.getByRole("button", { name: "Send" }).click();
  await says(page, ".delivery-messages .by-desk", "The green one");
  await settle(page);
  assert.deepEqual(await barriers(page), []);
  await picture(page, `${pictures}/delivery-one-1440.png`);
  await page.setViewportSize(PHONE);
  assert.ok(await fits(page));
  await picture(page, `${pictures}/delivery-one-390.png`);
}

async function numbers_and_the_list_of_ended_ones_follow_a_delivery_at_the_door(page) {
  await signIn(page, person, "/delivery?tab=ended");
  await isLive(page);
  assert.equal(await act("deliver"), 200);
  await says(page, ".table tbody tr", "Delivered");
  await page.getByRole("button", { name: "Numbers" }).click();
  await page.locator(".figure", { hasText: "Delivered" }).locator(".figure-value", { hasText: "1" }).waitFor();
  await page.locator(".figure", { hasText: "On time" }).locator(".figure-value", { hasText: "100%" }).waitFor();
  await settle(page);
  assert.deepEqual(await barriers(page), []);
  await picture(page, `${pictures}/delivery-numbers-1440.png`);
}

async function the_manager_of_another_store_sees_nothing_of_it(page) {
  await signIn(page, stranger, "/delivery");
  await says(page, ".empty", "No open deliveries");
  await says(page, ".empty", "No courier works here yet");
  assert.equal(await page.locator("[data-delivery], [data-courier], .delivery-map > svg").count(), 0);
  await page.goto(`${given.base}/console/delivery/${delivery}`);
  await says(page, ".failure", "not yours to see");
}

await run({
  a_delivery_appears_by_itself,
  a_drag_assigns_and_a_button_takes_back,
  what_is_picked_up_is_not_dragged,
  a_delivery_turns_red_by_itself_when_it_is_late,
  one_delivery_shows_both_ways_the_refused_action_and_its_messages,
  numbers_and_the_list_of_ended_ones_follow_a_delivery_at_the_door,
  the_manager_of_another_store_sees_nothing_of_it,
});
