// Signing in, registering, and the links in mails.
import { newEmail, people } from "../admin";
import { mailedLink } from "../mail";
import { expect } from "../test";
import type { PageUnderTest } from "./page";
import { enter, join, send } from "./ways";

export const signInPages: PageUnderTest[] = [
  { name: "sign-in", route: "/sign-in", light: true, open: (visitor) => visitor.open() },
  {
    name: "sign-in-wrong",
    route: "/sign-in",
    light: true,
    async open(visitor) {
      await visitor.open("e2e-web", { login_hint: newEmail() });
      await visitor.page.locator("#password").fill("not the password");
      await visitor.page.locator("main form button").first().click();
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  { name: "sign-in-dashboard", route: "/sign-in", light: true, open: (visitor) => visitor.page.goto("/sign-in") },
  {
    name: "register",
    route: "/register",
    light: true,
    async open(visitor) {
      await visitor.open();
      await visitor.page.goto(visitor.page.url().replace("/sign-in", "/register"));
    },
  },
  {
    name: "register-wrong",
    route: "/register",
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
    route: "/forgot-password",
    light: true,
    async open(visitor) {
      await visitor.open();
      await visitor.page.goto(visitor.page.url().replace("/sign-in", "/forgot-password"));
    },
  },
  {
    name: "sign-in-link",
    route: "/sign-in/link",
    light: true,
    async open(visitor) {
      await visitor.open();
      await visitor.page.goto(visitor.page.url().replace("/sign-in", "/sign-in/link"));
    },
  },
  {
    name: "mail-sent",
    route: "/sign-in/link",
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
    route: "/link/{token}",
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
    route: "/link/{token}",
    light: true,
    async open(visitor) {
      const email = await join(visitor);
      await visitor.page.request.post("/sign-in/link", { form: { email } });
      await visitor.page.goto(await mailedLink(email));
    },
  },
  {
    name: "new-password",
    route: "/link/{token}",
    light: true,
    async open(visitor) {
      const email = await join(visitor);
      await visitor.page.request.post("/forgot-password", { form: { email } });
      await visitor.page.goto(await mailedLink(email));
    },
  },
  { name: "link-used", route: "/link/{token}", light: true, open: (visitor) => visitor.page.goto("/link/el_none") },
  {
    name: "form-post",
    route: "/oauth2/authorize",
    light: true,
    async open(visitor) {
      // The page posts itself: here it stays to be looked at.
      await visitor.page.addInitScript(() => (HTMLFormElement.prototype.submit = () => undefined));
      await enter(visitor, people.member);
      await visitor.open("linked-web", { response_mode: "form_post" });
      await expect(visitor.page.locator("input[name=code]")).toHaveCount(1);
    },
  },
  { name: "consent", route: "/consent", light: true, open: (visitor) => join(visitor, "e2e-partner") },
  {
    name: "no-access",
    route: "/oauth2/authorize",
    light: true,
    async open(visitor) {
      await enter(visitor, people.member);
      await visitor.open("closed-web");
    },
  },
  {
    name: "registration-closed",
    route: "/register",
    light: true,
    async open(visitor) {
      await visitor.open("closed-web");
      await visitor.page.goto(visitor.page.url().replace("/sign-in", "/register"));
    },
  },
  {
    name: "sign-out",
    route: "/sign-out",
    light: true,
    async open(visitor) {
      await enter(visitor, people.member);
      await visitor.page.goto("/sign-out");
    },
  },
  { name: "signed-out", route: "/sign-out", light: true, open: (visitor) => visitor.page.goto("/sign-out") },
];
