// The pack command: makes what `npm publish` publishes, .pack/golub-VERSION.tgz.
//
//   npm run pack
//   npm publish .pack/golub-VERSION.tgz
//
// The manifest of the checkout is private: TypeScript would not run where npm installs it.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeShippedFiles } from "./packing/shipped-files.ts";
import { readTree, root } from "./tree.ts";

process.removeAllListeners("warning"); // "stripTypeScriptTypes is experimental": we pin the Node.js
const folder = join(root, ".pack");
const contents = join(folder, "golub");
rmSync(folder, { recursive: true, force: true });
const files = makeShippedFiles(readTree());
for (const [path, text] of files) {
  mkdirSync(dirname(join(contents, path)), { recursive: true });
  writeFileSync(join(contents, path), text, { mode: path.startsWith("bin/") ? 0o755 : 0o644 });
}
const made = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
  cwd: contents,
  encoding: "utf8",
  shell: process.platform === "win32",
});
console.log(`${files.size} files in ${join(".pack", made.trim())}`);
