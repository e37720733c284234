// node set_up.mjs NAME: what a person sets up in the console holds for the API, in a real browser against the running stack.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { given, open, run, says, settle, signIn } from "./harness.mjs";

const { base, person, manager, store, chain, other } = given;

// A signed request, as docs/api/signing.md has it; another hand than web/signing.js.
async function signed(page, key, method, path, document) {
  const body = document === undefined ? "" : JSON.stringify(document);
  const time = (Date.now() / 1000).toFixed(3);
  const [bare, query = ""] = path.split("?");
  const text = [method, bare, query, crypto.createHash("sha256").update(body).digest("hex"), time].join("\n");
  const signature = crypto.createHmac("sha256", key.secret).update(text).digest("hex");
  const headers = { Authorization: `DUMBWAITER-HMAC-SHA256 Credential=${key.id}, Signature=${signature}`, "X-Dumbwaiter-Time": time };
  if (body) headers["Content-Type"] = "application/json";
  return page.request.fetch(`${base}${path}`, { method, headers, ...(body ? { data: body } : {}) });
}

// An order of one piece at the price that the guest saw.
const orderOf = (item, price) => ({
  store, source: { kind: "mini_program", id: "app", number: crypto.randomUUID() }, service: "takeaway",
  lines: [{ item, quantity: 1, unit_price: price }], tax: Math.round((price * 6) / 106), total: price, currency: "USD",
});

async function an_item_that_was_added_and_published_can_be_ordered_until_it_is_sold_out(page) {
  await signIn(page, person, `/menu/store/${store}`);
  await page.click("button:has-text('Add item')");
  const dialog = page.locator("dialog[open]");
  await dialog.getByLabel("Name", { exact: true }).first().fill("Lemon tea");
  await dialog.getByLabel("Category").fill("drinks");
  await dialog.getByLabel("Price (USD)").first().fill("4.50");
  await dialog.locator("button[type=submit]").click();
  await says(page, ".menu-bar", "1 change is not published");
  assert.equal((await signed(page, given.app, "POST", "/v1/orders", orderOf("lemon-tea", 450))).status(), 422);

  await page.click("button:has-text('Review and publish')");
  await says(page, "dialog[open] .menu-review", "Lemon tea");
  await page.click("dialog[open] button[type=submit]");
  await says(page, ".notice", "Published");
  const placed = await signed(page, given.app, "POST", "/v1/orders", orderOf("lemon-tea", 450));
  assert.equal(placed.status(), 201, await placed.text());

  await page.getByRole("switch", { name: "Lemon tea: sold out" }).click();
  await says(page, ".notice", "Lemon tea is sold out");
  const refused = await signed(page, given.app, "POST", "/v1/orders", orderOf("lemon-tea", 450));
  assert.equal(refused.status(), 422);
  assert.match(await refused.text(), /sold_out/);
  await page.getByRole("switch", { name: "Lemon tea: on sale again" }).click();
  await says(page, ".notice", "Lemon tea is on sale");
  assert.equal((await signed(page, given.app, "POST", "/v1/orders", orderOf("lemon-tea", 450))).status(), 201);
}

async function a_menu_that_somebody_else_published_meanwhile_is_not_overwritten(page) {
  await signIn(page, person, `/menu/store/${store}`);
  await page.click(".menu-name >> nth=0");
  await page.locator("dialog[open]").getByLabel("Name", { exact: true }).first().fill("Mine");
  await page.click("dialog[open] button[type=submit]");
  const read = await (await signed(page, given.app, "GET", `/v1/stores/${store}/menu`)).json();
  const changed = { ...read.menu, items: read.menu.items.map((item, at) => (at ? item : { ...item, name: "Theirs" })) };
  assert.equal((await signed(page, given.writer, "PUT", `/v1/stores/${store}/menu`, changed)).status(), 200);
  await page.click("button:has-text('Review and publish')");
  await page.click("dialog[open] button[type=submit]");
  await says(page, "dialog[open]", "Somebody");
  const after = await (await signed(page, given.app, "GET", `/v1/stores/${store}/menu`)).json();
  assert.equal(after.menu.items[0].name, "Theirs");
}

