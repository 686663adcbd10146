// Organizations, as a superadmin sees them.
import { admin, newEmail, newOrganization, people } from "../admin";
import { expect } from "../test";
import type { PageUnderTest } from "./page";
import { above, send } from "./ways";

export const organizationPages: PageUnderTest[] = [
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
];
