// node console.mjs NAME: a person's way through the console, in a real browser against the running stack.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { LAPTOP, PHONE, barriers, fits, given, open, run, says, settle, signIn } from "./harness.mjs";

const { base, person, manager, odd } = given;

async function a_person_signs_in_and_out(page) {
  await page.goto(`${base}/console`);
  await says(page, "h1", "Sign in");
  await page.fill("[name=email]", person.email);
  await page.fill("[name=password]", "not the password");
  await page.press("[name=password]", "Enter");
  await says(page, ".failure", "The email address or the password is wrong.");
  assert.equal(await page.locator("[name=email]").inputValue(), person.email);
  await page.fill("[name=password]", person.password);
  await page.click("button[type=submit]");
  await page.waitForURL("**/console/today");
  await says(page, ".person-link", person.name);
  await page.reload();
  await says(page, ".person-link", person.name);
  await page.click(".person-link");
  await page.click("button:has-text('Sign out')");
  await says(page, ".sign-in", "You have signed out.");
  await page.goBack();
  await page.reload();
  await says(page, "h1", "Sign in");
  assert.equal(await page.locator(".shell").count(), 0);
}

async function a_page_of_an_address_opens_after_the_sign_in(page) {
  await signIn(page, person, "/profile");
  await says(page, "h1", "Your account");
  await page.goto(`${base}/console/no-such-view/at/all`);
  await says(page, "h1", "There is no such page");
}

async function no_script_reads_the_cookie_and_a_stolen_one_is_worthless_after_sign_out(page) {
  await signIn(page, person);
  assert.equal(await page.evaluate(() => document.cookie), "");
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  const [cookie] = await page.context().cookies();
  assert.ok(cookie.httpOnly && cookie.sameSite === "Strict");
  assert.ok(!stored.includes(cookie.value) && !stored.includes(person.password));
  const thief = await open();
  await thief.context().addCookies([cookie]);
  assert.equal((await thief.request.get(`${base}/v1/session`)).status(), 200);
  await page.goto(`${base}/console/profile`);
  await page.click("button:has-text('Sign out')");
  await says(page, ".sign-in", "You have signed out.");
  assert.equal((await thief.request.get(`${base}/v1/session`)).status(), 401);
  await thief.goto(`${base}/console/today`);
  await says(thief, "h1", "Sign in");
}

async function a_session_that_ends_elsewhere_leads_to_the_sign_in_page(page) {
  await signIn(page, person);
  await settle(page);
  await page.context().clearCookies();
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await says(page, ".sign-in", "Your session has ended. Sign in again.");
  assert.equal(await page.locator(".shell").count(), 0);
}

async function wrong_tries_lock_the_sign_in_and_the_page_says_how_long(page) {
  await page.goto(`${base}/console`);
  for (let tries = 0; tries < 30; tries++) {
    await page.fill("[name=email]", given.locked.email);
    await page.fill("[name=password]", `wrong ${tries}`);
    const reply = page.waitForResponse((found) => found.url().endsWith("/v1/sessions"));
    await page.press("[name=password]", "Enter");
    if ((await reply).status() === 429) break;
  }
  await says(page, ".failure", /Too many wrong tries. Sign-in is locked. Try again in \d+ (sec|min)/);
}

async function the_language_changes_at_once_and_stays(page) {
  await page.goto(`${base}/console`);
  await page.click("button:text-is('中文')");
  await says(page, "h1", "登录");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-CN");
  await page.reload();
  await says(page, "h1", "登录");
  await signIn(page, person);
  await says(page, "h1", "今日");
  await page.goto(`${base}/console/profile`);
  await page.click("button:text-is('English')");
  await says(page, "h1", "Your account");
  await page.reload();
  await says(page, "h1", "Your account");
  const chinese = await open({ locale: "zh-CN" });
  await chinese.goto(`${base}/console`);
  await says(chinese, "h1", "登录");
}

