// The tests' own `test`: a product to come back to, ways through the hosted pages, and a guard over every page.
import { test as base, expect, type Page } from "@playwright/test";
import { newEmail, password } from "./admin";
import { watch } from "./guard";
import { mailedLink } from "./mail";
import { authorization, issuer, redeem, type Client, type Request, type Tokens } from "./oauth";
import { startProduct, type Product } from "./product";

interface Fixtures {
  visitor: Visitor;
  /**
   * Fails a test on whose pages a script failed, the policy was broken or something was fetched from elsewhere.
   * These are the complaints so far; a test that provokes one takes it out.
   */
  guard: string[];
  /** Whether pages run scripts in this project. */
  scripts: boolean;
}

export const test = base.extend<Fixtures, { product: Product }>({
  product: [
    async ({}, use) => {
      const product = await startProduct();
      await use(product);
      await product.close();
    },
    { scope: "worker" },
  ],
  scripts: async ({ javaScriptEnabled }, use) => use(javaScriptEnabled !== false),
  guard: [
    async ({ context, product }, use) => {
      const complaints = watch(context, [issuer, product.origin]);
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
  visitor: async ({ page, product }, use) => use(new Visitor(page, product)),
});

export { expect };

/** Somebody in front of the hosted pages. */
export class Visitor {
  constructor(
    readonly page: Page,
    readonly product: Product,
  ) {}

  /** Opens an application's authorization URL. */
  async open(client: Client = "e2e-web", parameters: Record<string, string | undefined> = {}): Promise<Request> {
    const request = authorization(client, this.product.redirectUri, parameters);
    await this.page.goto(request.url);
    return request;
  }

  /** Fills in the sign-in form and sends it. */
  async signIn(person: { email: string; password: string }): Promise<void> {
    await this.page.getByLabel("Email").fill(person.email);
    await this.page.getByLabel("Password", { exact: true }).fill(person.password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  /** Makes a new account on the way through `client`, and stops at the page behind it. */
  async register(client: Client = "e2e-web", parameters: Record<string, string | undefined> = {}) {
    const request = await this.open(client, parameters);
    return { request, email: await this.enroll() };
  }

  /** Makes a new account from the sign-in page, with this address, and stops at the page behind it. */
  async enroll(email = newEmail()): Promise<string> {
    await this.page.getByRole("link", { name: "Create an account" }).click();
    await this.page.getByLabel("Name").fill("Budi Santoso");
    await this.page.getByLabel("Email").fill(email);
    await this.page.getByRole("button", { name: "Send the link" }).click();
    await expect(this.heading("Check your mail")).toBeVisible();
    await this.page.goto(await mailedLink(email));
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByRole("button", { name: "Create an account" }).click();
    return email;
  }

  /** A new account that keeps its plan and is back at the product, with its tokens. */
  async arrive(client: Client = "e2e-web"): Promise<{ email: string; tokens: Tokens }> {
    const { request, email } = await this.register(client);
    await this.page.getByRole("button", { name: /^(Keep|Skip)/ }).click();
    return { email, tokens: await this.tokens(request) };
  }

  /** Waits until the product has the visitor back. */
  async back(): Promise<URL> {
    await this.page.waitForURL((url) => url.origin === this.product.origin);
    return new URL(this.page.url());
  }

  /** As `back`, and redeems the code. */
  async tokens(request: Request): Promise<Tokens> {
    const redirect = await this.back();
    expect(redirect.searchParams.get("error")).toBeNull();
    expect(redirect.searchParams.get("state")).toBe(request.state);
    expect(redirect.searchParams.get("iss")).toBe(issuer);
    return redeem(request, redirect);
  }

  heading(name: string | RegExp) {
    return this.page.getByRole("heading", { level: 1, name });
  }
}

/** The title is the heading, the language is told, and the status is as given. */
export async function expectPage(page: Page, heading: string | RegExp, language = "en"): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
  await expect(page.locator("html")).toHaveAttribute("lang", language);
}

/** Takes something away in its two steps: looks at what it would mean, then does it. */
export async function confirm(page: Page, label: string): Promise<void> {
  await page.locator("summary").filter({ hasText: label }).click();
  await page.getByRole("button", { name: label, exact: true }).click();
}
