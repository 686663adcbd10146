// Signing in with other providers: npm's oidc-provider and a second Turnpike, each with and without JavaScript.
import type { Page } from "@playwright/test";
import { admin, newEmail, password } from "../support/admin";
import { offer, startOidcProvider, startPeer, type Offered, type Person } from "../support/issuer";
import { issuer } from "../support/oauth";
import { confirm, expect, expectPage, test } from "../support/test";

const person = (email_verified = true): Person => ({ email: newEmail(), name: "Sari Dewi", email_verified });

interface Kind {
  name: string;
  start: typeof startOidcProvider;
  /** Says at the provider who one is. */
  signIn(page: Page, person: Person): Promise<void>;
}

const kinds: Kind[] = [
  {
    name: "oidc-provider",
    start: startOidcProvider,
    async signIn(page, { email }) {
      await expectPage(page, "Who are you?");
      await page.getByLabel("Address").fill(email);
      await page.getByRole("button", { name: "Go on" }).click();
    },
  },
  {
    name: "second Turnpike",
    start: startPeer,
    async signIn(page, { email }) {
      await expectPage(page, "Sign in to The other Turnpike");
      await page.getByLabel("Email").fill(email);
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
    },
  },
];

for (const kind of kinds) {
  test.describe(kind.name, () => {
    const [newcomer, owner, linker, doubtful] = [person(), person(), person(), person(false)];
    let provider: Offered;

    test.beforeAll(async () => {
      provider = await offer("Elsewhere", kind.start, [newcomer, owner, linker, doubtful]);
      const { signInMethod } = await admin("GET", provider.path);
      expect(signInMethod.redirectUri).toBe(`${issuer}/upstream/callback/linked/${provider.slug}`);
      expect(JSON.stringify(signInMethod)).not.toContain(provider.clientSecret);
      await admin("POST", `${provider.path}/test`);
    });
    test.afterAll(() => provider?.close());
    // The provider is nobody's third party here.
    test.afterEach(({ guard }) => {
      const others = guard.filter((complaint) => !complaint.startsWith(`third party: ${provider.url}/`));
      guard.splice(0, guard.length, ...others);
    });

    const leave = (page: Page, name = "Elsewhere") =>
      page.getByRole("button", { name: `Continue with ${name}` }).click();

    test("signs a new person in, and knows them again", async ({ visitor, page }) => {
      const first = await visitor.open("linked-web");
      await leave(page);
      await kind.signIn(page, newcomer);
      const { id } = await visitor.tokens(first);
      expect([id.email, id.name]).toEqual([newcomer.email, newcomer.name]);
      await page.goto("/account/identities");
      await expectPage(page, "Linked accounts");
      await expect(page.getByRole("listitem").filter({ hasText: newcomer.email })).toHaveCount(1);
      // The only way to sign in stays.
      await confirm(page, "Unlink Elsewhere");
      await expect(page.getByRole("alert")).toHaveText("This is your only way to sign in. Choose a password first.");
      await page.context().clearCookies();
      const second = await visitor.open("linked-web");
      await leave(page);
      await kind.signIn(page, newcomer);
      expect((await visitor.tokens(second)).id.sub).toBe(id.sub);
    });

    test("links an account of the same address once it is proved", async ({ visitor, page }) => {
      const made = await visitor.open("linked-web");
      await visitor.enroll(owner.email);
      const own = (await visitor.tokens(made)).id.sub;
      await page.context().clearCookies();
      const linked = await visitor.open("linked-web");
      await leave(page);
      await kind.signIn(page, owner);
      await expectPage(page, "You have an account already");
      await page.getByRole("link", { name: "Sign in" }).click();
      await expect(page.getByLabel("Email")).toHaveValue(owner.email);
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await expectPage(page, "Link Elsewhere?");
      await page.getByRole("button", { name: "Link Elsewhere" }).click();
      expect((await visitor.tokens(linked)).id.sub).toBe(own);
      await page.context().clearCookies();
      const again = await visitor.open("linked-web");
      await leave(page);
      await kind.signIn(page, owner);
      expect((await visitor.tokens(again)).id.sub).toBe(own);
    });

    test("is linked from the account, whatever its address", async ({ visitor, page }) => {
      const made = await visitor.open("linked-web");
      await visitor.enroll();
      const own = (await visitor.tokens(made)).id.sub;
      await page.goto("/account/identities");
      await page.getByRole("button", { name: "Link Elsewhere" }).click();
      await kind.signIn(page, linker);
      await expectPage(page, "Linked accounts");
      await expect(page.getByRole("listitem").filter({ hasText: linker.email })).toHaveCount(1);
      await page.context().clearCookies();
      const again = await visitor.open("linked-web");
      await leave(page);
      await kind.signIn(page, linker);
      expect((await visitor.tokens(again)).id.sub).toBe(own);
      await page.goto("/account/identities");
      await confirm(page, "Unlink Elsewhere");
      await expect(page.getByText("Unlink Elsewhere")).toHaveCount(0);
    });

    test("leads on to a device that waits", async ({ page }) => {
      const form = { client_id: "e2e-tv", scope: "openid email" };
      const waiting = await (await page.request.post("/oauth2/device_authorization", { form })).json();
      await page.goto(waiting.verification_uri_complete);
      // A page of the server's own: no application's admin chooses what it says.
      await leave(page, new URL(provider.url).hostname);
      await kind.signIn(page, newcomer);
      await expectPage(page, "Choose your plan");
      await page.getByRole("button", { name: "Keep Free" }).click();
      await expectPage(page, "Connect Television?");
      await expect(page.getByText(waiting.user_code)).toBeVisible();
    });

    test("asks by mail for an address that the provider does not vouch for", async ({ visitor, page }) => {
      await visitor.open("linked-web");
      await leave(page);
      await kind.signIn(page, doubtful);
      await expectPage(page, "Check your mail");
    });
  });
}

test("whoever changes their mind at the provider goes on where they were", async ({ visitor, page, guard }) => {
  const provider = await offer("Nowhere", startOidcProvider, []);
  try {
    await visitor.open("linked-web", { ui_locales: "id" });
    await page.getByRole("button", { name: "Lanjutkan dengan Nowhere" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expectPage(page, "Proses masuk dengan Nowhere tidak selesai", "id");
    await page.locator("main a").first().click();
    await expectPage(page, "Masuk ke Pasar Baru", "id");
  } finally {
    await provider.close();
  }
  const others = guard.filter((complaint) => !complaint.startsWith(`third party: ${provider.url}/`));
  guard.splice(0, guard.length, ...others);
});

test("a provider that has gone away is told", async ({ visitor, page }) => {
  const provider = await offer("Gone", async (redirectUri, people) => {
    const started = await startOidcProvider(redirectUri, people);
    await started.close();
    return { ...started, close: async () => {} };
  }, []);
  try {
    await visitor.open("linked-web");
    await page.getByRole("button", { name: "Continue with Gone" }).click();
    await expectPage(page, "Gone does not answer");
    await page.getByRole("link", { name: "Back to sign-in" }).click();
    await expectPage(page, "Sign in to Pasar Baru");
  } finally {
    await provider.close();
  }
});
