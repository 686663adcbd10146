// Takes pictures of every page: light, dark, phone, English, Indonesian.
//   TURNPIKE_URL=… ADMIN_KEY=… node end2end/screenshots.mjs DIRECTORY [NAME]
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";

const [directory, name] = process.argv.slice(2);
if (!directory) {
  console.error("usage: node end2end/screenshots.mjs DIRECTORY [NAME]");
  process.exit(2);
}
const SCREENSHOTS = resolve(directory);
mkdirSync(SCREENSHOTS, { recursive: true });
const only = name ? ["--grep", name] : [];
const { status } = spawnSync("node_modules/.bin/playwright", ["test", "--config", "screenshots.config.ts", ...only], {
  cwd: import.meta.dirname ?? new URL(".", import.meta.url).pathname,
  env: { ...process.env, SCREENSHOTS },
  stdio: "inherit",
});
process.exit(status ?? 1);