async function the_keyboard_alone_is_enough(page) {
  await page.goto(`${base}/console`);
  await says(page, "h1", "Sign in");
  assert.equal(await page.evaluate(() => document.activeElement.name), "email");
  await page.keyboard.type(person.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(person.password);
  await page.keyboard.press("Enter");
  await page.locator(".shell").waitFor();
  await settle(page);
  await page.reload();
  await settle(page);
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Skip to content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  for (let steps = 0; steps < 60 && !(await focused(page)).includes(person.email); steps++) await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await says(page, "h1", "Your account");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  const visible = await page.evaluate(() => {
    const link = document.querySelector(".view-link");
    link.focus();
    return getComputedStyle(link).outlineStyle;
  });
  assert.equal(visible, "solid");
}

const focused = (page) => page.evaluate(() => document.activeElement.innerText ?? "");

async function names_are_text_whatever_they_hold(page) {
  await signIn(page, odd);
  await settle(page);
  const shown = await page.locator(".person-name b").innerText();
  assert.equal(shown, odd.name);
  assert.equal(await page.locator(".person-name b *").count(), 0);
  assert.equal(await page.evaluate(() => globalThis.stolen), undefined);
  await page.click(".person-link");
  await says(page, ".facts", odd.name);
  await page.setViewportSize(PHONE);
  assert.ok(await fits(page), "nothing is cut off");
}

async function a_person_without_a_connection_sees_the_last_data_and_the_notice(page) {
  await signIn(page, person);
  await settle(page);
  const before = await page.locator(".page").innerText();
  await page.context().setOffline(true);
  await says(page, ".offline", "Offline. You see the last known data.");
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await says(page, ".failure", "This device is offline.");
  for (const line of before.split("\n").slice(2, 6)) assert.ok((await page.locator(".page").innerText()).includes(line), line);
  await page.context().setOffline(false);
  await page.locator(".offline").waitFor({ state: "detached" });
  await page.waitForFunction(() => !document.querySelector(".failure"));
}

async function the_shell_starts_without_a_connection_and_keeps_no_reply_of_the_api(page) {
  await signIn(page, person);
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active.state);
  await settle(page);
  await page.waitForFunction(async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).length))).some((count) => count > 3));
  const kept = await page.evaluate(async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)))).flat());
  assert.deepEqual(kept.filter((url) => !/\/console\/(assets\/[^/]+|today)$/.test(url)), []);
  await page.context().setOffline(true);
  await page.goto(`${base}/console/profile/deep/inside`);
  // Chromium 150 says in a new document that the device is online, although no request leaves it.
  const isOnline = await page.evaluate(() => navigator.onLine);
  await says(page, ".failure", isOnline ? "The system does not answer." : "This device is offline.");
}

async function a_manager_sees_the_views_of_the_role_alone(page) {
  await signIn(page, manager);
  await settle(page);
  const titles = await page.locator(".side .view-link").allInnerTexts();
  assert.ok(titles.includes("Today"));
  for (const hidden of given.hidden) assert.ok(!titles.includes(hidden), hidden);
  await page.goto(`${base}/console/profile`);
  await says(page, ".facts", `Store manager of ${given.store}`);
}

async function the_navigation_of_a_phone_opens_and_closes(page) {
  await page.setViewportSize(PHONE);
  await signIn(page, person);
  await settle(page);
  assert.ok(await fits(page), "nothing is cut off");
  await page.click(".tab-bar button");
  await page.locator(".side.open .person-link").click();
  await says(page, "h1", "Your account");
  await page.locator(".side.open").waitFor({ state: "detached" });
  await page.click(".tab-bar button");
  await page.keyboard.press("Escape");
  await page.locator(".side.open").waitFor({ state: "detached" });
}

async function the_sign_in_page_has_no_barrier_and_fits(page) {
  for (const [viewport, colorScheme] of [[LAPTOP, "light"], [PHONE, "dark"]]) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.goto(`${base}/console`);
    await says(page, "h1", "Sign in");
    assert.deepEqual(await barriers(page), []);
    assert.ok(await fits(page), "nothing is cut off");
  }
}

async function the_look_follows_the_choice_of_the_person(page) {
  await signIn(page, person, "/profile");
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await page.locator("label", { hasText: "Dark" }).click();
  assert.notEqual(await ground(), light);
  await page.reload();
  await says(page, "h1", "Your account");
  assert.notEqual(await ground(), light);
}

