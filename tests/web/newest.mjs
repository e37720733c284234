// node newest.mjs a_person_opens_the_view: the view of docs/develop/add-a-view.md.
import assert from "node:assert/strict";
import { PHONE, barriers, fits, given, open, run, says, settle, signIn } from "./harness.mjs";

async function a_person_opens_the_view(page) {
  await signIn(page, given.person);
  await page.click(".side a:has-text('Newest orders')");
  await says(page, "h1", "Newest orders");
  await says(page, "tbody tr", "$53.10");
  assert.deepEqual(await barriers(page), []);
  await page.setViewportSize(PHONE);
  assert.ok(await fits(page), "nothing is cut off");
  await settle(page);
  const other = await open({ locale: "zh-CN" });
  await signIn(other, given.person, "/newest");
  await says(other, "h1", "最新订单");
  // A role without the right sees neither the link nor the page.
  const marketing = await open();
  await signIn(marketing, given.marketing, "/newest");
  await says(marketing, "h1", "There is no such page");
  assert.equal(await marketing.locator("a:has-text('Newest orders')").count(), 0);
}

await run({ a_person_opens_the_view });
