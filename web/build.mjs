// node web/build.mjs [TREE] → TREE/build/web and TREE/build/work: the pages of web/console and web/work as a browser takes them.
// Every file under assets/ has its content's hash in its name. A build whose sources are those of the last one does nothing.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const tree = path.resolve(process.argv[2] ?? path.join(HERE, ".."));
const source = path.join(tree, "web/console");
const PAGES = [
  { address: "/console/", source, out: path.join(tree, "build/web"), folders: [path.join(source, "public")] },
  // The icons are those of the console.
  { address: "/work/", source: path.join(tree, "web/work"), out: path.join(tree, "build/work"), folders: [path.join(source, "public"), path.join(tree, "web/work/public")] },
];
const note = path.join(tree, "build/web.fingerprint");
const TARGET = ["chrome111", "firefox115", "safari16.4"];

const filesUnder = (folder) =>
  fs.readdirSync(folder, { withFileTypes: true }).sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(path.join(folder, entry.name)) : [path.join(folder, entry.name)]));

function fingerprint() {
  const digest = crypto.createHash("sha256");
  const lock = path.join(tree, "package-lock.json");
  for (const file of [...PAGES.flatMap((page) => filesUnder(page.source)), path.join(tree, "web/build.mjs"), ...(fs.existsSync(lock) ? [lock] : [])]) {
    digest.update(`${path.relative(tree, file)}\0`).update(fs.readFileSync(file));
  }
  return digest.digest("hex");
}

// A view is a folder of views/ with a view.ts. No list names the views.
const viewNames = () =>
  fs.readdirSync(path.join(source, "views")).sort().filter((name) => fs.existsSync(path.join(source, "views", name, "view.ts")));

const views = {
  name: "views",
  setup(build) {
    build.onResolve({ filter: /^virtual:/ }, ({ path: name }) => ({ path: name, namespace: "virtual" }));
    build.onLoad({ filter: /^virtual:views$/, namespace: "virtual" }, () => {
      const names = viewNames();
      const imports = names.map((name, at) => `import view${at} from "./views/${name}/view";`);
      const list = names.map((name, at) => `{ name: ${JSON.stringify(name)}, ...view${at} }`);
      return { contents: `${imports.join("\n")}\nexport const VIEWS = [${list.join(", ")}];`, resolveDir: source, loader: "ts" };
    });
    build.onLoad({ filter: /^virtual:styles-of-work$/, namespace: "virtual" }, () => {
      const files = [...fs.readdirSync(path.join(source, "styles")).sort().map((file) => `../console/styles/${file}`), "./work.css"];
      return { contents: files.map((file) => `@import "${file}";`).join("\n"), resolveDir: path.join(tree, "web/work"), loader: "css" };
    });
    build.onLoad({ filter: /^virtual:styles$/, namespace: "virtual" }, () => {
      const own = fs.readdirSync(path.join(source, "styles")).sort().map((file) => `./styles/${file}`);
      const ofViews = viewNames().flatMap((name) =>
        fs.readdirSync(path.join(source, "views", name)).filter((file) => file.endsWith(".css")).map((file) => `./views/${name}/${file}`));
      return { contents: [...own, ...ofViews].map((file) => `@import "${file}";`).join("\n"), resolveDir: source, loader: "css" };
    });
  },
};

const common = { absWorkingDir: tree, bundle: true, minify: true, format: "esm", target: TARGET, legalComments: "none", logLevel: "warning" };

async function buildAssets({ source: from, out, address }) {
  const { metafile } = await esbuild.build({
    ...common,
    entryPoints: [{ in: path.join(from, "app.tsx"), out: "app" }, { in: address === "/work/" ? "virtual:styles-of-work" : "virtual:styles", out: "styles" }],
    outdir: path.join(out, "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    splitting: true,
    metafile: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    plugins: [views],
  });
  const inOut = (file) => path.relative(out, path.join(tree, file));
  const made = Object.entries(metafile.outputs).map(([file, output]) => ({ ...output, file: inOut(file) }));
  const byFile = new Map(made.map((output) => [output.file, output]));
  const app = made.find(({ entryPoint }) => entryPoint?.endsWith("app.tsx"));
  const styles = made.find(({ entryPoint, file }) => entryPoint?.includes("virtual:styles") && file.endsWith(".css"));
  return { app: app.file, styles: styles.file, first: staticImports(app, byFile, inOut), all: made.map(({ file }) => file) };
}

// What the browser must have before the first page stands.
function staticImports(output, byFile, inOut, found = new Set()) {
  for (const { path: file, kind } of output.imports) {
    const name = inOut(file);
    if (kind !== "import-statement" || found.has(name) || !byFile.has(name)) continue;
    found.add(name);
    staticImports(byFile.get(name), byFile, inOut, found);
  }
  return [...found];
}

async function buildWorker({ source: from, out }, { app, styles, first }) {
  const shell = [app, styles, ...first];
  const version = crypto.createHash("sha256").update(shell.join()).digest("hex").slice(0, 16);
  await esbuild.build({
    ...common,
    entryPoints: [path.join(from, "worker.ts")],
    outfile: path.join(out, "worker.js"),
    format: "iife",
    define: { SHELL_FILES: JSON.stringify(shell), SHELL_VERSION: JSON.stringify(version) },
  });
}

function writePage({ source: from, out, address }, { app, styles, first }) {
  const preloads = first.map((file) => `<link rel="modulepreload" href="${address}${file}">`).join("\n");
  const text = fs.readFileSync(path.join(from, "index.html"), "utf8")
    .replace("<!-- preloads -->", preloads).replace("{app}", app).replace("{styles}", styles);
  replaceFile(out, "index.html", text);
}

function replaceFile(out, name, text) {
  const file = path.join(out, name);
  fs.writeFileSync(`${file}.${process.pid}`, text);
  fs.renameSync(`${file}.${process.pid}`, file);
}

async function buildPage(page) {
  const { out, folders } = page;
  fs.mkdirSync(path.join(out, "assets"), { recursive: true });
  const made = await buildAssets(page);
  await buildWorker(page, made);
  for (const folder of folders) fs.cpSync(folder, out, { recursive: true });
  writePage(page, made);
  replaceFile(out, "first.json", JSON.stringify(["index.html", made.app, made.styles, ...made.first]));
  const beside = folders.flatMap((folder) => filesUnder(folder).map((file) => path.relative(folder, file)));
  const kept = new Set([...made.all, "index.html", "first.json", "worker.js", ...beside]);
  for (const file of filesUnder(out)) if (!kept.has(path.relative(out, file))) fs.rmSync(file, { force: true });
}

async function main() {
  const now = fingerprint();
  const isCurrent = fs.existsSync(note) && fs.readFileSync(note, "utf8") === now;
  if (isCurrent && PAGES.every(({ out }) => fs.existsSync(path.join(out, "index.html")))) return;
  for (const page of PAGES) await buildPage(page);
  fs.writeFileSync(note, now);
}

main().catch((failure) => {
  console.error(failure.message);
  process.exitCode = 1;
});
