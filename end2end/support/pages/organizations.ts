// Organizations, as a superadmin sees them.
import { admin, newEmail, newOrganization, people } from "../admin";
import { expect } from "../test";
import type { PageUnderTest } from "./page";
import { above, send } from "./ways";

export const organizationPages: PageUnderTest[] = [
  {
    name: "organizations",
    route: "/organizations",
    async open(visitor) {
      await newOrganization(people.superadmin.email);
      await above("/organizations")(visitor);
    },
  },
  { name: "organizations-none", route: "/organizations", open: above("/organizations?q=nobody-of-that-name") },
  { name: "new-organization", route: "/organizations/new", open: above("/organizations/new") },
  {
    name: "new-organization-wrong",
    route: "/organizations/new",
    async open(visitor) {
      await above("/organizations/new")(visitor);
      await send(visitor);
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  {
    name: "organization-desk",
    route: "/organizations/{id}",
    async open(visitor) {
      const { id } = await newOrganization(people.superadmin.email);
      await admin("POST", `/organizations/${id}/invitations`, { email: newEmail() });
      await above(`/organizations/${id}`)(visitor);
    },
  },
];
