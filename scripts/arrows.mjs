#!/usr/bin/env node
// Fails when one of our crates depends on another against docs/architecture.md, or when the wasm half contains
// something of the server's. `--self-test` proves that a broken graph is noticed.
import { execFileSync } from "node:child_process";

const ARROWS = {
  domain: [],
  migration: [],
  service: ["domain", "migration"],
  app: ["domain", "service"],
  frontend: ["app"],
  server: ["app", "service", "migration", "domain"],
};
// Which half of `app` its users take.
const HALVES = { frontend: "hydrate", server: "ssr" };
const NOT_IN_WASM = /^(sea-orm|sqlx)(-|$)|^(tokio|axum|service)$/;

/** What is wrong with the workspace's packages, as `cargo metadata --no-deps` prints them. */
function brokenArrows(packages) {
  const found = [];
  for (const { name, dependencies, features } of packages) {
    if (!ARROWS[name]) found.push(`${name} is not in the architecture`);
    for (const dep of dependencies.filter((d) => ARROWS[d.name] && d.name !== name)) {
      if (!ARROWS[name]?.includes(dep.name)) found.push(`${name} -> ${dep.name}`);
      if (name === "app" && dep.name === "service" && !dep.optional) found.push("app -> service must be optional");
      if (dep.name === "app" && HALVES[name] && dep.features.join() !== HALVES[name]) {
        found.push(`${name} -> app[${dep.features}] must be app[${HALVES[name]}]`);
      }
    }
    for (const [feature, enables] of Object.entries(features)) {
      if (name !== "app" && ["ssr", "hydrate"].includes(feature)) found.push(`only app has the feature ${feature}`);
      const toService = enables.some((e) => e === "ssr" || /^(dep:)?service(\??\/|$)/.test(e));
      if (name === "app" && feature !== "ssr" && toService) found.push(`app[${feature}] -> service: only app[ssr] may`);
    }
  }
  return found;
}

/** What of the server's is in the lines of `cargo tree --prefix none` for wasm. */
function intruders(tree) {
  const names = new Set(tree.split("\n").map((line) => line.split(" ")[0]));
  return [...names].filter((name) => NOT_IN_WASM.test(name)).map((name) => `the wasm half contains ${name}`);
}

function selfTest() {
  const dep = (name, more) => ({ name, features: [], optional: false, ...more });
  const graph = () => [
    { name: "domain", features: {}, dependencies: [dep("serde")] },
    { name: "migration", features: {}, dependencies: [] },
    { name: "service", features: {}, dependencies: [dep("domain"), dep("migration")] },
    {
      name: "app",
      features: { ssr: ["dep:service"], hydrate: [] },
      dependencies: [dep("domain"), dep("service", { optional: true })],
    },
    { name: "frontend", features: {}, dependencies: [dep("app", { features: ["hydrate"] })] },
    { name: "server", features: {}, dependencies: [dep("app", { features: ["ssr"] }), dep("service")] },
  ];
  const [domain, migration, service, app, frontend, server] = [0, 1, 2, 3, 4, 5];
  const breaks = [
    (g) => g[domain].dependencies.push(dep("service")),
    (g) => g[migration].dependencies.push(dep("domain", { kind: "dev" })),
    (g) => g[service].dependencies.push(dep("app")),
    (g) => (g[app].dependencies[1].optional = false),
    (g) => (g[app].features.hydrate = ["service/testing"]),
    (g) => (g[app].features.default = ["ssr"]),
    (g) => (g[frontend].dependencies[0].features = ["hydrate", "ssr"]),
    (g) => g[frontend].dependencies.push(dep("domain")),
    (g) => (g[server].features = { ssr: [] }),
    (g) => g.push({ name: "util", features: {}, dependencies: [] }),
  ];
  const missed = breaks.filter((change) => {
    const broken = graph();
    change(broken);
    return brokenArrows(broken).length !== 1;
  });
  const tree = (name) => `frontend v0.1.0 (/somewhere)\ntokio-stream v1.0.0\n${name} v1.0.0 (*)`;
  const unwanted = ["sea-orm", "sqlx", "sqlx-core", "tokio", "axum", "service"];
  return [
    ...[...brokenArrows(graph()), ...intruders(tree("serde"))].map((what) => `refused although sound: ${what}`),
    ...missed.map((change) => `not noticed: ${change}`),
    ...unwanted.filter((name) => intruders(tree(name)).length !== 1).map((name) => `not noticed in wasm: ${name}`),
  ];
}

function workspace() {
  const cargo = (...args) => execFileSync("cargo", args, { encoding: "utf8", maxBuffer: 1 << 28 });
  const tree = ["--target", "wasm32-unknown-unknown", "--edges", "normal", "--prefix", "none"];
  return [
    ...brokenArrows(JSON.parse(cargo("metadata", "--format-version", "1", "--no-deps")).packages),
    ...intruders(cargo("tree", "--manifest-path", "frontend/Cargo.toml", ...tree)),
  ];
}

const found = process.argv[2] === "--self-test" ? selfTest() : workspace();
for (const what of found) console.error(`arrows: ${what}`);
process.exit(found.length ? 1 : 0);