async function opening_hours_that_were_saved_hold(page) {
  await signIn(page, person, `/stores/${other}?tab=hours`);
  await settle(page);
  await page.click("button[type=submit]:has-text('Save')");
  await says(page, ".notice", "Saved");
  const document = await (await signed(page, given.app, "GET", `/v1/stores/${other}`)).json();
  assert.deepEqual(document.opening_hours.week, Array.from({ length: 7 }, () => [{ opens: "10:00", closes: "22:00" }]));
}

async function a_key_that_was_made_here_signs_until_it_is_revoked(page) {
  await signIn(page, person, "/clients");
  await page.click("button:has-text('Make a key')");
  await page.locator("dialog[open]").getByLabel("Name", { exact: true }).fill("Reading program");
  await page.click("dialog[open] label:has-text('A program that reads')");
  await page.click("dialog[open] button[type=submit]");
  const secret = await page.locator(".clients-secret").innerText();
  const id = await page.locator("dialog[open] code").first().innerText();
  const key = { id, secret };
  assert.equal((await signed(page, key, "GET", `/v1/stores/${store}`)).status(), 200);
  assert.equal((await signed(page, key, "POST", "/v1/orders", orderOf("lemon-tea", 450))).status(), 403);
  await page.reload();
  assert.ok(!(await page.content()).includes(secret), "the secret is shown once");
  await page.click(`a:has-text('Reading program')`);
  await page.click("button:has-text('Revoke the key')");
  await page.click("dialog[open] button:has-text('Revoke the key')");
  await says(page, ".state", "Revoked");
  assert.equal((await page.request.get(`${base}/v1/clients/${id}`)).status(), 200);
  assert.equal(JSON.stringify(await (await page.request.get(`${base}/v1/clients/${id}`)).json()).includes(secret), false);
}

async function an_invited_person_has_the_role_in_its_place_alone(page) {
  await signIn(page, person, "/people");
  await page.click("button:has-text('Invite a person')");
  const dialog = page.locator("dialog[open]");
  const email = `${crypto.randomUUID().slice(0, 8)}@example.com`;
  await dialog.getByLabel("Name", { exact: true }).fill("Nina New");
  await dialog.getByLabel("Email").fill(email);
  await dialog.getByLabel("Where").selectOption(store);
  await dialog.locator("button[type=submit]").click();
  const link = await page.locator(".people-link").innerText();
  assert.match(link, /\/console\/link#[A-Za-z0-9_-]{20,}$/);
  const nina = await open();
  await nina.goto(link);
  await nina.locator("input[type=password]").first().fill("a long enough password");
  for (const field of await nina.locator("input[type=password]").all()) await field.fill("a long enough password");
  await nina.click("button[type=submit]");
  await nina.locator(".shell").waitFor();
  const session = await (await nina.request.get(`${base}/v1/session`)).json();
  assert.ok(session.rights.length > 0);
  assert.ok(session.rights.every((right) => right.endsWith(`@store:${chain}:${store}`)), session.rights.join(" "));
}

async function a_store_manager_sees_and_changes_the_own_store_alone(page) {
  await signIn(page, manager, "/stores");
  await says(page, "h1", given.storeName);
  for (const path of ["/people", "/clients", "/audit"]) {
    await page.goto(`${base}/console${path}`);
    await page.locator("h1").waitFor();
    assert.equal(await page.locator(".table tbody tr").count(), 0, path);
  }
  const { csrf } = await (await page.request.get(`${base}/v1/session`)).json();
  const headers = { "X-CSRF-Token": csrf, "Idempotency-Key": crypto.randomUUID() };
  assert.equal((await page.request.get(`${base}/v1/stores/${other}`)).status(), 403);
  assert.equal((await page.request.put(`${base}/v1/stores/${other}/sold-out`, { headers, data: { items: [] } })).status(), 403);
  assert.equal((await page.request.get(`${base}/v1/people?chain=${chain}`)).status(), 403);
  assert.equal((await page.request.put(`${base}/v1/stores/${store}/sold-out`, { data: { items: [] } })).status(), 403, "without the token of the page");
}

await run({
  an_item_that_was_added_and_published_can_be_ordered_until_it_is_sold_out, a_menu_that_somebody_else_published_meanwhile_is_not_overwritten, opening_hours_that_were_saved_hold,
  a_key_that_was_made_here_signs_until_it_is_revoked, an_invited_person_has_the_role_in_its_place_alone, a_store_manager_sees_and_changes_the_own_store_alone,
});
