// node kit.mjs: prints what the console's pure functions make of the calls in JOURNEY, as JSON: [name, arguments, language][] → text[].
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const MODULES = ["./format", "./i18n", "../views/forecast/reasons", "../views/audit/operations", "../views/members/model"];
const stored = new Map();
Object.assign(globalThis, {
  localStorage: { getItem: (name) => stored.get(name) ?? null, setItem: (name, text) => stored.set(name, text) },
  document: { documentElement: {} },
});
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en-US", "zh-CN"] } });
const kit = fileURLToPath(new URL("../../web/console/kit", import.meta.url));
const { outputFiles } = await build({
  stdin: { contents: MODULES.map((name) => `export * from "${name}";`).join(""), resolveDir: kit, loader: "ts" },
  bundle: true, format: "esm", write: false, platform: "neutral", mainFields: ["module", "main"], conditions: ["import"],
});
const { speak, ...functions } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
const texts = JSON.parse(process.env.JOURNEY).calls.map(([name, given, language]) => {
  speak(language);
  const made = functions[name](...given);
  return (typeof made === "string" ? made : JSON.stringify(made)).replaceAll(/[\u00a0\u202f]/g, " ");
});
process.stdout.write(JSON.stringify(texts));
