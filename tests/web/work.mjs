// node work.mjs NAME: packer and courier at work, on a phone, against the running stack. CONTROL acts as the desk.
import assert from "node:assert/strict";
import { PHONE, barriers, fits, given, picture, run, says } from "./harness.mjs";

const { base, control, packer, courier, pictures } = given;
const ask = async (name, ...args) => (await fetch(`${control}/${name}`, { method: "POST", body: JSON.stringify(args) })).json();
const PLACE = { latitude: 52, longitude: 13, accuracy: 8 };

// The page of the harness becomes a phone that tells its place.
const carry = async (page) => {
  await page.setViewportSize(PHONE);
  await page.context().grantPermissions(["geolocation"]);
  await page.context().setGeolocation(PLACE);
};
const press = (page, text) => page.locator(".work button:visible, .work a:visible", { hasText: text }).first().click();

async function enter(page, person) {
  await page.goto(`${base}/work`);
  await page.fill("[name=email]", person.email);
  await page.fill("[name=password]", person.password);
  await page.press("[name=password]", "Enter");
  await page.locator(".work").waitFor();
}

const openOrder = (page, id) => page.locator(`a[href="#/d/${id}"]`).click();

async function isFit(page, name) {
  assert.equal(await fits(page), true, `${name} is wider than the phone`);
  assert.deepEqual(await barriers(page), [], name);
  await picture(page, `${pictures}/work-${name}.png`);
  await page.setViewportSize(PHONE);
}

async function until(look, text) {
  for (let tries = 0; tries < 200; tries++) {
    if (await look()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(text);
}

const aPicture = async (page) => Buffer.from(await page.evaluate(() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 2_400, height: 1_800 });
  canvas.getContext("2d").fillRect(200, 200, 900, 900);
  return canvas.toDataURL("image/png").split(",")[1];
}), "base64");

const sign = async (page) => {
  await page.locator("canvas").scrollIntoViewIfNeeded();
  const box = await page.locator("canvas").boundingBox();
  await page.mouse.move(box.x + 20, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 180, box.y + 90, { steps: 8 });
  await page.mouse.up();
  await says(page, ".sign", "Sign again");
};