async function an_authenticator_is_set_up_used_and_removed(page) {
  const { careful } = given;
  await signIn(page, careful, "/profile");
  await page.click("button:has-text('Set up')");
  await page.fill("dialog [type=password]", careful.password);
  await page.click("dialog button[type=submit]");
  await page.locator("dialog svg[aria-label='QR code of the secret'] path").waitFor();
  const secret = (await page.locator("dialog code").innerText()).replaceAll(" ", "");
  await page.fill("dialog [autocomplete=one-time-code]", "000000");
  await page.click("dialog button[type=submit]");
  await says(page, "dialog .failure", "This code is wrong or was used before.");
  assert.equal(await page.locator(".shell").count(), 1, "a wrong code ends no session");
  await page.fill("dialog [autocomplete=one-time-code]", totp(secret));
  await page.click("dialog button[type=submit]");
  await says(page, "dialog h2", "Your recovery codes");
  const codes = await page.locator("dialog .profile-codes code").allInnerTexts();
  assert.equal(new Set(codes).size, 10);
  assert.deepEqual(await barriers(page), []);
  await page.keyboard.press("Escape");
  await says(page, ".profile-line", "10 recovery codes are left");
  await page.click("button:has-text('Sign out')");
  await page.fill("[name=email]", careful.email);
  await page.fill("[name=password]", careful.password);
  await page.press("[name=password]", "Enter");
  await says(page, "h1", "One more step");
  await page.fill("[name=code]", "123456");
  await page.press("[name=code]", "Enter");
  await says(page, ".failure", "This code is wrong or was used before.");
  await page.fill("[name=code]", codes[0]);
  await page.press("[name=code]", "Enter");
  await page.locator(".shell").waitFor();
  await page.goto(`${base}/console/profile`);
  await says(page, ".profile-line", "9 recovery codes are left");
  await page.click(".profile-line button:has-text('Remove')");
  await page.fill("dialog [type=password]", careful.password);
  await page.fill("dialog [autocomplete=one-time-code]", codes[1]);
  await page.click("dialog button[type=submit]");
  await says(page, ".profile-line .state", "Off");
}

// RFC 6238: HMAC-SHA-1 of the count of half minutes, dynamic truncation of RFC 4226.
function totp(secret) {
  const bits = [...secret.replaceAll("=", "")].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = crypto.createHmac("sha1", key).update(count).digest();
  const at = digest.at(-1) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function a_person_sees_and_ends_the_other_sessions_and_changes_the_password(page) {
  const { roaming } = given;
  const other = await open();
  await signIn(other, roaming, "/profile");
  await says(other, ".card tbody tr", "This session");
  await signIn(page, roaming, "/profile");
  await says(page, ".card tbody tr", "This session");
  assert.equal(await page.locator(".card tbody tr").count(), 2);
  await page.click(".card tbody button:has-text('End')");
  await says(page, ".notice", "The session has ended.");
  await page.locator(".card tbody tr").nth(1).waitFor({ state: "detached" });
  await other.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await says(other, ".sign-in", "Your session has ended. Sign in again.");
  await page.click("button:has-text('Change password')");
  const [present, fresh] = [page.locator("dialog [autocomplete=current-password]"), page.locator("dialog [autocomplete=new-password]")];
  await present.fill(roaming.password);
  await fresh.fill("short");
  await page.click("dialog button[type=submit]");
  await page.locator("dialog .failure").waitFor();
  await fresh.fill("four quite different words");
  await page.click("dialog button[type=submit]");
  await says(page, ".notice", "The password is changed.");
  await page.click("button:has-text('Sign out')");
  await signIn(page, { ...roaming, password: "four quite different words" });
}

async function an_invited_person_chooses_a_password_once(page) {
  await signIn(page, person);
  const email = `new-${Date.now()}@example.com`;
  const token = await page.evaluate(async ({ base, email }) => {
    const { csrf, chain } = await (await fetch(`${base}/v1/session`)).json();
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf, "Idempotency-Key": crypto.randomUUID() };
    const body = JSON.stringify({ chain, email, name: "Nia New", roles: [{ role: "head_office", level: "chain", scope: chain }] });
    const reply = await (await fetch(`${base}/v1/people`, { method: "POST", headers, body })).json();
    return reply.link?.token ?? reply.token ?? JSON.stringify(reply);
  }, { base, email });
  const invited = await open();
  await invited.goto(`${base}/console/link#${token}`);
  await says(invited, "h1", "Welcome, Nia New");
  assert.ok(!invited.url().includes(token));
  assert.deepEqual(await barriers(invited), []);
  await invited.fill("[name=password]", "four quite different words");
  await invited.click("button[type=submit]");
  await says(invited, ".person-link", "Nia New");
  const again = await open();
  await again.goto(`${base}/console/link#${token}`);
  await says(again, ".failure", "This link was used already, or it has expired.");
}

