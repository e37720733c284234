// node delivery.mjs NAME: a dispatcher at the board, in a real browser against the running stack.
import assert from "node:assert/strict";
import { PHONE, barriers, fits, given, picture, run, says, settle, signIn } from "./harness.mjs";

const { control, delivery, person, stranger, pictures } = given;
const act = async (name, ...args) => (await fetch(`${control}/${name}`, { method: "POST", body: JSON.stringify(args) })).json();
const see = (id) => act("see", id);
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

async function the_desk_writes_for_whom_a_delivery_is(page) {
  const id = await act("place");
  await signIn(page, person, `/delivery/${id}`);
  await page.getByRole("button", { name: /^Change: / }).click();
  const dialog = page.locator("dialog[open]");
  await dialog.waitFor();
  assert.deepEqual(await barriers(page), []);
  const [recipient, payer] = [dialog.getByRole("group", { name: "Recipient" }), dialog.getByRole("group", { name: "Paid by" })];
  await recipient.getByLabel("Name").fill("Bea Recipient");
  await recipient.getByLabel("Phone").fill("+1 555 0111");
  await recipient.getByLabel("Address").fill("2 Mill Lane");
  const door = dialog.getByLabel("Place of the door: Latitude, longitude");
  await door.fill("52.02");
  await says(page, "dialog .error", "Write two numbers in degrees");
  assert.equal(await dialog.getByRole("button", { name: "Save" }).isDisabled(), true);
  await door.fill("52.02, 13.03");
  await payer.getByLabel("Name").fill("Ada Payer");
  await dialog.getByLabel(/^A gift/).check();
  await dialog.getByLabel("Text of the card").fill("Happy birthday!");
  await dialog.getByLabel(/^Wishes/).fill("The gate on the left");
  await page.setViewportSize(PHONE);
  assert.ok(await fits(page));
  await picture(page, `${pictures}/delivery-details-form-390.png`);
  await dialog.getByRole("button", { name: "Save" }).click();
  await says(page, ".facts", "2 Mill Lane");
  const { details } = await see(id);
  assert.deepEqual(details, {
    recipient: { name: "Bea Recipient", phone: "+1 555 0111", address: "2 Mill Lane", lat: 52.02, lon: 13.03 },
    payer: { name: "Ada Payer", phone: details.payer.phone }, gift: true, surprise: false, may_leave: false, vehicles: [], card: "Happy birthday!", wishes: "The gate on the left",
  });
}

async function the_desk_adds_a_courier_and_changes_the_shift(page) {
  await signIn(page, person, "/delivery?tab=couriers");
  await page.getByRole("button", { name: "Add a courier" }).click();
  const dialog = page.locator("dialog[open]");
  await dialog.getByLabel("Name", { exact: true }).fill("Cleo");
  await dialog.getByLabel("Short name").fill("cleo");
  await dialog.getByLabel("Vehicle").selectOption("car");
  await dialog.getByLabel("Orders at once").fill("5");
  await dialog.getByLabel("Begins").fill("2026-12-01T08:00");
  await dialog.getByLabel("Ends").fill("2026-12-01T07:00");
  await says(page, "dialog .error", "a later end");
  await dialog.getByLabel("Ends").fill("2026-12-01T16:30");
  assert.deepEqual(await barriers(page), []);
  await dialog.getByRole("button", { name: "Save" }).click();
  await says(page, ".table tbody tr", "Cleo");
  const shift = await page.evaluate(() => ["2026-12-01T08:00", "2026-12-01T16:30"].map((at) => new Date(at).toISOString()));
  const stored = async () => (await act("couriers")).find(({ id }) => id === "cleo");
  const made = await stored();
  assert.deepEqual([made.vehicle, made.capacity, made.stores, new Date(made.shift_from).toISOString(), new Date(made.shift_until).toISOString()], ["car", 5, [given.store], ...shift]);
  await settle(page);
  await picture(page, `${pictures}/delivery-couriers-1440.png`);
  await page.getByRole("button", { name: "Change: Cleo" }).click();
  await dialog.getByLabel("Works here").uncheck();
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.locator(".table tbody tr", { hasText: "Cleo" }).waitFor({ state: "detached" });
  assert.equal(await stored(), undefined);
}

async function the_desk_sets_how_a_store_delivers(page) {
  const before = await act("settings");
  await signIn(page, person, "/delivery?tab=settings");
  await page.getByLabel("Minutes until the door").fill("30");
  await page.getByLabel("Offer orders to couriers automatically").check();
  await page.getByLabel("Place of the store: Latitude, longitude").fill("");
  assert.equal(await page.getByRole("button", { name: "Save" }).isDisabled(), true, "automatic assignment needs the place");
  await page.getByLabel("Place of the store: Latitude, longitude").fill("52.001, 13.002");
  await page.getByLabel("This courier gets all orders").selectOption("ben");
  await page.getByLabel("Coordinates on its pages").selectOption("gcj02");
  await page.getByLabel("The courier needs the customer's PIN").check();
  await settle(page);
  assert.deepEqual(await barriers(page), []);
  await picture(page, `${pictures}/delivery-settings-1440.png`);
  await page.setViewportSize(PHONE);
  assert.ok(await fits(page));
  await picture(page, `${pictures}/delivery-settings-390.png`);
  await page.getByRole("button", { name: "Save" }).click();
  await says(page, ".notice", "Saved");
  assert.deepEqual(await act("settings"), { ...before, promise_minutes: 30, automatic: true, lat: 52.001, lon: 13.002, fixed_courier: "ben", map_system: "gcj02", needs_pin: true });
  await act("settings_back");
}

