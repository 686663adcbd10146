// Every page there is, and the way to each.
import type { Page } from "@playwright/test";
import { admin, application, member, newApplication, newEmail, newOrganization, password, people } from "./admin";
import { setUpApp } from "./factors";
import { offer, startOidcProvider } from "./issuer";
import { mailedInvitation, mailedLink } from "./mail";
import { portalUrl } from "./portal";
import { makeSample, type Sample } from "./shop";
import { expect, type Visitor } from "./test";

export interface PageUnderTest {
  name: string;
  /** Does without WebAssembly: it must not be asked for. */
  light?: boolean;
  open(visitor: Visitor): Promise<unknown>;
}

const acme = { email: "maya@example.com", password: "ride the turnpike" };

/** Signs somebody in without going through the forms: quick, and the same in every language. */
async function enter(visitor: Visitor, person: { email: string; password: string }): Promise<void> {
  const { email, password } = person;
  const answer = await visitor.page.request.post("/sign-in", { form: { email, password }, maxRedirects: 0 });
  expect(answer.status()).toBe(303);
}

/** Makes an account on the way through a client, likewise. */
async function join(visitor: Visitor, client: "e2e-web" | "e2e-partner" | "guarded-web" | "paid-web" | "sandbox-web" = "e2e-web"): Promise<string> {
  const email = newEmail();
  await visitor.open(client);
  const register = visitor.page.url().replace("/sign-in", "/register");
  const form = { name: "Budi Santoso", email };
  const headers = { "accept-language": await visitor.page.evaluate(() => navigator.language) };
  const asked = await visitor.page.request.post(register, { form, headers, maxRedirects: 0 });
  expect(asked.status()).toBe(200);
  const made = await visitor.page.request.post(await mailedLink(email), { form: { password }, headers, maxRedirects: 0 });
  expect(made.status()).toBe(303);
  await visitor.open(client);
  return email;
}

/** Stands before the second factor, on the way to the product. */
async function beforeFactor(visitor: Visitor): Promise<void> {
  const email = await join(visitor);
  await setUpApp(visitor.page);
  await visitor.page.context().clearCookies();
  await visitor.open();
  await visitor.page.locator("#email").fill(email);
  await visitor.page.locator("#password").fill(password);
  await visitor.page.locator("main form button").first().click();
  await visitor.page.waitForURL(/\/sign-in\/factor/);
}

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

