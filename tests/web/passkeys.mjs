// node passkeys.mjs NAME: passkeys in a real browser. Its own virtual authenticator stands for the device
// (https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/).
import assert from "node:assert/strict";
import { barriers, given, run, says, settle, signIn } from "./harness.mjs";

const { person } = given;

async function deviceOf(page, options = {}) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...options },
  });
  return {
    send: (method, values) => devtools.send(`WebAuthn.${method}`, { authenticatorId, ...values }),
    credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
  };
}

async function add(page, name) {
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByLabel("Name of this passkey").fill(name);
  await page.locator("dialog[open] [name=password]").fill(person.password);
  await page.click("dialog[open] button[type=submit]");
}

const leave = async (page) => {
  await page.getByRole("button", { name: "Sign out" }).last().click();
  await page.getByRole("button", { name: "Sign in with a passkey" }).waitFor();
};

async function a_passkey_is_added_signs_in_and_is_removed(page) {
  const device = await deviceOf(page);
  await signIn(page, person, "/profile");
  await settle(page);
  await add(page, "My laptop");
  await says(page, ".profile-passkeys", "My laptop");
  const [credential] = await device.credentials();
  assert.deepEqual([credential.rpId, credential.isResidentCredential], ["localhost", true]);
  assert.deepEqual(await barriers(page), []);
  await leave(page);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await says(page, ".table tbody tr", "Passkey");
  assert.ok((await device.credentials())[0].signCount > credential.signCount);
  await page.getByRole("button", { name: "Remove the passkey My laptop" }).click();
  await page.locator("dialog[open]").getByRole("button", { name: "Remove", exact: true }).click();
  await page.locator(".profile-passkeys").waitFor({ state: "detached" });
  await leave(page);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await says(page, "[role=alert]", "This passkey does not fit");
}

async function a_device_that_asks_in_vain_is_said(page) {
  const device = await deviceOf(page);
  await device.send("setUserVerified", { isUserVerified: false });
  await signIn(page, person, "/profile");
  await settle(page);
  await add(page, "My phone");
  await says(page, "dialog[open] [role=status]", "The device has made no passkey");
  assert.deepEqual(await device.credentials(), []);
}

await run({ a_passkey_is_added_signs_in_and_is_removed, a_device_that_asks_in_vain_is_said });
