// node kit.mjs: prints what kit/format.ts makes of the calls in JOURNEY, as JSON: [name, arguments, language][] → text[].
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const stored = new Map();
Object.assign(globalThis, {
  localStorage: { getItem: (name) => stored.get(name) ?? null, setItem: (name, text) => stored.set(name, text) },
  document: { documentElement: {} },
});
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en-US", "zh-CN"] } });
const kit = fileURLToPath(new URL("../../web/console/kit", import.meta.url));
const { outputFiles } = await build({
  stdin: { contents: 'export * as format from "./format"; export { speak } from "./i18n";', resolveDir: kit, loader: "ts" },
  bundle: true, format: "esm", write: false, platform: "neutral", mainFields: ["module", "main"], conditions: ["import"],
});
const { format, speak } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
const texts = JSON.parse(process.env.JOURNEY).calls.map(([name, given, language]) => {
  speak(language);
  return format[name](...given).replaceAll(/[\u00a0\u202f]/g, " ");
});
process.stdout.write(JSON.stringify(texts));
