// The routes of the server, as server/tests/it/page_table.rs writes them.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/**
 * Those that answer GET, but for files of the site. They are read off the table's rows, which tests hold against the
 * router itself.
 */
export function routes(): string[] {
  const file = resolve(import.meta.dirname, "../../server/tests/it/page_table.rs");
  const tables = [...readFileSync(file, "utf8").matchAll(/^const (?:TABLE|DEMO): .*?^\];$/gms)].map(([table]) => table);
  // ("/path", GET, …): what GET is answered stands there by name, as a number, or as four in brackets.
  const rows = tables.flatMap((table) => [...table.matchAll(/\(\s*"(\/[^"]*)",\s*(\w+|\[[^\]]*\]),/g)]);
  return rows.filter(([, , get]) => !["NO", "405", "FILE"].includes(get)).map(([, path]) => path);
}

/** What the paths of a route look like. */
export const pattern = (route: string): RegExp => new RegExp(`^${route.replace(/\{\w+\}/g, "[^/]+")}$`);
