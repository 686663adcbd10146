// An application in the dashboard: its plans, users, roles, and how they sign in.
import { admin, application, member, people } from "../admin";
import { confirm, expect } from "../test";
import type { PageUnderTest } from "./page";
import { acme, dashboard, enter, send } from "./ways";

export const applicationPages: PageUnderTest[] = [
  { name: "dashboard", route: "/dashboard", open: dashboard("") },
  { name: "dashboard-new-application", route: "/dashboard/applications/new", open: dashboard("/applications/new") },
  {
    name: "dashboard-new-application-wrong",
    route: "/dashboard/applications/new",
    async open(visitor) {
      await dashboard("/applications/new")(visitor);
      await send(visitor);
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "dashboard-no-plans",
    route: "/dashboard/{slug}/plans",
    async open(visitor) {
      const slug = `p-${crypto.randomUUID().slice(0, 8)}`;
      await admin("POST", "/applications", { slug, name: "Toko Buku", redirectUris: ["https://toko.example/callback"] });
      await dashboard(`/${slug}/plans`)(visitor);
    },
  },
  { name: "dashboard-plans", route: "/dashboard/{slug}/plans", open: dashboard("/acme/plans") },
  { name: "dashboard-plan", route: "/dashboard/{slug}/plans/{key}", open: dashboard("/acme/plans/pro") },
  { name: "dashboard-new-plan", route: "/dashboard/{slug}/plans/new", open: dashboard("/acme/plans/new") },
  {
    name: "dashboard-plan-in-use",
    route: "/dashboard/{slug}/plans/{key}",
    async open(visitor) {
      await dashboard("/acme/plans/pro")(visitor);
      await confirm(visitor.page, "Delete this plan");
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  { name: "dashboard-users", route: "/dashboard/{slug}/users", open: dashboard("/acme/users") },
  {
    name: "dashboard-users-none",
    route: "/dashboard/{slug}/users",
    open: dashboard("/acme/users?q=nobody-of-that-name"),
  },
  {
    name: "dashboard-user",
    route: "/dashboard/{slug}/users/{id}",
    async open(visitor) {
      const { id } = await member(await application("acme"), acme.email);
      await dashboard(`/acme/users/${id}`)(visitor);
    },
  },
  { name: "dashboard-roles", route: "/dashboard/{slug}/roles", open: dashboard("/e2e/roles") },
  {
    name: "dashboard-roles-wrong",
    route: "/dashboard/{slug}/roles",
    async open(visitor) {
      await dashboard("/e2e/roles")(visitor);
      await visitor.page.locator("button[value=create]").click();
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  {
    name: "dashboard-role",
    route: "/dashboard/{slug}/roles/{id}",
    async open(visitor) {
      const slug = `p-${crypto.randomUUID().slice(0, 8)}`;
      const { application } = await admin("POST", "/applications", { slug, name: "Toko Buku", redirectUris: [] });
      const base = `/applications/${application.id}`;
      for (const name of ["invoices", "invoices.write"]) await admin("POST", `${base}/permissions`, { name });
      const { role } = await admin("POST", `${base}/roles`, { name: "editor" });
      await dashboard(`/${slug}/roles/${role.id}`)(visitor);
    },
  },
  { name: "dashboard-clients", route: "/dashboard/{slug}/clients", open: dashboard("/acme/clients") },
  { name: "dashboard-new-client", route: "/dashboard/{slug}/clients/new", open: dashboard("/acme/clients/new") },
  {
    name: "dashboard-client",
    route: "/dashboard/{slug}/clients/{id}",
    async open(visitor) {
      const { clients } = await admin("GET", `/applications/${(await application("acme")).id}/clients`);
      await dashboard(`/acme/clients/${clients[0].id}`)(visitor);
    },
  },
  {
    name: "dashboard-client-wrong",
    route: "/dashboard/{slug}/clients/{id}",
    async open(visitor) {
      const { clients } = await admin("GET", `/applications/${(await application("acme")).id}/clients`);
      await dashboard(`/acme/clients/${clients[0].id}`)(visitor);
      await visitor.page.locator("#auth-jwks").check();
      await visitor.page.locator("#jwks").fill("{}");
      await visitor.page.locator("button[value=save]").click();
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  {
    name: "dashboard-registration-none",
    route: "/dashboard/{slug}/clients/registration",
    open: dashboard("/acme/clients/registration"),
  },
  {
    name: "dashboard-registration",
    route: "/dashboard/{slug}/clients/registration",
    async open(visitor) {
      const slug = `p-${crypto.randomUUID().slice(0, 8)}`;
      const shop = await admin("POST", "/applications", { slug, name: "Toko Buku", redirectUris: [] });
      await admin("POST", `/applications/${shop.application.id}/registration-tokens`, { name: "Mitra", days: 7, requirePkce: false });
      await dashboard(`/${slug}/clients/registration`)(visitor);
    },
  },
  {
    name: "dashboard-sign-in-methods",
    route: "/dashboard/{slug}/sign-in-methods",
    open: dashboard("/linked/sign-in-methods"),
  },
  {
    name: "dashboard-sign-in-methods-none",
    route: "/dashboard/{slug}/sign-in-methods",
    open: dashboard("/acme/sign-in-methods"),
  },
  ...["google", "github", "oidc"].map((kind) => ({
    name: `dashboard-new-sign-in-method-${kind}`,
    route: "/dashboard/{slug}/sign-in-methods/new",
    open: dashboard(`/acme/sign-in-methods/new?kind=${kind}`),
  })),
  {
    name: "dashboard-sign-in-method",
    route: "/dashboard/{slug}/sign-in-methods/{id}",
    async open(visitor) {
      const { signInMethods } = await admin("GET", `/applications/${(await application("linked")).id}/sign-in-methods`);
      await dashboard(`/linked/sign-in-methods/${signInMethods[0].id}`)(visitor);
    },
  },
  { name: "dashboard-settings", route: "/dashboard/{slug}/settings", open: dashboard("/acme/settings") },
  {
    name: "dashboard-not-allowed",
    route: "/dashboard",
    async open(visitor) {
      await enter(visitor, people.member);
      await visitor.page.goto("/dashboard");
    },
  },
];