async function head_office_keeps_an_account_at_a_fleet(page) {
  await signIn(page, given.office, "/delivery?tab=settings");
  await page.getByRole("button", { name: "Add an account" }).click();
  const dialog = page.locator("dialog[open]");
  await dialog.getByLabel("Name of the account").fill("uber");
  await dialog.getByLabel("Service").selectOption("uber_direct");
  for (const name of ["customer_id", "client_id", "client_secret", "signing_key"]) await dialog.getByLabel(name).fill(`its ${name}`);
  assert.deepEqual(await barriers(page), []);
  await dialog.getByRole("button", { name: "Save" }).click();
  await says(page, ".table tbody tr", "Uber Direct");
  await page.getByRole("button", { name: "Change: uber" }).click();
  await dialog.getByLabel("Switched on").uncheck();
  await dialog.getByRole("button", { name: "Save" }).click();
  await says(page, ".table tbody tr", "Switched off");
  const [stored] = await act("fleets");
  assert.deepEqual([stored.settings.customer_id, stored.has_credentials, stored.enabled], ["its customer_id", true, false]);
  // A fleet's rule of a store, by the same page.
  await page.getByLabel("Store", { exact: true }).selectOption(given.store);
  const rule = page.getByRole("group", { name: "Outside fleet" });
  await rule.getByLabel("Fleet", { exact: true }).selectOption("uber");
  await rule.getByLabel("Phone of the store").fill("+1 555 0199");
  await rule.getByLabel("Address of the store").fill("9 Harbour Road");
  await rule.getByLabel(/^Ask it after so many/).fill("7");
  await rule.getByRole("button", { name: "Add hours" }).click();
  await rule.getByLabel(/^Refuse a quote above/).fill("12.50");
  await settle(page);
  assert.deepEqual(await barriers(page), []);
  const [answer] = await Promise.all([
    page.waitForResponse((reply) => reply.request().method() === "PUT" && reply.url().includes("/v1/delivery-stores/")),
    page.getByRole("button", { name: "Save" }).click(),
  ]);
  assert.equal(answer.status(), 200);
  const { fleet_rule: kept } = await act("settings");
  assert.deepEqual([kept.fleet, kept.phone, kept.no_courier_minutes, kept.beyond_metres, kept.hours, kept.most_price], ["uber", "+1 555 0199", 7, null, [{ begin: "22:00:00", end: "06:00:00" }], 1_250]);
  await act("settings_back");
}

async function a_message_to_the_desk_is_listed_live_until_it_is_read(page) {
  await signIn(page, person, "/delivery");
  await isLive(page);
  const tab = page.getByRole("button", { name: /^Messages/ });
  await says(page, ".tabs", "Messages");
  const before = Number((await tab.locator(".count").allInnerTexts())[0] ?? 0);
  assert.equal(await act("ask", "The gate is locked."), 201);
  await tab.locator(".count", { hasText: String(before + 1) }).waitFor();
  await cardOf(page, delivery).locator(".state", { hasText: /\d new/ }).waitFor();
  await tab.click();
  const waiting = page.locator(`[data-unread="${delivery}"]`);
  await waiting.waitFor();
  assert.match(await waiting.innerText(), /The gate is locked\.[^]*Courier Ana/);
  await settle(page);
  assert.deepEqual(await barriers(page), []);
  await picture(page, `${pictures}/delivery-messages-1440.png`);
  await page.setViewportSize(PHONE);
  assert.ok(await fits(page));
  await picture(page, `${pictures}/delivery-messages-390.png`);
  await waiting.getByRole("link").click();
  await says(page, ".delivery-messages .by-courier", "The gate is locked.");
  await page.goBack();
  await page.locator(".tabs").waitFor();
  await page.locator(`[data-unread="${delivery}"]`).waitFor({ state: "detached" });
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
  the_desk_writes_for_whom_a_delivery_is,
  the_desk_adds_a_courier_and_changes_the_shift,
  the_desk_sets_how_a_store_delivers,
  head_office_keeps_an_account_at_a_fleet,
  a_message_to_the_desk_is_listed_live_until_it_is_read,
  numbers_and_the_list_of_ended_ones_follow_a_delivery_at_the_door,
  the_manager_of_another_store_sees_nothing_of_it,
});