const size = (page) => page.evaluate(() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation")).reduce((sum, { transferSize }) => sum + transferSize, 0));

async function a_courier_goes_the_whole_way_with_a_hole_in_the_network(page) {
  const id = await ask("place");
  await ask("act", id, "pack", "to_pick", { parcels: 2 });
  await ask("offer", id);
  await carry(page);
  await enter(page, courier);
  await says(page, ".deliveries", "Offered");
  await isFit(page, "courier-list");
  await openOrder(page, id);
  await says(page, ".offer", "The service desk chose you.");
  assert.equal(await page.locator("a[href^='tel:']").count(), 0, "the number is shown before the acceptance");
  await isFit(page, "courier-offer");
  await press(page, "Accept");
  await says(page, "a[href='tel:+15550111']", "Call");
  assert.match(await page.locator("a[href^='geo:']").getAttribute("href"), /^geo:52\.01,13/);
  await press(page, "I am at the store");
  await until(async () => (await ask("see", id)).carriage === "at_store", "the store does not see the courier");

  // The network goes away. The courier picks up, sets off, arrives and delivers.
  await page.context().setOffline(true);
  await press(page, "Picked up");
  await says(page, ".top", "Offline");
  await press(page, "Set off");
  await page.context().setGeolocation({ latitude: 52.0095, longitude: 13, accuracy: 8 });
  await press(page, "I am at the door");
  await isFit(page, "courier-door");
  await page.setInputFiles(".photo input", { name: "door.png", mimeType: "image/png", buffer: await aPicture(page) });
  await says(page, ".photo", "The photo is ready.");
  await sign(page);
  await isFit(page, "courier-signed");
  await press(page, "Delivered");
  await says(page, ".deliveries", "Delivered"); // the list: the action and its pictures are on the device
  await says(page, ".top", "6 not sent yet");
  assert.equal((await ask("see", id)).carriage, "at_store");

  // The page starts again without a network, and still knows all.
  await page.reload();
  await says(page, ".deliveries", "Delivered");
  await isFit(page, "courier-offline");
  await page.context().setOffline(false);
  await until(async () => (await ask("see", id)).carriage === "delivered", "the actions were not sent");
  const actions = (await ask("trace", id)).map(([action, became]) => `${action} ${became}`);
  assert.deepEqual(actions.slice(-6), ["accept accepted", "arrive_at_store at_store", "pick_up picked_up", "set_off on_the_way", "arrive arrived", "deliver delivered"]);
  await until(async () => !(await page.locator(".top", { hasText: "not sent yet" }).count()), "something stays unsent");
  const proofs = (await ask("see", id)).proofs.map(({ kind, state }) => `${kind} ${state}`).sort();
  assert.deepEqual(proofs, ["photo proven", "signature proven"]);
}

async function a_courier_scans_each_parcel_or_says_that_it_is_missing(page) {
  const id = await ask("place");
  await ask("act", id, "pack", "to_pick", { parcel_codes: ["P-1", "P-2", "P-3"] });
  await ask("offer", id);
  await carry(page);
  // A camera and a detector that read what the test holds before them: Chromium has no detector on every system.
  await page.addInitScript(() => {
    globalThis.held = [];
    globalThis.BarcodeDetector = class {
      detect = async (video) => (video instanceof HTMLVideoElement && !video.paused ? globalThis.held.map((rawValue) => ({ rawValue })) : []);
    };
    navigator.mediaDevices.getUserMedia = async () => Object.assign(document.createElement("canvas"), { width: 8, height: 8 }).captureStream();
    HTMLMediaElement.prototype.play = async function play() {
      Object.defineProperty(this, "paused", { value: false });
    };
  });
  await enter(page, courier);
  await openOrder(page, id);
  await press(page, "Accept");
  await press(page, "I am at the store");
  await says(page, ".parcels", "P-3");
  const pickUp = page.locator("button", { hasText: /^Picked up$/ });
  assert.equal(await pickUp.isDisabled(), true, "nothing is scanned");
  await press(page, "Scan with the camera");
  await page.evaluate(() => void (globalThis.held = ["P-1"]));
  await says(page, ".work", "Parcel P-1 is scanned.");
  await page.evaluate(() => void (globalThis.held = ["P-9"]));
  await says(page, ".work", "No parcel of this order has the code P-9.");
  await page.evaluate(() => void (globalThis.held = []));
  await press(page, "Stop scanning");
  await page.fill(".scan-form input", "P-2");
  await page.press(".scan-form input", "Enter");
  await says(page, ".work", "Parcel P-2 is scanned.");
  assert.equal(await pickUp.isDisabled(), true, "a parcel is neither scanned nor missing");
  await page.locator("[aria-label='Missing: P-3']").click();
  await isFit(page, "courier-parcels");
  await page.reload();
  await says(page, ".parcels", "scanned");
  await pickUp.click();
  await until(async () => (await ask("see", id)).carriage === "picked_up", "it is not picked up");
  const seen = await ask("see", id);
  assert.deepEqual([seen.parcel_codes, seen.parcels_missing], [["P-1", "P-2", "P-3"], ["P-3"]]);
}

async function a_refused_action_is_shown_with_its_reason(page) {
  const id = await ask("place");
  await ask("offer", id);
  await carry(page);
  await enter(page, courier);
  await openOrder(page, id);
  await says(page, ".offer", "Accept");
  await page.context().setOffline(true);
  await press(page, "Accept");
  await says(page, ".top", "1 not sent yet");
  await ask("act", id, "unassign", "offered");
  await ask("act", id, "cancel", "unassigned");
  await page.context().setOffline(false);
  await says(page, ".refusal", "Refused");
  await isFit(page, "refused");
  await press(page, "Understood");
  await until(async () => !(await page.locator(".refusal").count()), "the refusal stays");
}

async function a_packer_ticks_reports_a_short_and_packs(page) {
  const id = await ask("place");
  await carry(page);
  await enter(page, packer);
  await says(page, ".deliveries", "To pack");
  assert.ok((await size(page)) < 100_000 * 3, `the first page took ${await size(page)} bytes`);
  await isFit(page, "packer-list");
  await openOrder(page, id);
  await says(page, ".words", "Happy birthday!");
  const shown = await page.locator(".work").innerText();
  for (const secret of ["Ada Payer", "555 0100", "555 0111", "53.10"]) assert.ok(!shown.includes(secret), `${secret} is shown`);
  await page.locator(".pick").first().click();
  await until(async () => (await ask("see", id)).goods === "picking", "it is not being packed");
  await page.getByLabel("Code of an article").fill("nothing");
  await press(page, "Tick");
  await says(page, ".work", "There is nothing with the code nothing");
  await page.getByLabel("Code of an article").fill("thai_ckn");
  await press(page, "Tick");
  await says(page, ".work", "The Thai Chicken is ticked.");
  assert.equal(await page.locator("button", { hasText: /^Packed$/ }).isDisabled(), true);
  await page.locator(".miss").last().click();
  await isFit(page, "packer-order");
  await page.reload();
  await says(page, ".lines-to-pick", "1 missing");
  await page.setInputFiles(".photo input", { name: "packed.png", mimeType: "image/png", buffer: await aPicture(page) });
  await says(page, ".photo", "The photo is ready.");
  await page.locator("[aria-label='Parcels +']").click();
  await press(page, "Packed");
  await until(async () => (await ask("see", id)).goods === "packed", "it is not packed");
  const packed = await ask("see", id);
  await until(async () => (await ask("see", id)).proofs[0]?.state === "proven", "the photo is not there");
  assert.deepEqual([packed.parcels, packed.lines.map(({ missing }) => missing)], [2, [0, 1]]);
}

// Neither a poll nor the live connection: what the page learns now, it learns by a push.
async function silence(phone) {
  await phone.routeWebSocket(/./, () => undefined);
  await phone.addInitScript(() => {
    const repeat = globalThis.setInterval;
    globalThis.setInterval = (work, wait, ...more) => (wait >= 10_000 ? 0 : repeat(work, wait, ...more));
  });
}

/** The browser's own push of a text to the service worker, as if a push service had sent it. */
async function pusherOf(phone) {
  const devtools = await phone.context().newCDPSession(phone);
  const registrations = [];
  devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations: seen }) => registrations.push(...seen));
  await devtools.send("ServiceWorker.enable");
  await until(async () => registrations.some(({ scopeURL }) => scopeURL.endsWith("/work")), "the browser has no service worker");
  const { registrationId } = registrations.findLast(({ scopeURL }) => scopeURL.endsWith("/work"));
  return (data) => devtools.send("ServiceWorker.deliverPushMessage", { origin: `${new URL(base).origin}/`, registrationId, data });
}

