// The first steps on the way to a page, for many.
import { newEmail, password, people } from "../admin";
import { mailedLink } from "../mail";
import { expect, type Visitor } from "../test";

export const acme = { email: "maya@example.com", password: "ride the turnpike" };

/** Signs somebody in without going through the forms: quick, and the same in every language. */
export async function enter(visitor: Visitor, person: { email: string; password: string }): Promise<void> {
  const { email, password } = person;
  const answer = await visitor.page.request.post("/sign-in", { form: { email, password }, maxRedirects: 0 });
  expect(answer.status()).toBe(303);
}

/** Makes an account on the way through a client, likewise. */
export async function join(visitor: Visitor, client: "e2e-web" | "e2e-partner" | "guarded-web" | "paid-web" | "sandbox-web" = "e2e-web"): Promise<string> {
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

export const act = (visitor: Visitor, act: string) =>
  visitor.page.locator(`form:has([name=act][value=${act}]) button`).click();

export const dashboard = (path: string) => async (visitor: Visitor) => {
  await enter(visitor, people.superadmin);
  await visitor.page.goto(`/dashboard${path}`);
};

/** A page of the server's own, as a superadmin sees it. */
export const above = (path: string) => async (visitor: Visitor) => {
  await enter(visitor, people.superadmin);
  await visitor.page.goto(path);
};

export const send = (visitor: Visitor) =>
  visitor.page.locator("main form").first().evaluate((form: HTMLFormElement) => {
    form.noValidate = true;
    form.requestSubmit();
  });
