// An application of a test's own that sells in the sandbox, and customers who buy there.
import type { Page } from "@playwright/test";
import { admin, advance, newMember, newPlan, people, type Application } from "./admin";
import { issuer } from "./oauth";
import type { Visitor } from "./test";

export interface Shop extends Application {
  /** Its client's, for the platform API. */
  credentials: { client_id: string; client_secret: string };
  /** Where customers come back to. */
  home: string;
}

/** Free, Pro for $10.00, Team for $30.00 and Studio for $20.00 after 14 free days, each by the month. */
export async function newShop(home: string, name = "Toko Kain"): Promise<Shop> {
  const slug = `m-${crypto.randomUUID().slice(0, 13)}`;
  const settings = { slug, name, redirectUris: ["http://127.0.0.1/callback"], returnUrls: [`${home}/`], paymentProvider: "sandbox" };
  const { application, clientId, clientSecret } = await admin("POST", "/applications", settings);
  await newPlan(application, { name: "Free", isDefault: true });
  for (const [name, amount, trialDays] of [["Pro", 1000], ["Team", 3000], ["Studio", 2000, 14]] as const) {
    const plan = await newPlan(application, { name, features: { seats: amount / 100 } });
    const price = { name: "Monthly", amount, currency: "usd", interval: "month", trialDays };
    await admin("POST", `/applications/${application.id}/plans/${plan.id}/prices`, price);
  }
  return { ...application, credentials: { client_id: clientId, client_secret: clientSecret }, home };
}

/** The cards of the sandbox, by what they do. */
export const cards = { pays: "4242424242424242", failsLater: "4000000000000341", isDisputed: "4000000000000259" };

/** Stands before the checkout of a plan for a customer, as a product's own server sends them there. */
export async function openCheckout(page: Page, shop: Shop, customer: { id: string }, plan: string): Promise<void> {
  const urls = { success_url: `${shop.home}/thanks`, cancel_url: `${shop.home}/pricing` };
  const body = JSON.stringify({ ...shop.credentials, end_user_id: customer.id, plan, ...urls });
  const headers = { "content-type": "application/json" };
  const response = await fetch(new URL("/api/platform/checkout/sessions", issuer), { method: "POST", headers, body });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  await page.goto(((await response.json()) as { checkout_url: string }).checkout_url);
}

/** Goes on from the checkout and pays on the sandbox's page, in any language. */
export async function payWith(page: Page, card: string): Promise<void> {
  await page.locator("main form button").first().click();
  await page.locator(`[value='${card}']`).check();
  await page.locator("form:has([name=act][value=card]) button").click();
}

/** A new customer who has bought a plan. */
export async function newCustomer(page: Page, shop: Shop, plan: string, card = cards.pays): Promise<any> {
  const customer = await newMember(shop);
  await openCheckout(page, shop, customer, plan);
  await payWith(page, card);
  await page.waitForURL((url) => url.origin === shop.home);
  return customer;
}

/** The address in the newest mail to somebody that pays an invoice. The mailbox is open to superadmins. */
export async function payLink(page: Page, email: string): Promise<string> {
  await page.request.post("/sign-in", { form: people.superadmin, maxRedirects: 0 });
  await page.goto("/mailbox");
  const link = page.getByRole("listitem").filter({ hasText: email }).locator("a[href*='/pay/']").first();
  return (await link.getAttribute("href")) ?? "";
}

/** A shop in which much has happened, to look at. */
export interface Sample {
  shop: Shop;
  /** Ids of subscriptions: one that is paid, a trial, one whose charge has failed. */
  paying: string;
  trying: string;
  owing: string;
  /** The id of a payment. */
  payment: string;
  /** Pays what is owed. */
  payLink: string;
}

export async function makeSample({ page, product }: Visitor): Promise<Sample> {
  const shop = await newShop(product.origin, "Toko Contoh");
  const path = (what: string) => `/applications/${shop.id}/${what}`;
  const debtor = await newCustomer(page, shop, "pro", cards.failsLater);
  await advance(shop, "1mo");
  const payer = await newCustomer(page, shop, "team");
  const tester = await newCustomer(page, shop, "studio");
  await newCustomer(page, shop, "pro", cards.isDisputed);
  await admin("POST", path("coupons"), { code: "HEMAT", basisPoints: 1250, duration: "months", months: 3, maxRedemptions: 100 });
  await admin("POST", path("coupons"), { code: "LIMA", amount: 500, currency: "usd", duration: "forever" });
  await admin("PUT", path("payment-settings/stripe"), { secretKey: "sk_test_0123456789abcdefghijWXYZ" });
  const { subscriptions } = await admin("GET", path("subscriptions?limit=100"));
  const of = ({ id }: { id: string }) => subscriptions.find((held: any) => held.userId === id && held.priceId).id;
  const { payments } = await admin("GET", path("payments"));
  const [paying, trying, owing] = [payer, tester, debtor].map(of);
  return { shop, paying, trying, owing, payment: payments.find((one: any) => one.status === "succeeded" && one.amount > 0).id, payLink: await payLink(page, debtor.email) };
}
