import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { allSettings } from "./read-config.ts";
import { referencePage } from "./reference-page.ts";

test("docs/configuration.md is what the program says of its settings", () => {
  const page = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
  assert.equal(page, referencePage(allSettings()));
});
