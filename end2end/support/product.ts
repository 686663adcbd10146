// The product that people are sent back to: a server that shows where they arrived.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Product {
  /** `http://127.0.0.1:PORT`; the clients of catalog.toml accept any port of `/callback` there. */
  origin: string;
  redirectUri: string;
  close(): Promise<void>;
}

export async function startProduct(): Promise<Product> {
  const page = `<!doctype html><html lang="en"><title>The product</title><link rel="icon" href="data:,"><h1>Welcome back</h1>`;
  const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(page));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    redirectUri: `${origin}/callback`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
