// Organizations: inviting, joining with and without an account, roles, acting for one, leaving.
import { admin, newEmail, password } from "../support/admin";
import { mailedInvitation } from "../support/mail";
import { expect, expectPage, test } from "../support/test";

async function organization(owner: string): Promise<{ id: string; name: string }> {
  const { users } = await admin("GET", `/users?search=${encodeURIComponent(owner)}`);
  const slug = `o-${crypto.randomUUID().slice(0, 13)}`;
  return (await admin("POST", "/organizations", { name: "Toko Roti", slug, ownerId: users[0].id })).organization;
}

test.describe("an organization", () => {
  test("is joined by a new person, who gets another role", async ({ visitor, page, browser }) => {
    const { email: owner } = await visitor.arrive();
    const { id, name } = await organization(owner);
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
    await other.reload();
    await expect(other.getByRole("listitem").filter({ hasText: name })).toContainText("Admin");
    await other.getByRole("button", { name: `Leave ${name}` }).click();
    await expect(other.getByText("You belong to no organization.")).toBeVisible();
    await other.close();
  });

  test("is joined by who has an account, and only by them", async ({ visitor, page, browser }) => {
    const { email: owner } = await visitor.arrive();
    const { id, name } = await organization(owner);
    const other = await browser.newContext();
    const guest = await other.newPage();
    const email = newEmail();
    await admin("POST", "/users", { email, name: "Sari Dewi" });
    await admin("POST", `/organizations/${id}/invitations`, { email });
    const link = await mailedInvitation(email);
    await page.goto(link);
    await expect(page.getByText(`This invitation is for ${email}.`)).toBeVisible();
    await guest.goto(link);
    await expect(guest).toHaveURL(/\/sign-in\?to=invitation&token=inv_/);
    await other.close();
    await page.goto("/account/organizations");
    await page.getByRole("button", { name: `Leave ${name}` }).click();
    await expect(page.getByText("You belong to no organization.")).toBeVisible();
    await page.goto("/invitation/inv_none");
    await expectPage(page, "This invitation does not work any more");
  });
});
