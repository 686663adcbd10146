// Signing in with another provider.
import { password } from "../admin";
import { offer, startOidcProvider } from "../issuer";
import { expect, type Visitor } from "../test";
import type { PageUnderTest } from "./page";
import { join } from "./ways";

/**
 * Comes back from a provider that names an address with an account here; `proved`: and signs in to it. The provider's
 * own pages are gone through beside the browser, and it is gone afterwards.
 */
async function fromProvider(visitor: Visitor, proved: boolean): Promise<void> {
  const { page } = visitor;
  const email = await join(visitor);
  await page.context().clearCookies();
  const provider = await offer("Kantor", startOidcProvider, [{ email, name: "Budi Santoso", email_verified: true }]);
  try {
    await visitor.open("linked-web");
    const flow = new URL(page.url()).search;
    let at = new URL(`/sign-in/upstream/${provider.slug}${flow}`, page.url());
    const step = async (form?: Record<string, string>) => {
      const answer = await page.request.fetch(at.href, { method: form ? "POST" : "GET", form, maxRedirects: 0 });
      at = new URL(answer.headers().location ?? at, at);
    };
    await step({});
    await step();
    await step({ email, answer: "yes" });
    await step();
    expect(at.pathname).toBe(`/upstream/callback/linked/${provider.slug}`);
    await page.goto(at.href);
    if (!proved) return;
    const sign_in = page.url().replace("/upstream/link", "/sign-in");
    const answer = await page.request.post(sign_in, { form: { email, password }, maxRedirects: 0 });
    expect(answer.status()).toBe(303);
    await page.reload();
  } finally {
    await provider.close();
  }
}

export const upstreamPages: PageUnderTest[] = [
  { name: "sign-in-providers", route: "/sign-in", light: true, open: (visitor) => visitor.open("linked-web") },
  {
    name: "upstream-expired",
    route: "/upstream/callback/{application}/{method}",
    light: true,
    open: (visitor) => visitor.page.goto("/upstream/callback/linked/google?state=none&code=none"),
  },
  { name: "upstream-prove", route: "/upstream/link", light: true, open: (visitor) => fromProvider(visitor, false) },
  { name: "upstream-link", route: "/upstream/link", light: true, open: (visitor) => fromProvider(visitor, true) },
];
