// The admin API, for what a test needs to find when it starts.
import { issuer } from "./oauth";

/** Calls the admin API with the key of ADMIN_KEY. */
export async function admin<T = any>(method: string, path: string, body?: unknown): Promise<T> {
  const key = process.env.ADMIN_KEY;
  if (!key) throw new Error("ADMIN_KEY is missing: turnpike admin key create --name end2end");
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const init = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) };
  const response = await fetch(new URL(`/api/admin${path}`, issuer), init);
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? (undefined as T) : response.json();
}

export interface Application {
  id: string;
  slug: string;
  name: string;
}

/** An application of the catalog. */
export async function application(slug: string): Promise<Application> {
  // Tests make hundreds more.
  let cursor = "";
  do {
    const { applications, nextCursor } = await admin("GET", `/applications?limit=100${cursor}`);
    const found = applications.find((application: Application) => application.slug === slug);
    if (found) return found;
    cursor = nextCursor && `&cursor=${encodeURIComponent(nextCursor)}`;
  } while (cursor);
  throw new Error(`no application ${slug}: turnpike apply -f end2end/catalog.toml`);
}

/** An application of its own, for a test that changes plans. */
export async function newApplication(name = "Toko Buku"): Promise<Application> {
  const slug = `t-${crypto.randomUUID().slice(0, 13)}`;
  const redirectUris = ["http://127.0.0.1/callback"];
  return (await admin("POST", "/applications", { slug, name, redirectUris })).application;
}

export interface Plan {
  id: string;
  key: string;
  name: string;
  features: Record<string, unknown>;
  isDefault: boolean;
}

export async function newPlan(application: Application, plan: object): Promise<Plan> {
  return (await admin("POST", `/applications/${application.id}/plans`, plan)).plan;
}

/** Moves an application's billing time: `1mo`, `3d`. What is due on the way is done when this returns. */
export async function advance(application: Application, by: string): Promise<void> {
  await admin("POST", `/applications/${application.id}/clock`, { advance: by });
}

/** A user of an application, found by their address. */
export async function member(application: Application, email: string): Promise<any> {
  const path = `/applications/${application.id}/users?search=${encodeURIComponent(email)}`;
  const { users } = await admin<{ users: { id: string; email: string }[] }>("GET", path);
  const found = users.find((user) => user.email === email);
  if (!found) throw new Error(`${email} is no user of ${application.slug}`);
  return found;
}

/** A user without a password who has access to an application. */
export async function newMember(application: Application, name = "Sari Dewi"): Promise<any> {
  const email = newEmail();
  const { user } = await admin("POST", "/users", { email, name });
  return (await admin("POST", `/applications/${application.id}/users`, { userId: user.id })).user;
}

/** An organization, with an owner who has an account. */
export async function newOrganization(
  owner: string,
  name = "Toko Roti Nusantara",
): Promise<{ id: string; name: string }> {
  const { users } = await admin("GET", `/users?search=${encodeURIComponent(owner)}`);
  const slug = `o-${crypto.randomUUID().slice(0, 13)}`;
  const made = await admin("POST", "/organizations", { name, slug, ownerId: users[0].id });
  return made.organization;
}

export const newEmail = (): string => `p-${crypto.randomUUID().slice(0, 18)}@example.com`;

/** Long enough and not common. */
export const password = "purple staple orbit lantern";

/** The people of catalog.toml. */
export const people = {
  member: { email: "ana@example.com", password: "a password only for tests" },
  superadmin: { email: "owner@example.com", password: "a password only for tests" },
};
