// A server of a test's own, with nothing in it.
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

export interface Server {
  url: string;
  /** Makes the first superadmin, once. */
  setup: string;
  /** Asks it to stop, and gives its exit code. */
  stop(): Promise<number | null>;
}

const root = resolve(import.meta.dirname, "../..");
const binary = resolve(root, process.env.CARGO_TARGET_DIR ?? "target", "debug/turnpike");

export interface Setting {
  /** What `turnpike apply` is given before the server starts. */
  catalog?: string;
  /** A free port of 127.0.0.1 when left out. */
  listen?: string;
  publicUrl?: string;
}

/** A free port of this machine, for a server that must know its own address before it starts. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Starts `turnpike serve`. */
export async function startServer({ catalog, listen = "127.0.0.1:0", publicUrl }: Setting = {}): Promise<Server> {
  const data = await mkdtemp(join(tmpdir(), "turnpike-"));
  // The server refuses settings that it does not know, such as the address that the tests are given.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TURNPIKE_")));
  if (catalog) {
    const file = join(data, "catalog.toml");
    await writeFile(file, catalog);
    execFileSync(binary, ["apply", "-f", file, "--data-dir", data], { env, stdio: ["ignore", "ignore", "inherit"] });
  }
  const url = publicUrl ? ["--public-url", publicUrl] : [];
  const child = spawn(binary, ["serve", "--listen", listen, "--data-dir", data, ...url], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const gone = new Promise<number | null>((done) => child.once("close", done).once("error", () => done(null)));
  const stop = async () => {
    child.kill("SIGTERM");
    const code = await gone;
    await rm(data, { recursive: true });
    return code;
  };
  for await (const line of createInterface(child.stdout)) {
    const link = /^Make the first superadmin, once: (.+)$/.exec(line)?.[1];
    if (!link) continue;
    child.stdout.resume();
    return { url: new URL(link).origin, setup: link, stop };
  }
  await stop();
  throw new Error(`${binary} serve said nothing of the first superadmin`);
}
