// Organizations: inviting, joining with and without an account, roles, acting for one, leaving.
import { admin, newEmail, newOrganization, password, people } from "../support/admin";
import { done, enterDashboard } from "../support/dashboard";
import { mailedInvitation } from "../support/mail";
import { confirm, expect, expectPage, test, Visitor } from "../support/test";

test.describe("an organization", () => {
  test("is made, peopled and deleted in the dashboard", async ({ page }) => {
    await enterDashboard(page);
    await page.goto("/dashboard");
    await page.getByRole("navigation", { name: "Server" }).getByRole("link", { name: "Organizations" }).click();
    await expectPage(page, "Organizations");
    // People are slower than islands.
    await page.goto("/organizations/new", { waitUntil: "networkidle" });
    const slug = `o-${crypto.randomUUID().slice(0, 13)}`;
    await page.getByLabel("Name", { exact: true }).fill("Toko Kue");
    await page.getByLabel("Short name").fill(slug);
    await page.getByLabel("First owner").fill(newEmail());
    await page.getByRole("button", { name: "Create organization" }).click();
    await expect(page.getByRole("alert").first()).toContainText("First owner: is nobody's address on this server");
    await page.getByLabel("First owner").fill(people.superadmin.email);
    await page.getByRole("button", { name: "Create organization" }).click();
    await done(page, "Created.");
    await expectPage(page, "Toko Kue");

    const email = newEmail();
    await page.getByLabel("Email", { exact: true }).fill(email);
    await page.getByRole("button", { name: "Send invitation", exact: true }).click();
    await done(page, "The invitation is on its way.");
    const link = await mailedInvitation(email);
    await page.getByRole("button", { name: `Send the invitation of ${email} again` }).click();
    await done(page, "The invitation is on its way.");
    await expect.poll(() => mailedInvitation(email)).not.toBe(link);
    await confirm(page, `Take back the invitation of ${email}`);
    await done(page, "The invitation is taken back");
    await expect(page.getByText(email)).toHaveCount(0);

    await page.getByLabel(`Type ${slug} to confirm`).fill(slug);
    await page.getByRole("button", { name: "Delete this organization" }).click();
    await done(page, "Deleted.");
    await page.getByLabel("Search by name or short name").fill(slug);
    await page.getByRole("button", { name: "Search" }).click();
    await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
  });

  test("is joined by a new person, who gets another role", async ({ visitor, page, browser }) => {
    const { email: owner } = await visitor.arrive();
    const { id, name } = await newOrganization(owner);
    await page.goto("/account/organizations");
    await expect(page.getByRole("listitem").filter({ hasText: name })).toContainText("You act for this one");
    await page.getByRole("link", { name: `People of ${name}` }).click();
    await expectPage(page, `People of ${name}`);
    await page.getByLabel("Email").fill(owner);
    await page.getByRole("button", { name: "Send invitation" }).click();
    await expect(page.getByRole("alert")).toContainText("This person is a member already.");
    const email = newEmail();
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Send invitation" }).click();
    await done(page, "The invitation is on its way.");
    await expect(page.getByText(email)).toBeVisible();

    const other = await browser.newPage();
    await other.goto(await mailedInvitation(email));
    await expectPage(other, `Join ${name}`);
    await other.getByLabel("Password", { exact: true }).fill(password);
    await other.getByRole("button", { name: "Join" }).click();
    await expectPage(other, "Organizations");
    await expect(other.getByRole("listitem").filter({ hasText: name })).toContainText("Member");

    await page.goto(`/account/organizations/${id}`);
    const row = page.getByRole("listitem").filter({ hasText: email });
    await row.getByRole("combobox").selectOption("admin");
    await row.getByRole("button", { name: "Change" }).click();
    await done(page, "The role is changed.");
    await other.reload();
    await expect(other.getByRole("listitem").filter({ hasText: name })).toContainText("Admin");
    await confirm(other, `Leave ${name}`);
    await done(other, "You have left the organization.");
    await expect(other.getByText("You belong to no organization.")).toBeVisible();
    await other.close();
  });

  test("is kept for whom it is for, where somebody else opens it", async ({ visitor, page }) => {
    const { email: owner } = await visitor.arrive();
    const { id, name } = await newOrganization(owner);
    const email = newEmail();
    await admin("POST", `/organizations/${id}/invitations`, { email });
    await page.goto(await mailedInvitation(email));
    await expect(page.getByText(`This invitation is for ${email}. You are signed in as ${owner}.`)).toBeVisible();
    await page.getByRole("button", { name: "Sign out and open it" }).click();
    await expectPage(page, `Join ${name}`);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Join" }).click();
    await expectPage(page, "Organizations");
    await expect(page.getByRole("listitem").filter({ hasText: name })).toContainText("Member");
  });

  test("is joined by who has an account, and only by them", async ({ visitor, page, browser, product }) => {
    const { email: owner } = await visitor.arrive();
    const { id, name } = await newOrganization(owner);
    const other = await browser.newPage();
    const guest = new Visitor(other, product);
    const { email } = await guest.arrive();
    await other.context().clearCookies();
    await admin("POST", `/organizations/${id}/invitations`, { email });
    const link = await mailedInvitation(email);
    await page.goto(link);
    await expect(page.getByText(`This invitation is for ${email}.`)).toBeVisible();

    await other.goto(link);
    await expect(other).toHaveURL(/\/sign-in\?to=invitation&token=inv_/);
    await guest.signIn({ email, password });
    await expectPage(other, `Join ${name}`);
    await other.getByRole("button", { name: "Join" }).click();
    await expectPage(other, "Organizations");
    await expect(other.getByRole("listitem").filter({ hasText: name })).toContainText("Member");
    await confirm(other, `Leave ${name}`);
    await expect(other.getByText("You belong to no organization.")).toBeVisible();
    await other.close();

    await page.goto("/account/organizations");
    await confirm(page, `Leave ${name}`);
    await expect(page.getByText("You belong to no organization.")).toBeVisible();
    await page.goto("/invitation/inv_none");
    await expectPage(page, "This invitation does not work any more");
  });

  test("is one of several, and acted for once it is chosen", async ({ visitor, page }) => {
    const { email } = await visitor.arrive();
    const first = await newOrganization(email);
    const second = await newOrganization(email, "Toko Kue Lapis");
    const card = ({ name }: { name: string }) => page.getByRole("listitem").filter({ hasText: name });
    await page.goto("/account/organizations");
    await expect(card(first)).toContainText("You act for this one");
    await expect(card(second)).not.toContainText("You act for this one");
    await expect(page.getByRole("button", { name: /^Act for/ })).toHaveCount(1);
    await page.getByRole("button", { name: `Act for ${second.name}` }).click();
    await expect(card(second)).toContainText("You act for this one");
    await expect(card(first)).not.toContainText("You act for this one");
    await expect(page.getByRole("button", { name: `Act for ${first.name}` })).toBeVisible();
    const request = await visitor.open("e2e-web", { scope: "openid org" });
    expect((await visitor.tokens(request)).id).toMatchObject({ org_id: second.id });
  });
});
