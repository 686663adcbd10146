// examples/node as it stands, against the running server, and people in browsers of their own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Browser } from "./browser.mjs";
import { discover, issuer, signUp } from "./person.mjs";
import { call } from "./shop.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const browser = new Browser(issuer);
let place, home, example;

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

before(async () => {
  home = `http://127.0.0.1:${await freePort()}/`;
  const made = await call("POST", "admin/applications", {
    name: "Notes",
    slug: `notes-${crypto.randomUUID().slice(0, 8)}`,
    redirectUris: [`${home}callback`],
  });
  await signUp(await discover(made.clientId, made.clientSecret), { browser });

  // It finds its packages beside itself; here they are the same as those of these tests.
  place = await mkdtemp(join(tmpdir(), "notes-"));
  await copyFile(at("../../examples/node/app.mjs"), join(place, "app.mjs"));
  await symlink(at("../node_modules"), join(place, "node_modules"));
  const env = { ISSUER: issuer, CLIENT_ID: made.clientId, CLIENT_SECRET: made.clientSecret, HOME_URL: home };
  const stdio = ["ignore", "pipe", "inherit"];
  example = spawn(process.execPath, ["app.mjs"], { cwd: place, env: { ...process.env, ...env }, stdio });
  const lines = createInterface({ input: example.stdout });
  const [said] = await Promise.race([once(lines, "line"), once(example, "exit")]);
  assert.equal(said, `Notes is at ${home}`);
});

after(async () => {
  example?.kill();
  if (place) await rm(place, { recursive: true });
});

/// Begins a sign-in and stops at the callback.
async function depart() {
  browser.left = undefined;
  await browser.go(new URL("sign-in", home));
  assert.ok(browser.left?.href.startsWith(`${home}callback?`), `${browser.url}: ${browser.html}`);
  return browser.left;
}

/// Whether a browser is signed in after it has opened a callback.
async function arrives(visitor, callback) {
  visitor.left = undefined;
  await visitor.go(callback);
  if (!visitor.left) {
    assert.equal(visitor.status, 400);
    assert.equal(visitor.html, "no such sign-in is under way");
    return false;
  }
  assert.equal(visitor.left.href, home);
  await visitor.go(new URL(home));
  return visitor.html.includes("sign-out");
}

test("two sign-ins at once both arrive, each of them once", async () => {
  const callbacks = [await depart(), await depart()];
  for (const callback of callbacks) {
    assert.equal(await arrives(browser, callback), true);
    assert.equal(await arrives(browser, callback), false);
  }
});

test("a callback counts in the browser that set out only", async () => {
  const callback = await depart();
  const victim = new Browser();
  assert.equal(await arrives(victim, callback), false);
  await victim.go(new URL("sign-in", home));
  assert.equal(await arrives(victim, callback), false, "a sign-in of their own does not let it in");
  assert.equal(await arrives(browser, callback), true);
});
