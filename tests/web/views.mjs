// node views.mjs look_at_view: a view at two sizes and in two languages: no fault, no barrier, nothing cut off, a picture.
import assert from "node:assert/strict";
import fs from "node:fs";
import { LAPTOP, PHONE, barriers, fits, given, open, picture, run, settle, signIn } from "./harness.mjs";

const { base, person, path, name, pictures } = given;
const LANGUAGES = { en: "en-US", zh: "zh-CN" };

async function look_at_view() {
  fs.mkdirSync(pictures, { recursive: true });
  for (const [language, locale] of Object.entries(LANGUAGES)) {
    const page = await open({ locale });
    await signIn(page, person);
    for (const [width, viewport] of [[1440, LAPTOP], [390, PHONE]]) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme: "dark" });
      await page.goto(`${base}/console${path}`);
      // A person may change the colours while a page is open.
      for (const colorScheme of ["dark", "light"]) {
        await page.emulateMedia({ colorScheme });
        await settle(page);
        assert.deepEqual(await barriers(page), [], `${language}, ${width}, ${colorScheme}`);
        assert.ok(await fits(page), `${language}: something is wider than ${width} pixels`);
      }
      await picture(page, `${pictures}/${name}-${width}-${language}.png`);
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
}

await run({ look_at_view });
