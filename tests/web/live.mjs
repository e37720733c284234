// node live.mjs NAME: what comes by itself on a page, in a real browser against the running stack.
import assert from "node:assert/strict";
import { barriers, given, open, run, says, settle, signIn } from "./harness.mjs";

const { chain, control, manager, neighbour, office, store } = given;
const act = async (name, ...values) => (await fetch(`${control}/${name}`, { method: "POST", body: JSON.stringify(values) })).json();

const SLOW = 1_500; // milliseconds of a reply
const OFTEN = 300; // milliseconds between changes
const SHOWN_WITHIN = 4 * SLOW;

/** The socket of the page has a change of the orders each 300 ms, as in a busy chain, beside what the server says. */
const beBusy = async (page) => {
  const head = { topic: "orders", type: "order.placed", chain, store, at: new Date().toISOString(), version: 1 };
  let count = 0;
  await page.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((frame) => server.send(frame));
    server.onMessage((frame) => socket.send(frame));
    const timer = setInterval(() => socket.send(JSON.stringify({ kind: "changes", changes: [{ ...head, subject: `order/${count++}` }] })), OFTEN);
    timer.unref();
  });
};

const rowsOf = (page) => page.locator(".table tbody tr a.row-link").evaluateAll((links) => links.map(({ href }) => href.split("/").at(-1)));

async function a_busy_chain_with_slow_replies_is_shown(page) {
  await beBusy(page);
  await page.route("**/v1/console/orders?*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, SLOW));
    await route.continue().catch(() => undefined);
  });
  await signIn(page, office, "/orders");
  await page.locator(".live-dot").first().waitFor();
  await page.locator(".table tbody tr").first().waitFor({ timeout: SHOWN_WITHIN });
  const id = await act("order");
  await page.locator(`a[href$="/orders/${id}"]`).waitFor({ timeout: SHOWN_WITHIN });
}

async function older_rows_can_be_asked_for_in_a_busy_chain(page) {
  for (let count = 0; count < 4; count++) await act("order");
  await beBusy(page);
  await page.route("**/v1/console/orders?*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, SLOW));
    await route.continue({ url: route.request().url().replace("limit=50", "limit=2") }).catch(() => undefined);
  });
  await signIn(page, office, "/orders");
  await page.locator(".table-more button").click();
  await page.locator(".table tbody tr:nth-child(4)").waitFor({ timeout: 2 * SHOWN_WITHIN });
}

// New orders push others from the first page to the second, which was read before.
async function new_rows_leave_no_hole_before_older_ones(page) {
  for (let count = 0; count < 6; count++) await act("order");
  await page.route("**/v1/console/orders?*", (route) => route.continue({ url: route.request().url().replace("limit=50", "limit=3") }));
  await signIn(page, office, "/orders");
  await page.locator(".live-dot").first().waitFor();
  await page.locator(".table-more button").click();
  await page.locator(".table tbody tr:nth-child(6)").waitFor();
  let newest = "";
  for (let count = 0; count < 5; count++) newest = await act("order");
  await page.locator(`a[href$="/orders/${newest}"]`).waitFor();
  const { orders } = await (await page.request.get(`${given.base}/v1/console/orders?chain=${chain}&limit=6`)).json();
  await page.waitForFunction((id) => document.querySelector(".table tbody tr:nth-child(6) a.row-link")?.href.endsWith(id), orders[5].id);
  assert.deepEqual(await rowsOf(page), orders.map(({ id }) => id));
}

async function moments_of_a_store_are_on_its_clock(page) {
  const id = await act("order");
  const elsewhere = await open({ timezoneId: "Pacific/Auckland" });
  await signIn(elsewhere, office, "/orders");
  const { order } = await (await elsewhere.request.get(`${given.base}/v1/console/orders/${id}`)).json();
  const local = new Intl.DateTimeFormat("en-US", { day: "numeric", month: "short", hour: "numeric", minute: "2-digit", timeZone: given.zone }).format(new Date(order.placed_at));
  await elsewhere.locator(".table tbody tr", { has: elsewhere.locator(`a[href$="/orders/${id}"]`), hasText: local }).waitFor();
  await elsewhere.goto(`${given.base}/console/orders/${id}`);
  await says(elsewhere, ".facts", local);
  const reached = new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit", second: "2-digit", timeZone: given.zone });
  const shown = await elsewhere.locator(".order-way time, .order-steps time").evaluateAll((times) => times.map(({ dateTime, innerText }) => [dateTime, innerText]));
  assert.ok(shown.length > 1);
  for (const [at, text] of shown) assert.equal(text, reached.format(new Date(at)));
  assert.deepEqual(elsewhere.faults, []);
}

// In UTC it is the first of December; in the store it is still November.
async function tomorrow_is_that_of_the_store(page) {
  await page.clock.setFixedTime("2026-12-01T02:00:00Z");
  await signIn(page, office, `/forecast?store=${store}&tab=plans`);
  await page.locator("input[type=date]").first().waitFor();
  const days = await page.locator("input[type=date]").evaluateAll((fields) => fields.map(({ value }) => value));
  assert.deepEqual(days, Array(4).fill("2026-12-01"));
}

async function an_announcement_that_was_planned_comes_to_the_pages_of_its_store(page) {
  const text = "Closed on <b>Sunday</b>\nGo home early";
  const pages = [];
  for (const [person, path] of [[manager, "/fleet"], [neighbour, "/orders"]]) {
    const shown = await open();
    await signIn(shown, person, path);
    await settle(shown);
    await shown.locator(".live-dot").first().waitFor();
    pages.push(shown);
  }
  const [own, other] = pages;
  await signIn(page, office, "/jobs");
  const at = new Date(Date.now() + 60_000).toISOString().slice(0, 16);
  await page.click("button:has-text('Plan a job')");
  await page.getByLabel("Name of the job").fill("Sunday");
  await page.getByLabel("Text", { exact: true }).fill(text);
  await page.getByLabel("Add a store").selectOption(store);
  await page.getByLabel("First time").fill(at);
  await page.getByLabel("Time zone").fill("UTC");
  await page.click("dialog button[type=submit]");
  await says(page, ".table tbody tr", "Sunday");
  assert.equal(await own.locator(".announcement").count(), 0);
  await page.waitForTimeout(Math.max(0, Date.parse(`${at}Z`) - Date.now()) + 500);
  await act("work_through_jobs");
  await own.locator(".announcement-text").waitFor({ timeout: given.changeSeconds * 1_000 }); // without live changes a minute
  assert.equal(await own.locator(".announcement-text").innerText(), text);
  assert.deepEqual(await barriers(own), []);
  await page.locator(".announcement", { hasText: given.storeName }).waitFor();
  await other.reload();
  await settle(other);
  assert.equal(await other.locator(".announcement").count(), 0);
  await own.getByRole("button", { name: /^Hide the announcement/ }).click();
  await own.reload();
  await settle(own);
  assert.equal(await own.locator(".announcement").count(), 0);
  assert.deepEqual([...own.faults, ...other.faults], []);
}

await run({
  a_busy_chain_with_slow_replies_is_shown, older_rows_can_be_asked_for_in_a_busy_chain, new_rows_leave_no_hole_before_older_ones,
  moments_of_a_store_are_on_its_clock, tomorrow_is_that_of_the_store, an_announcement_that_was_planned_comes_to_the_pages_of_its_store,
});
