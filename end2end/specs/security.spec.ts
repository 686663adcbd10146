// What every page must hold: a policy with a nonce, nothing from elsewhere, nothing missing. The guard of support/
// listens for breaches.
import { dashboardPages, pages, settled } from "../support/pages";
import { pattern } from "../support/routes";
import { expect, test } from "../support/test";

for (const { name, route, light, open } of [...pages, ...dashboardPages]) {
  test(`${name} keeps to its policy`, async ({ visitor, page, scripts }) => {
    const documents: { url: string; headers: Promise<Record<string, string>> }[] = [];
    // Those of the last document: a page on the way there may have islands.
    let files: { url: string; status: number }[] = [];
    page.on("response", (response) => {
      const { url, status } = { url: response.url(), status: response.status() };
      if (response.request().resourceType() === "document") {
        documents.push({ url, headers: response.allHeaders() });
        files = [];
      }
      if (new URL(url).pathname.startsWith("/site/")) files.push({ url, status });
    });
    await open(visitor);
    await settled(page, scripts);
    // pages.spec.ts goes by what each page says of itself.
    if (route) expect(new URL(page.url()).pathname).toMatch(pattern(route));
    const headers = (await documents.at(-1)?.headers) ?? {};
    const policy = headers["content-security-policy"] ?? "";
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("base-uri 'none'");
    // Browsers would apply it to every hop of the way back to the product. The description of the API leads nowhere.
    if (name !== "api-docs") expect(policy).not.toContain("form-action");
    // Nothing may come from anywhere else.
    expect(policy).not.toMatch(/'unsafe-inline'|'unsafe-eval'|https?:|\*/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["x-frame-options"]).toBe("DENY");
    expect(headers["referrer-policy"]).toBe("same-origin");
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
    expect(headers["cache-control"]).toMatch(/no-store|no-cache/);
    // Every script and style of the page carries the policy's nonce, or the policy knows its hash.
    const nonces = await page
      .locator("script:not([src]), style")
      .evaluateAll((elements) => elements.map((element) => (element as HTMLElement).nonce));
    for (const nonce of policy.includes("'sha256-") ? [] : nonces) {
      expect(nonce).toMatch(/^.{16,}$/);
      expect(policy).toContain(`'nonce-${nonce}'`);
    }
    expect(await page.locator("[style]").count()).toBe(0);
    expect(files.filter(({ status }) => status !== 200 && status !== 304)).toEqual([]);
    const wasm = files.filter(({ url }) => url.endsWith(".wasm"));
    const islands = await page.locator("leptos-island").count();
    if (light) expect({ islands, wasm }).toEqual({ islands: 0, wasm: [] });
    if (islands && scripts) expect(wasm.length).toBeGreaterThan(0);
    if (!scripts) expect(files.filter(({ url }) => /\.(js|wasm)$/.test(url))).toEqual([]);
  });
}

test("a nonce serves one answer", async ({ request }) => {
  const nonce = async () => {
    const policy = (await request.get("/sign-in")).headers()["content-security-policy"];
    return /'nonce-([^']+)'/.exec(policy)?.[1];
  };
  expect(await nonce()).not.toBe(await nonce());
});

test("a page in a foreign frame stays empty", async ({ page, product, baseURL, guard }) => {
  await page.goto(product.redirectUri);
  await page.evaluate((url) => {
    document.body.append(Object.assign(document.createElement("iframe"), { src: url }));
  }, `${baseURL}/sign-in`);
  const frame = page.frameLocator("iframe");
  await expect(frame.getByRole("button", { name: "Sign in" })).toHaveCount(0);
  await expect.poll(() => guard.splice(0).join()).toContain("frame-ancestors 'none'");
});

test("a form of another site changes nothing", async ({ request, baseURL }) => {
  const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  const form = { email: "ana@example.com", password: "a password only for tests" };
  const response = await request.post(`${baseURL}/sign-in`, { headers, form, maxRedirects: 0 });
  expect(response.status()).toBe(403);
  expect(response.headers()["set-cookie"]).toBeUndefined();
});

test("the session's cookie is out of reach of scripts and of other sites", async ({ visitor, page, context }) => {
  await visitor.arrive();
  const cookies = (await context.cookies()).filter(({ value }) => value.length > 20);
  expect(cookies.length).toBeGreaterThan(0);
  for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
  await page.goto("/sign-out");
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
});