async function a_sign_in_at_a_provider_that_this_browser_did_not_begin_is_refused(page) {
  await page.goto(`${base}/console`);
  await page.click("button:has-text('your company')");
  await page.fill("[name=chain]", given.chain);
  assert.deepEqual(await barriers(page), []);
  await page.click("button:has-text('Continue')");
  await page.locator(".failure").waitFor(); // the chain has no provider
  await page.goto(`${base}/console/provider?state=stolen&code=stolen`);
  await says(page, ".sign-in-card", "Begin it again in this browser.");
  assert.ok(!page.url().includes("stolen"));
  await page.click("a:has-text('Back to the sign-in')");
  await says(page, "h1", "Sign in");
}

// A server of live changes that the test drives: 500 heads a second for ten seconds, a third of them for one order.
async function five_hundred_changes_a_second_leave_the_page_usable(page) {
  let socket;
  await page.route("**/v1/live/tickets", (route) => route.fulfill({ status: 201, json: { ticket: "t", url: `${base.replace("http", "ws")}/test-socket?ticket=t` } }));
  await page.routeWebSocket(/test-socket/, (opened) => {
    socket = opened;
    opened.onMessage((text) => JSON.parse(text).action === "live" && opened.send(JSON.stringify({ kind: "watching", watch: JSON.parse(text).watch })));
  });
  await signIn(page, person, given.busiest);
  await settle(page);
  await says(page, ".as-of", "Live");
  await page.evaluate(() => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
  });
  const asked = [];
  page.on("request", (request) => request.url().includes("/v1/") && asked.push(request.url()));
  const began = Date.now();
  for (let sent = 0; Date.now() - began < 10_000;) {
    const due = Math.floor((Date.now() - began) / 2) - sent;
    const changes = Array.from({ length: due }, (_, at) => ({
      topic: ["orders", "takings", "fleet", "alerts"][(sent + at) % 4], type: "order.paid", subject: `order/${(sent + at) % 3 ? sent + at : "one"}`,
      chain: given.chain, store: given.store, at: new Date().toISOString(), version: sent + at,
    }));
    sent += due;
    if (changes.length) socket.send(JSON.stringify({ kind: "changes", changes }));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const pressed = Date.now();
  await page.click(".person-link");
  await says(page, "h1", "Your account");
  const answered = Date.now() - pressed;
  const tasks = await page.evaluate(() => globalThis.tasks);
  console.log(JSON.stringify({ longest: Math.max(0, ...tasks), tasks: tasks.length, requests: asked.length, answered }));
  assert.ok(Math.max(0, ...tasks) < 200, `long tasks: ${tasks}`);
  assert.ok(asked.length < 60, `${asked.length} requests in ten seconds`);
}

await run({
  a_manager_sees_the_views_of_the_role_alone,
  a_page_of_an_address_opens_after_the_sign_in,
  a_person_sees_and_ends_the_other_sessions_and_changes_the_password,
  a_person_signs_in_and_out,
  a_person_without_a_connection_sees_the_last_data_and_the_notice,
  a_session_that_ends_elsewhere_leads_to_the_sign_in_page,
  a_sign_in_at_a_provider_that_this_browser_did_not_begin_is_refused,
  an_authenticator_is_set_up_used_and_removed,
  an_invited_person_chooses_a_password_once,
  five_hundred_changes_a_second_leave_the_page_usable,
  names_are_text_whatever_they_hold,
  no_script_reads_the_cookie_and_a_stolen_one_is_worthless_after_sign_out,
  the_keyboard_alone_is_enough,
  the_language_changes_at_once_and_stays,
  the_look_follows_the_choice_of_the_person,
  the_navigation_of_a_phone_opens_and_closes,
  wrong_tries_lock_the_sign_in_and_the_page_says_how_long,
  the_shell_starts_without_a_connection_and_keeps_no_reply_of_the_api,
  the_sign_in_page_has_no_barrier_and_fits,
});