const notices = (page) => page.evaluate(async () => {
  const found = await (await navigator.serviceWorker.ready).getNotifications();
  return found.map(({ title, body, tag }) => `${tag}: ${title}: ${body}`).sort();
});

async function a_push_wakes_the_page_and_the_person(page) {
  await carry(page);
  await page.context().grantPermissions(["notifications"]);
  await silence(page);
  await enter(page, courier);
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active.state);
  const push = await pusherOf(page);
  const id = await ask("place");
  await ask("offer", id);
  await page.waitForTimeout(2_000);
  assert.equal(await page.locator(`a[href="#/d/${id}"]`).count(), 0, "something else than a push has woken the page");
  await push(JSON.stringify({ party: "courier", chain: "any", store: null, head: 1 }));
  await page.locator(`a[href="#/d/${id}"]`, { hasText: "Offered" }).waitFor();
  const text = "Work: There is a new order or message. Open the page.";
  await until(async () => (await notices(page)).length, "the person is not told");
  assert.deepEqual(await notices(page), [`courier: ${text}`]);

  // No page is open, and the content is of no use: the person is told all the same.
  await page.goto("about:blank");
  await push("not JSON");
  await page.goto(`${base}/work`);
  await until(async () => (await notices(page)).length === 2, "a closed page wakes nobody");
  assert.deepEqual(await notices(page), [`courier: ${text}`, `work: ${text}`]);
}

await run({
  a_push_wakes_the_page_and_the_person,
  a_courier_goes_the_whole_way_with_a_hole_in_the_network,
  a_courier_scans_each_parcel_or_says_that_it_is_missing,
  a_refused_action_is_shown_with_its_reason,
  a_packer_ticks_reports_a_short_and_packs,
});
