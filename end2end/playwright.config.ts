import { execFileSync } from "node:child_process";
import { defineConfig } from "@playwright/test";

// `scripts/test.sh e2e` starts the server and says where it is. By hand: `make run`, then
// TURNPIKE_URL=http://127.0.0.1:8080 npx playwright test
const baseURL = process.env.TURNPIKE_URL ?? "http://127.0.0.1:8080";
const find = ["-c", "command -v chromium-headless-shell || command -v chromium || command -v chromium-browser"];
const executablePath = process.env.CHROMIUM ?? execFileSync("sh", find, { encoding: "utf8" }).trim();

export default defineConfig({
  testDir: "specs",
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  // A second try is reported as flaky, and a fault fails twice. scripts/test.sh names what is flaky, and lets it be in
  // most specs.
  retries: process.env.CI ? 1 : 0,
  // Where nearly all fail, the rest would tell nothing more, in four times the time.
  maxFailures: process.env.CI ? 30 : 0,
  reporter: "list",
  use: {
    baseURL,
    actionTimeout: 10_000,
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath,
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "js", use: { javaScriptEnabled: true } },
    // axe runs inside the page, and so does a single-page application.
    { name: "nojs", use: { javaScriptEnabled: false }, testIgnore: ["a11y.spec.ts", "spa.spec.ts"] },
  ],
});
