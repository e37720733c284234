// clients/javascript against the deployed stack; test_javascript.py starts it.

import assert from "node:assert/strict";
import test from "node:test";

import { Client, NoReply, Problem, RegionSuperseded } from "../../clients/javascript/dumbwaiter.js";

const { ADDRESS, CONTROL, KEY_ID, SECRET, STORE } = process.env;
const key = { keyId: KEY_ID, secret: SECRET };

// The faults of the next requests; returns the headers of the requests since the last call.
async function faults(...next) {
  const reply = await fetch(CONTROL, { method: "POST", body: JSON.stringify(next) });
  return reply.json();
}

function tea(different = {}) {
  return {
    store: STORE,
    source: { kind: "till", id: "javascript-till", number: crypto.randomUUID() },
    service: "takeaway",
    lines: [{ item: "tea", quantity: 1, unit_price: 400 }],
    total: 400,
    currency: "USD",
    ...different,
  };
}

test("an order goes from placed to refunded", async () => {
  const client = new Client(ADDRESS, key);
  assert.equal((await client.getMenu(`demo:${STORE}`)).currency, "USD");
  const { id } = await client.placeOrder(tea());
  assert.equal((await client.addPayment(id, { reference: "p", method: "cash", amount: 400 })).payment, "paid");
  assert.equal((await client.moveOrder(id, "accepted")).fulfilment, "accepted");
  assert.equal((await client.cancelOrder(id, "guest left")).refund_due, 400);
  assert.equal((await client.addRefund(id, { reference: "r", amount: 400, reason: "left (él)" })).payment, "refunded");
  const { orders } = await client.listOrders({ store: STORE, status: "cancelled" });
  assert.deepEqual(orders.map((order) => order.id), [id]);
  assert.equal((await client.getOrder(id)).refunded, 400);
});

test("a guest places an order with a token and without a key", async () => {
  const server = new Client(ADDRESS, key);
  const { token, numbers } = await server.createGuestToken({ store: STORE, source_id: "app" });
  const guest = new Client(ADDRESS, { token });
  assert.equal((await guest.getMenu(STORE)).currency, "USD");
  const order = await guest.placeOrder(tea({ source: { kind: "mini_program", id: "app", number: numbers[0] } }));
  assert.deepEqual(await guest.getOrder(order.id), order);
  assert.equal((await guest.cancelOrder(order.id, "changed my mind")).fulfilment, "cancelled");
  await assert.rejects(guest.listOrders(), { code: "token_not_allowed" });
});

for (const next of [["503", "429", "502"], ["404"], ["cut", "cut"], ["lost"], ["lost", "503", "lost"]]) {
  test(`attempts have one key and one effect: ${next}`, async () => {
    const client = new Client(ADDRESS, { ...key, attempts: 4 });
    await faults(...next);
    const number = crypto.randomUUID();
    const order = await client.placeOrder(tea({ source: { kind: "till", id: "javascript-till", number } }));
    const seen = await faults();
    assert.equal(seen.length, next.length + 1);
    assert.equal(new Set(seen.map((headers) => headers["idempotency-key"])).size, 1);
    assert.equal(new Set(seen.map((headers) => headers.authorization)).size, seen.length);
    const { orders } = await client.listOrders({ source: "till", source_id: "javascript-till", number });
    assert.deepEqual(orders.map((one) => one.id), [order.id]);
  });
}

test("a refusal is thrown with its code and not repeated", async () => {
  const client = new Client(ADDRESS, key);
  await faults();
  await assert.rejects(client.placeOrder(tea({ currency: "EUR" })), (problem) => {
    assert.ok(problem instanceof Problem);
    assert.deepEqual([problem.status, problem.code, problem.errors[0].path], [422, "not_orderable", "currency"]);
    return true;
  });
  assert.equal((await faults()).length, 1);
});

test("the last attempt ends it", async () => {
  const client = new Client(ADDRESS, { ...key, attempts: 2 });
  await faults("503", "503");
  await assert.rejects(client.listOrders(), { status: 503, code: "busy" });
  await faults("cut", "cut");
  await assert.rejects(client.listOrders(), NoReply);
});

test("a region with a lower epoch is refused", async () => {
  const client = new Client(ADDRESS, key);
  await faults("epoch 7", "epoch 6");
  await client.listOrders();
  await assert.rejects(client.listOrders(), RegionSuperseded);
  await assert.rejects(client.listOrders(), RegionSuperseded);
  assert.deepEqual((await faults()).map((headers) => headers["dumbwaiter-epoch"]), ["0", "7", "7"]);
});

test("a page that holds a secret is an error", () => {
  globalThis.document = {};
  assert.throws(() => new Client(ADDRESS, key), /must not hold a secret/);
  assert.ok(new Client(ADDRESS, { token: "dwg1.x" }));
  delete globalThis.document;
});

test("an id with a slash reaches no other path", () => {
  assert.throws(() => new Client(ADDRESS, key).getMenu("main/menu"), /no slash/);
});
