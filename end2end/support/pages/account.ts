// One's own account, organizations, and devices.
import { admin, newEmail, newOrganization } from "../admin";
import { mailedInvitation, mailedLink } from "../mail";
import { expect, type Visitor } from "../test";
import type { PageUnderTest } from "./page";
import { join, send } from "./ways";

export const accountPages: PageUnderTest[] = [
  ...["", "/email", "/password", "/identities", "/sessions", "/connected", "/organizations", "/data"].map((page) => ({
    name: `account${page.replace("/", "-")}`,
    route: `/account${page}`,
    async open(visitor: Visitor) {
      await join(visitor);
      await visitor.page.goto(`/account${page}`);
    },
  })),
  {
    name: "organization",
    route: "/account/organizations/{id}",
    async open(visitor) {
      const { id } = await newOrganization(await join(visitor));
      await admin("POST", `/organizations/${id}/invitations`, { email: newEmail() });
      await visitor.page.goto(`/account/organizations/${id}`);
    },
  },
  {
    name: "invitation",
    route: "/invitation/{token}",
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
    route: "/account/email",
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
    route: "/link/{token}",
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
    route: "/account/password",
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
    route: "/device",
    light: true,
    async open(visitor) {
      await join(visitor);
      await visitor.page.goto("/device");
    },
  },
  {
    name: "device-unknown",
    route: "/device",
    async open(visitor) {
      await join(visitor);
      await visitor.page.goto("/device?user_code=BBBB-BBBB");
    },
  },
  {
    name: "device-question",
    route: "/device",
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
];