/** Stands before the checkout of a plan that costs money. */
async function checkOut(visitor: Visitor, plan: "pro" | "team"): Promise<void> {
  await join(visitor, "sandbox-web");
  await visitor.page.locator(`#plan-${plan}`).check();
  await visitor.page.locator("form#plan button").last().click();
  await visitor.page.waitForURL(/\/checkout\//);
}

/** Stands before the sandbox's page. */
async function pay(visitor: Visitor): Promise<void> {
  await checkOut(visitor, "pro");
  await visitor.page.locator("main form button").first().click();
  await visitor.page.waitForURL(/\/sandbox\/pay\//);
}

/** A member of the sandbox's application in front of the portal, who has bought Pro there; by their id. */
async function portal(visitor: Visitor): Promise<string> {
  const email = await join(visitor, "sandbox-web");
  const found = await member(await application("sandbox"), email);
  await visitor.page.goto(await portalUrl(found.id));
  await visitor.page.goto("/portal/change?plan=pro");
  await visitor.page.locator("main form button").first().click();
  await visitor.page.waitForURL(/\/checkout\//);
  await visitor.page.locator("main form button").first().click();
  await visitor.page.waitForURL(/\/sandbox\/pay\//);
  await act(visitor, "card");
  await visitor.page.waitForURL(/\/portal\?done=paid/);
  return found.id;
}

const act = (visitor: Visitor, act: string) =>
  visitor.page.locator(`form:has([name=act][value=${act}]) button`).click();

let made: Promise<Sample> | undefined;

/** A shop with customers in every state. Tests that only look share it. */
const sample = (visitor: Visitor): Promise<Sample> => (made ??= makeSample(visitor));

/** A page of that shop's dashboard. */
const money = (path: (sample: Sample) => string) => async (visitor: Visitor) => {
  const shop = await sample(visitor);
  await dashboard(`/${shop.shop.slug}/${path(shop)}`)(visitor);
};

const dashboard = (path: string) => async (visitor: Visitor) => {
  await enter(visitor, people.superadmin);
  await visitor.page.goto(`/dashboard${path}`);
};

/** A page of the server's own, as a superadmin sees it. */
const above = (path: string) => async (visitor: Visitor) => {
  await enter(visitor, people.superadmin);
  await visitor.page.goto(path);
};

/** An application with a webhook that leads nowhere: the pages of it, and its address in the admin API. */
async function newWebhook(): Promise<{ list: string; own: string; path: string }> {
  const { id, slug } = await newApplication();
  const input = { url: "http://127.0.0.1:9/hooks", description: "Gudang", events: ["user.created", "payment.settled"] };
  const { webhook } = await admin("POST", `/applications/${id}/webhooks`, input);
  const list = `/${slug}/webhooks`;
  return { list, own: `${list}/${webhook.id}`, path: `/applications/${id}/webhooks/${webhook.id}` };
}

const send = (visitor: Visitor) =>
  visitor.page.locator("main form").first().evaluate((form: HTMLFormElement) => {
    form.noValidate = true;
    form.requestSubmit();
  });

export const pages: PageUnderTest[] = [
  { name: "sign-in", light: true, open: (visitor) => visitor.open() },
  {
    name: "sign-in-wrong",
    light: true,
    async open(visitor) {
      await visitor.open("e2e-web", { login_hint: newEmail() });
      await visitor.page.locator("#password").fill("not the password");
      await visitor.page.locator("main form button").first().click();
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  { name: "sign-in-dashboard", light: true, open: (visitor) => visitor.page.goto("/sign-in") },
  {
    name: "register",
    light: true,
    async open(visitor) {
      await visitor.open();
      await visitor.page.goto(visitor.page.url().replace("/sign-in", "/register"));
    },
  },
  {
    name: "register-wrong",
    light: true,
    async open(visitor) {
      await visitor.open();
      await visitor.page.goto(visitor.page.url().replace("/sign-in", "/register"));
      await visitor.page.locator("#email").fill("nobody");
      await send(visitor);
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "forgot-password",
    light: true,
    async open(visitor) {
      await visitor.open();
      await visitor.page.goto(visitor.page.url().replace("/sign-in", "/forgot-password"));
    },
  },
  {
    name: "mail-sent",
    light: true,
    async open(visitor) {
      await visitor.open();
      await visitor.page.goto(visitor.page.url().replace("/sign-in", "/sign-in/link"));
      await visitor.page.locator("#email").fill(newEmail());
      await send(visitor);
      await expect(visitor.page.locator("form")).toHaveCount(0);
    },
  },
  {
    name: "first-password-wrong",
    light: true,
    async open(visitor) {
      const email = newEmail();
      await visitor.open();
      const register = visitor.page.url().replace("/sign-in", "/register");
      await visitor.page.request.post(register, { form: { email } });
      await visitor.page.goto(await mailedLink(email));
      await visitor.page.locator("#password").fill("short");
      await send(visitor);
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "confirm",
    light: true,
    async open(visitor) {
      const email = await join(visitor);
      await visitor.page.request.post("/sign-in/link", { form: { email } });
      await visitor.page.goto(await mailedLink(email));
    },
  },
  {
    name: "new-password",
    light: true,
    async open(visitor) {
      const email = await join(visitor);
      await visitor.page.request.post("/forgot-password", { form: { email } });
      await visitor.page.goto(await mailedLink(email));
    },
  },
  {
    name: "security",
    light: true,
    async open(visitor) {
      await join(visitor);
      await visitor.page.goto("/account/security");
    },
  },
  {
    name: "security-factors",
    light: true,
    async open(visitor) {
      await join(visitor);
      await setUpApp(visitor.page);
      await visitor.page.goto("/account/security");
    },
  },
  { name: "security-needed", light: true, open: (visitor) => join(visitor, "guarded-web") },
  {
    name: "authenticator-wrong",
    light: true,
    async open(visitor) {
      await join(visitor);
      await visitor.page.goto("/account/security/authenticator");
      await visitor.page.locator("#code").fill("123");
      await send(visitor);
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "recovery-codes",
    light: true,
    async open(visitor) {
      await join(visitor);
      await setUpApp(visitor.page);
      await visitor.page.goto("/account/security");
      await visitor.page.locator("form:has([value=new_codes]) button").click();
      await expect(visitor.page.locator("#recovery-codes")).toBeVisible();
    },
  },
  {
    name: "factor-wrong",
    light: true,
    async open(visitor) {
      await beforeFactor(visitor);
      await visitor.page.locator("#code").fill("123");
      await send(visitor);
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "factor-recovery",
    light: true,
    async open(visitor) {
      await beforeFactor(visitor);
      await visitor.page.locator("a[href*='with=recovery']").click();
      await expect(visitor.page.locator("#code")).toHaveAttribute("autocomplete", "off");
    },
  },
  { name: "sign-in-providers", light: true, open: (visitor) => visitor.open("linked-web") },
  {
    name: "upstream-expired",
    light: true,
    open: (visitor) => visitor.page.goto("/upstream/callback/linked/google?state=none&code=none"),
  },
  { name: "upstream-prove", light: true, open: (visitor) => fromProvider(visitor, false) },
  { name: "upstream-link", light: true, open: (visitor) => fromProvider(visitor, true) },
  {
    name: "form-post",
    light: true,
    async open(visitor) {
      // The page posts itself: here it stays to be looked at.
      await visitor.page.addInitScript(() => (HTMLFormElement.prototype.submit = () => undefined));
      await enter(visitor, people.member);
      await visitor.open("linked-web", { response_mode: "form_post" });
      await expect(visitor.page.locator("input[name=code]")).toHaveCount(1);
    },
  },
  { name: "link-used", light: true, open: (visitor) => visitor.page.goto("/link/el_none") },
  ...["", "/email", "/password", "/identities", "/sessions", "/connected", "/organizations", "/data"].map((page) => ({
    name: `account${page.replace("/", "-")}`,
    async open(visitor: Visitor) {
      await join(visitor);
      await visitor.page.goto(`/account${page}`);
    },
  })),
  {
    name: "organization",
    async open(visitor) {
      const { id } = await newOrganization(await join(visitor));
      await admin("POST", `/organizations/${id}/invitations`, { email: newEmail() });
      await visitor.page.goto(`/account/organizations/${id}`);
    },
  },
  {
    name: "invitation",
    light: true,
    async open(visitor) {
      const { id } = await newOrganization(await join(visitor));
      await visitor.page.context().clearCookies();
      const email = newEmail();
      await admin("POST", `/organizations/${id}/invitations`, { email, role: "admin" });
      await visitor.page.goto(await mailedInvitation(email));
    },
  },
  {
    name: "account-email-wrong",
    async open(visitor) {
      await join(visitor);
      await visitor.page.goto("/account/email");
      await visitor.page.locator("#email").fill("nobody");
      await send(visitor);
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "account-email-confirm",
    light: true,
    async open(visitor) {
      await join(visitor);
      const email = newEmail();
      await visitor.page.request.post("/account/email", { form: { email } });
      await visitor.page.goto(await mailedLink(email));
    },
  },
  {
    name: "account-password-wrong",
    async open(visitor) {
      await join(visitor);
      await visitor.page.goto("/account/password");
      await visitor.page.locator("#password").fill("not the password");
      await visitor.page.locator("#new_password").fill("short");
      await send(visitor);
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "device",
    light: true,
    async open(visitor) {
      await join(visitor);
      await visitor.page.goto("/device");
    },
  },
  {
    name: "device-unknown",
    async open(visitor) {
      await join(visitor);
      await visitor.page.goto("/device?user_code=BBBB-BBBB");
    },
  },
  {
    name: "device-question",
    async open(visitor) {
      await join(visitor);
      const form = { client_id: "e2e-tv", scope: "openid email" };
      const asked = await visitor.page.request.post("/oauth2/device_authorization", { form });
      const { verification_uri_complete } = await asked.json();
      await visitor.page.goto(verification_uri_complete);
      // Plan selection comes first.
      const kept = await visitor.page.request.post(visitor.page.url(), { form: { keep: "true" }, maxRedirects: 0 });
      expect(kept.status()).toBe(303);
      await visitor.page.goto(verification_uri_complete);
    },
  },
  { name: "consent", light: true, open: (visitor) => join(visitor, "e2e-partner") },
  { name: "plans", open: (visitor) => join(visitor) },
  { name: "checkout", light: true, open: (visitor) => checkOut(visitor, "pro") },
  { name: "checkout-trial", light: true, open: (visitor) => checkOut(visitor, "team") },
  {
    name: "checkout-coupon-wrong",
    light: true,
    async open(visitor) {
      await checkOut(visitor, "pro");
      await visitor.page.locator("summary").first().click();
      await visitor.page.locator("#coupon").fill("nothing");
      await visitor.page.locator("form:has(#coupon) button").click();
      await expect(visitor.page.locator("#coupon")).toHaveValue("nothing");
    },
  },
  {
    name: "checkout-not-charged",
    light: true,
    async open(visitor) {
      await pay(visitor);
      await visitor.page.locator("[value='4000000000003220']").check();
      await act(visitor, "card");
      await act(visitor, "fail");
      await visitor.page.waitForURL(/\/checkout\//);
    },
  },
  { name: "pay-link", light: true, open: async (visitor) => visitor.page.goto((await sample(visitor)).payLink) },
  { name: "pay-link-wrong", light: true, open: (visitor) => visitor.page.goto("/pay/bent") },
  {
    name: "checkout-confirm",
    light: true,
    async open(visitor) {
      const user_id = await portal(visitor);
      const { id: project_id } = await application("sandbox");
      const urls = { success_url: "http://127.0.0.1:9/welcome", cancel_url: "http://127.0.0.1:9/pricing" };
      await visitor.page.goto(`/checkout?${new URLSearchParams({ project_id, plan: "free", user_id, ...urls })}`);
    },
  },
  { name: "checkout-wrong", light: true, open: (visitor) => visitor.page.goto("/checkout") },
  { name: "sandbox", light: true, open: pay },
  { name: "portal", open: portal },
  {
    name: "portal-change",
    light: true,
    async open(visitor) {
      await portal(visitor);
      await visitor.page.goto("/portal/change?plan=free");
    },
  },
  {
    name: "portal-canceled",
    async open(visitor) {
      await portal(visitor);
      await visitor.page.locator("summary").last().click();
      await visitor.page.locator("form:has([name=act][value=cancel]) button").click();
      await visitor.page.waitForURL(/done=canceled/);
    },
  },
  {
    name: "portal-invoice",
    light: true,
    async open(visitor) {
      await portal(visitor);
      await visitor.page.locator("#history a").first().click();
    },
  },
  { name: "portal-closed", light: true, open: (visitor) => visitor.page.goto("/portal") },
  {
    name: "sandbox-declined",
    light: true,
    async open(visitor) {
      await pay(visitor);
      await visitor.page.locator("[value='4000000000000002']").check();
      await act(visitor, "card");
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "sandbox-secure",
    light: true,
    async open(visitor) {
      await pay(visitor);
      await visitor.page.locator("[value='4000000000003220']").check();
      await act(visitor, "card");
      await expect(visitor.page.locator("[name=act][value=pass]")).toHaveCount(1);
    },
  },
  {
    name: "checkout-pending",
    async open(visitor) {
      await pay(visitor);
      await act(visitor, "va");
      await visitor.page.waitForURL(/\/checkout\//);
    },
  },
  {
    name: "plans-yearly",
    async open(visitor) {
      await join(visitor);
      await visitor.page.goto(`${visitor.page.url()}&cycle=year`);
    },
  },
  {
    name: "plans-wrong",
    light: true,
    async open(visitor) {
      await join(visitor, "paid-web");
      await send(visitor);
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "plans-managed",
    async open(visitor) {
      const email = await join(visitor);
      const shop = await application("e2e");
      const { plans } = await admin("GET", `/applications/${shop.id}/plans`);
      const planId = plans.find((plan: { key: string }) => plan.key === "pro").id;
      const { id } = await member(shop, email);
      await admin("PUT", `/applications/${shop.id}/users/${id}/subscription`, { planId });
      await visitor.open("e2e-web", { prompt: "select_plan" });
    },
  },
  {
    name: "payment-missing",
    light: true,
    async open(visitor) {
      await join(visitor, "paid-web");
      await visitor.page.locator("#plan-plus").check();
      await send(visitor);
      await expect(visitor.page.locator("#plan-plus")).toHaveCount(0);
    },
  },
  {
    name: "no-access",
    light: true,
    async open(visitor) {
      await enter(visitor, people.member);
      await visitor.open("closed-web");
    },
  },
  {
    name: "registration-closed",
    light: true,
    async open(visitor) {
      await visitor.open("closed-web");
      await visitor.page.goto(visitor.page.url().replace("/sign-in", "/register"));
    },
  },
  { name: "flow-expired", light: true, open: (visitor) => visitor.page.goto("/sign-in?flow=bent") },
  { name: "unknown-client", light: true, open: (visitor) => visitor.open("e2e-web", { client_id: "nobody" }) },
  {
    name: "bad-redirect",
    light: true,
    open: (visitor) => visitor.open("e2e-web", { redirect_uri: "https://elsewhere.example/" }),
  },
  { name: "not-found", light: true, open: (visitor) => visitor.page.goto("/no/such/page") },
  {
    name: "sign-out",
    light: true,
    async open(visitor) {
      await enter(visitor, people.member);
      await visitor.page.goto("/sign-out");
    },
  },
  { name: "signed-out", light: true, open: (visitor) => visitor.page.goto("/sign-out") },
  { name: "setup-used", light: true, open: (visitor) => visitor.page.goto("/setup?token=used") },
  { name: "demo", light: true, open: (visitor) => visitor.page.goto("/demo") },
  {
    name: "demo-account",
    light: true,
    async open(visitor) {
      await enter(visitor, acme);
      await visitor.page.goto("/demo/sign-in");
    },
  },
  { name: "api-docs", light: true, open: (visitor) => visitor.page.goto("/api/docs") },
];

/** Those of the dashboard, as a superadmin of the demo's application sees them. */
export const dashboardPages: PageUnderTest[] = [
  { name: "dashboard", open: dashboard("") },
  { name: "dashboard-new-application", open: dashboard("/applications/new") },
  {
    name: "dashboard-new-application-wrong",
    async open(visitor) {
      await dashboard("/applications/new")(visitor);
      await send(visitor);
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "dashboard-no-plans",
    async open(visitor) {
      const slug = `p-${crypto.randomUUID().slice(0, 8)}`;
      await admin("POST", "/applications", { slug, name: "Toko Buku", redirectUris: ["https://toko.example/callback"] });
      await dashboard(`/${slug}/plans`)(visitor);
    },
  },
  { name: "dashboard-plans", open: dashboard("/acme/plans") },
  { name: "dashboard-plan", open: dashboard("/acme/plans/pro") },
  { name: "dashboard-new-plan", open: dashboard("/acme/plans/new") },
  {
    name: "dashboard-plan-in-use",
    async open(visitor) {
      await dashboard("/acme/plans/pro")(visitor);
      await visitor.page.locator("button[value=delete]").click();
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  { name: "dashboard-users", open: dashboard("/acme/users") },
  { name: "dashboard-users-none", open: dashboard("/acme/users?q=nobody-of-that-name") },
  {
    name: "dashboard-user",
    async open(visitor) {
      const { id } = await member(await application("acme"), acme.email);
      await dashboard(`/acme/users/${id}`)(visitor);
    },
  },
  { name: "dashboard-roles", open: dashboard("/e2e/roles") },
  {
    name: "dashboard-roles-wrong",
    async open(visitor) {
      await dashboard("/e2e/roles")(visitor);
      await visitor.page.locator("button[value=create]").click();
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  {
    name: "dashboard-role",
    async open(visitor) {
      const slug = `p-${crypto.randomUUID().slice(0, 8)}`;
      const { application } = await admin("POST", "/applications", { slug, name: "Toko Buku", redirectUris: [] });
      const base = `/applications/${application.id}`;
      for (const name of ["invoices", "invoices.write"]) await admin("POST", `${base}/permissions`, { name });
      const { role } = await admin("POST", `${base}/roles`, { name: "editor" });
      await dashboard(`/${slug}/roles/${role.id}`)(visitor);
    },
  },
  { name: "dashboard-clients", open: dashboard("/acme/clients") },
  { name: "dashboard-new-client", open: dashboard("/acme/clients/new") },
  {
    name: "dashboard-client",
    async open(visitor) {
      const { clients } = await admin("GET", `/applications/${(await application("acme")).id}/clients`);
      await dashboard(`/acme/clients/${clients[0].id}`)(visitor);
    },
  },
  {
    name: "dashboard-client-wrong",
    async open(visitor) {
      const { clients } = await admin("GET", `/applications/${(await application("acme")).id}/clients`);
      await dashboard(`/acme/clients/${clients[0].id}`)(visitor);
      await visitor.page.locator("#auth-jwks").check();
      await visitor.page.locator("#jwks").fill("{}");
      await visitor.page.locator("button[value=save]").click();
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  { name: "dashboard-registration-none", open: dashboard("/acme/clients/registration") },
  {
    name: "dashboard-registration",
    async open(visitor) {
      const slug = `p-${crypto.randomUUID().slice(0, 8)}`;
      const shop = await admin("POST", "/applications", { slug, name: "Toko Buku", redirectUris: [] });
      await admin("POST", `/applications/${shop.application.id}/registration-tokens`, { name: "Mitra", days: 7 });
      await dashboard(`/${slug}/clients/registration`)(visitor);
    },
  },
  { name: "dashboard-sign-in-methods", open: dashboard("/linked/sign-in-methods") },
  { name: "dashboard-sign-in-methods-none", open: dashboard("/acme/sign-in-methods") },
  ...["google", "github", "oidc"].map((kind) => ({
    name: `dashboard-new-sign-in-method-${kind}`,
    open: dashboard(`/acme/sign-in-methods/new?kind=${kind}`),
  })),
  {
    name: "dashboard-sign-in-method",
    async open(visitor) {
      const { signInMethods } = await admin("GET", `/applications/${(await application("linked")).id}/sign-in-methods`);
      await dashboard(`/linked/sign-in-methods/${signInMethods[0].id}`)(visitor);
    },
  },
  { name: "dashboard-webhooks", open: async (visitor) => dashboard((await newWebhook()).list)(visitor) },
  { name: "dashboard-webhooks-none", open: dashboard("/acme/webhooks") },
  {
    name: "dashboard-new-webhook-wrong",
    async open(visitor) {
      await dashboard("/acme/webhooks/new")(visitor);
      await visitor.page.locator("button[value=save]").click();
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  {
    name: "dashboard-webhook-made",
    async open(visitor) {
      const { slug } = await newApplication();
      await dashboard(`/${slug}/webhooks/new`)(visitor);
      await visitor.page.locator("#endpoint").fill("http://127.0.0.1:9/hooks");
      await visitor.page.locator("button[value=save]").click();
      await expect(visitor.page.locator("#secret-once")).toBeVisible();
    },
  },
  { name: "dashboard-webhook", open: async (visitor) => dashboard((await newWebhook()).own)(visitor) },
  {
    name: "dashboard-webhook-deliveries",
    async open(visitor) {
      const { own, path } = await newWebhook();
      await admin("POST", `${path}/test`);
      await dashboard(`${own}/deliveries`)(visitor);
    },
  },
  {
    name: "dashboard-webhook-delivery",
    async open(visitor) {
      const { own, path } = await newWebhook();
      const { id } = (await admin("POST", `${path}/test`)).delivery;
      const attempts = async () => (await admin("GET", `${path}/deliveries/${id}`)).delivery.attempts;
      await expect.poll(attempts).toBeGreaterThan(0);
      await dashboard(`${own}/deliveries/${id}`)(visitor);
    },
  },
  {
    name: "organizations",
    async open(visitor) {
      await newOrganization(people.superadmin.email);
      await above("/organizations")(visitor);
    },
  },
  { name: "organizations-none", open: above("/organizations?q=nobody-of-that-name") },
  { name: "new-organization", open: above("/organizations/new") },
  {
    name: "new-organization-wrong",
    async open(visitor) {
      await above("/organizations/new")(visitor);
      await send(visitor);
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  {
    name: "organization-desk",
    async open(visitor) {
      const { id } = await newOrganization(people.superadmin.email);
      await admin("POST", `/organizations/${id}/invitations`, { email: newEmail() });
      await above(`/organizations/${id}`)(visitor);
    },
  },
  { name: "dashboard-settings", open: dashboard("/acme/settings") },
  { name: "dashboard-payments", open: money(() => "payments") },
  { name: "dashboard-payments-none", open: dashboard("/e2e/payments") },
  { name: "dashboard-payment", open: money(({ payment }) => `payments/${payment}`) },
  {
    name: "dashboard-payment-wrong",
    async open(visitor) {
      await money(({ payment }) => `payments/${payment}`)(visitor);
      await visitor.page.locator("#refund").fill("much");
      await visitor.page.locator("button[value=refund]").click();
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  { name: "dashboard-subscriptions", open: money(() => "subscriptions") },
  { name: "dashboard-subscription", open: money(({ paying }) => `subscriptions/${paying}`) },
  { name: "dashboard-subscription-trial", open: money(({ trying }) => `subscriptions/${trying}`) },
  { name: "dashboard-subscription-past-due", open: money(({ owing }) => `subscriptions/${owing}`) },
  {
    name: "dashboard-subscription-preview",
    async open(visitor) {
      await money(({ paying }) => `subscriptions/${paying}`)(visitor);
      await visitor.page.locator("#change button").first().click();
      await expect(visitor.page.locator("button[value=change]")).toBeVisible();
    },
  },
  { name: "dashboard-coupons", open: money(() => "coupons") },
  {
    name: "dashboard-coupons-wrong",
    async open(visitor) {
      await money(() => "coupons")(visitor);
      await visitor.page.locator("button[value=create]").click();
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  { name: "dashboard-clock", open: money(() => "clock") },
  { name: "dashboard-alerts", open: money(() => "alerts") },
  { name: "dashboard-drift", open: money(() => "alerts?state=drift") },
  { name: "dashboard-payment-settings", open: money(() => "settings/payments") },
  { name: "mailbox", open: async (visitor) => void (await money(() => "payments")(visitor), await visitor.page.goto("/mailbox")) },
  {
    name: "dashboard-not-allowed",
    async open(visitor) {
      await enter(visitor, people.member);
      await visitor.page.goto("/dashboard");
    },
  },
];

/** Waits until the islands of a page are awake, where it has any and runs scripts. On hosted pages a touch wakes them. */
export async function settled(page: Page, scripts: boolean): Promise<void> {
  await page.waitForLoadState("load");
  const islands = page.locator("leptos-island");
  if (!scripts || !(await islands.count())) return;
  await islands.first().dispatchEvent("pointerover");
  await expect(page.locator("html")).toHaveAttribute("data-alive", "");
}

/** Lets no WebAssembly through until the answer is called. */
export async function withhold(page: Page): Promise<() => void> {
  let release = () => {};
  const gate = new Promise<void>((open) => (release = open));
  await page.route("**/*.wasm", async (route) => {
    await gate;
    await route.continue();
  });
  return release;
}
