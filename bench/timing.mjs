// Can somebody tell by time who has an account? Asks a demo server alternately for a known and an unknown address, at
// each page that takes one, and compares: medians, and the z of the pairs' signs (below 3 there is nothing to see).
//   TURNPIKE_LIMITS__ENABLED=false turnpike demo --data-dir "$(mktemp -d)" &
//   node bench/timing.mjs http://127.0.0.1:8080 [SAMPLES]
// end2end/clients/timing.test.mjs asks a server of its own.
import { randomUUID } from "node:crypto";

const password = "wrong but long enough";

/// The pages that take an address without anything before them: path and further fields.
const pages = {
  "sign-in, wrong password": ["/sign-in", { password }],
  "forgotten password": ["/forgot-password", {}],
  "sign-in link": ["/sign-in/link", {}],
};

async function post(url, form) {
  const begun = process.hrtime.bigint();
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
  await answer.text();
  return { ms: Number(process.hrtime.bigint() - begun) / 1e6, status: answer.status };
}

/// The path of the registration page of the demo's application.
async function register(issuer) {
  let url = new URL("/demo/sign-in", issuer);
  for (let hops = 0; hops < 5 && url.pathname !== "/sign-in"; hops += 1) {
    const answer = await fetch(url, { redirect: "manual" });
    url = new URL(answer.headers.get("location") ?? "/sign-in", url);
  }
  return `/register${url.search}`;
}

/// Every page that takes an address of somebody.
export const names = [...Object.keys(pages), "registration"];

/// Path and further fields of one of `names`.
export const page = async (issuer, name) => pages[name] ?? [await register(issuer), {}];

const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];

/// The z of the sign test: how often the known address of a pair took longer, against a coin that is thrown as often.
const signs = (apart) => apart.reduce((sum, ms) => sum + Math.sign(ms), 0) / Math.sqrt(apart.length);

/// Asks a page for a known and an unknown address, `samples` times each after ten that do not count: the medians in
/// milliseconds, the difference, the z, and the statuses that came. Which of a pair goes first alternates.
/// The difference is one of pairs, both of whose requests find the machine as busy: the median over those that begin
/// with the known address and the one over those that end with it, and the middle of the two. The z is one of pairs as
/// well, and of their signs alone, so that a request that was held up counts no more than any other: on a busy machine it
/// sees more than a comparison of ranks. Going first may cost time; as many pairs begin with either address, which cancels.
export async function compare(issuer, [path, rest], samples) {
  const times = { known: [], unknown: [] };
  const apart = [[], []];
  const statuses = new Set();
  for (let i = -10; i < samples; i += 1) {
    const pair = [["known", "demo@example.com"], ["unknown", `${randomUUID().slice(0, 4)}@example.com`]];
    const took = {};
    for (const [kind, email] of i % 2 ? pair : pair.reverse()) {
      const { ms, status } = await post(new URL(path, issuer), { email, ...rest });
      statuses.add(status);
      took[kind] = ms;
    }
    if (i < 0) continue;
    for (const [kind, ms] of Object.entries(took)) times[kind].push(ms);
    apart[i % 2].push(took.known - took.unknown);
  }
  const { known, unknown } = times;
  const difference = (median(apart[0]) + median(apart[1])) / 2;
  const z = signs(apart.flat());
  return { known: median(known), unknown: median(unknown), difference, z, statuses: [...statuses] };
}

/// A comparison in words.
export const told = ({ known, unknown, difference, z, statuses }) =>
  `known ${known.toFixed(2)} ms, unknown ${unknown.toFixed(2)} ms, difference of pairs ${difference.toFixed(2)} ms, ` +
  `z ${z.toFixed(2)} (status ${statuses.join(" ")})`;

if (process.argv[1] === import.meta.filename) {
  const [issuer = "http://127.0.0.1:8080", samples = "200"] = process.argv.slice(2);
  for (const name of names) {
    console.log(`${name}: ${told(await compare(issuer, await page(issuer, name), Number(samples)))}, ${samples} each`);
  }
}
