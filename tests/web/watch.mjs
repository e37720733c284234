// node watch.mjs NAME: what a person watches in the console, in a real browser against the running stack and a real print agent.
import assert from "node:assert/strict";
import { given, run, says, settle, signIn } from "./harness.mjs";

const { control, person, store, orderSeconds, printerSeconds } = given;
const act = async (name) => (await fetch(`${control}/${name}`, { method: "POST" })).json();
const seconds = (since) => (performance.now() - since) / 1_000;

// A live connection is up: else the page asks by itself now and then, and the time would be luck.
const isLive = (page) => page.locator(".live-dot").first().waitFor();

async function an_order_appears_by_itself(page) {
  await signIn(page, person, "/orders");
  await isLive(page);
  await page.locator(".table tbody tr").first().waitFor();
  const taken = [];
  for (let count = 0; count < 3; count++) {
    const id = await act("order");
    const since = performance.now();
    await page.locator(`a[href$="/orders/${id}"]`).waitFor();
    taken.push(seconds(since));
    await page.waitForTimeout(1_200);
  }
  const median = taken.sort((one, other) => one - other)[1];
  assert.ok(median < orderSeconds, `an order appeared after ${taken.map((time) => time.toFixed(2)).join(", ")} s`);
}

async function an_order_that_came_before_the_page_watched_appears(page) {
  let watch;
  const held = new Promise((resolve) => (watch = resolve));
  await page.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage(async (frame) => {
      await held;
      server.send(frame);
    });
  });
  await signIn(page, person, "/orders");
  await page.locator(".table").first().waitFor();
  const id = await act("order");
  await page.waitForTimeout(3_000); // its change is announced, and this page does not watch yet
  watch();
  await page.locator(`a[href$="/orders/${id}"]`).waitFor();
}

async function a_printer_without_paper_turns_red_and_green_after(page) {
  await signIn(page, person, "/fleet");
  const tile = page.locator(`a.fleet-tile[href$="/fleet/${store}"]`);
  await page.locator(`a.fleet-tile.good[href$="/fleet/${store}"]`).waitFor();
  await isLive(page);
  await act("run_out");
  let since = performance.now();
  await page.locator(`a.fleet-tile.bad[href$="/fleet/${store}"]`).waitFor();
  const red = seconds(since);
  assert.match(await tile.innerText(), /Out of paper/);
  await act("new_paper");
  since = performance.now();
  await page.locator(`a.fleet-tile.good[href$="/fleet/${store}"]`).waitFor();
  const green = seconds(since);
  assert.ok(red < printerSeconds && green < printerSeconds, `red after ${red.toFixed(2)} s, green after ${green.toFixed(2)} s`);
}

async function a_reprint_from_the_page_comes_out_marked(page) {
  const id = await act("order");
  await signIn(page, person, `/orders/${id}`);
  await says(page, ".state", "Printed");
  const before = (await act("paper")).length;
  await page.getByRole("button", { name: /^Print again: Kitchen ticket/ }).first().click();
  await says(page, "dialog[open]", "The copy is marked REPRINT");
  await page.click("dialog[open] button[type=submit]");
  await says(page, ".table tbody tr", "Reprint 1");
  let paper = [];
  while ((paper = await act("paper")).length <= before) await page.waitForTimeout(200);
  assert.match(paper.at(-1), /REPRINT/);
  assert.ok(!/REPRINT/.test(paper[before - 1]), "the first ticket is not marked");
}

async function a_ticket_is_shown_as_it_looks_on_paper(page) {
  const id = await act("order");
  await signIn(page, person, `/orders/${id}`);
  await settle(page);
  await page.getByRole("button", { name: /^Show: Kitchen ticket/ }).first().click();
  const picture = page.locator(".paper img");
  await picture.waitFor();
  assert.ok((await picture.evaluate((image) => image.decode().then(() => image.naturalWidth))) >= 384);
}

await run({ an_order_appears_by_itself, an_order_that_came_before_the_page_watched_appears, a_printer_without_paper_turns_red_and_green_after, a_reprint_from_the_page_comes_out_marked, a_ticket_is_shown_as_it_looks_on_paper });
