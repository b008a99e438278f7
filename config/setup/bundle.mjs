// Builds build/static: one module per island, and the vendor files under stable names.
//
// islands/<name>/index.js  -> build/static/islands/<name>.js
// islands/<name>/worker.js -> build/static/islands/<name>.worker.js
// Code that islands share lands in chunk-*.js, so a module (an unlocked key) exists once per page.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const out = join(root, "build", "static");
const packages = join(root, "node_modules");

// A name kept from here on is public: templates link to it.
const vendor = {
  "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
  "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
  "tabler-icons.min.css": "@tabler/icons-webfont/dist/tabler-icons.min.css",
  "fonts/tabler-icons.woff2": "@tabler/icons-webfont/dist/fonts/tabler-icons.woff2",
  "fonts/tabler-icons.woff": "@tabler/icons-webfont/dist/fonts/tabler-icons.woff",
  "fonts/tabler-icons.ttf": "@tabler/icons-webfont/dist/fonts/tabler-icons.ttf",
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "htmx-sse.js": "htmx-ext-sse/dist/sse.js",
  "echarts.min.js": "echarts/dist/echarts.min.js",
};

function copyVendor(target) {
  for (const [name, source] of Object.entries(vendor)) {
    const to = join(target, name);
    mkdirSync(dirname(to), { recursive: true });
    if (/\.(css|js)$/.test(name)) {
      // The maps are not shipped; a reference to one makes hashed static files fail to collect.
      const text = readFileSync(join(packages, source), "utf8");
      writeFileSync(to, text.replace(/^\/[/*]# sourceMappingURL=.*$/gm, ""));
    } else {
      copyFileSync(join(packages, source), to);
    }
  }
}

function islandEntries() {
  const folder = join(root, "islands");
  const entries = {};
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    for (const [file, suffix] of [["index.js", ""], ["worker.js", ".worker"]]) {
      const path = join(folder, name, file);
      if (existsSync(path)) entries[name + suffix] = path;
    }
  }
  return entries;
}

// Built aside and swapped in, so that a running server never serves half a build.
const fresh = `${out}.new`;
rmSync(fresh, { recursive: true, force: true });
mkdirSync(join(fresh, "islands"), { recursive: true });
copyVendor(join(fresh, "vendor"));
const entries = islandEntries();
if (Object.keys(entries).length > 0) {
  await build({
    entryPoints: entries,
    outdir: join(fresh, "islands"),
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    sourcemap: false,
    legalComments: "none",
    charset: "utf8",
    target: ["chrome111", "firefox115", "safari16.4"],
    logLevel: "warning",
  });
}
const old = `${out}.old`;
rmSync(old, { recursive: true, force: true });
if (existsSync(out)) renameSync(out, old);
renameSync(fresh, out);
rmSync(old, { recursive: true, force: true });
console.log(`${Object.keys(vendor).length} vendor files, ${Object.keys(entries).length} island modules in build/static`);
