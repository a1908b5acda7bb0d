import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRooms } from "./rooms.ts";

const table = "room\tmay import\nbase\t-\nstore\tbase\nsmtp\tstore base\nimap\tbase\napp\t*\n";
const rooms: Readonly<Record<string, string>> = {
  "tools/rooms.tsv": table,
  "src/base/README.md": "",
  "src/base/a.ts": "",
  "src/base/inner/private.ts": "",
  "src/store/README.md": "",
  "src/store/store.ts": 'import { a } from "../base/a.ts";',
  "src/smtp/README.md": "",
  "src/smtp/server.ts": 'import type { Store } from "../store/store.ts";',
};
const faultsWith = (more: Readonly<Record<string, string>>) =>
  checkRooms(new Map(Object.entries({ ...rooms, ...more }))).faults;

test("imports that go down the table are counted and good", () => {
  const { seen, faults } = checkRooms(new Map(Object.entries(rooms)));
  assert.deepEqual({ seen, faults }, { seen: 2, faults: [] });
});

test("nothing seen is nothing seen", () => {
  assert.equal(checkRooms(new Map()).seen, 0);
});

test("an import that goes up, or sideways between doors, is a fault even in a comment's shadow", () => {
  const up = faultsWith({ "src/base/b.ts": '// why\nexport * from "../store/store.ts";' });
  assert.deepEqual(up, ["src/base/b.ts:2: the room base may not import store (tools/rooms.tsv)"]);
  const doors = { "src/imap/README.md": "", "src/imap/x.test.ts": 'import "../smtp/server.ts";' };
  assert.match(faultsWith(doors).join(), /imap may not import smtp/);
});

test("a test may use every room above its own, other code only those of its row", () => {
  const imap = { "src/imap/README.md": "" };
  const text = 'import { x } from "../store/store.ts";';
  assert.deepEqual(faultsWith({ ...imap, "src/imap/x.test.ts": text }), []);
  assert.match(faultsWith({ ...imap, "src/imap/x.ts": text }).join(), /imap may not import store/);
});

test("a file in a subfolder is private to its room, also for tools and dynamic imports", () => {
  const dynamic = { "src/store/x.ts": 'await import("../base/inner/private.ts");' };
  assert.match(faultsWith(dynamic).join(), /private to the room base/);
  const tools = { "tools/x.ts": 'import "../src/base/inner/private.ts";' };
  assert.match(faultsWith(tools).join(), /private to the room base/);
  const worker = { "src/base/x.ts": 'new URL("./inner/absent.ts", import.meta.url)' };
  assert.match(faultsWith(worker).join(), /absent.ts is not a file/);
});

test("a room without README or row, or with a name that says nothing, is a fault", () => {
  assert.equal(faultsWith({ "src/utils/x.ts": "" }).length, 3);
});

test("SQL outside the store room is a fault", () => {
  assert.match(faultsWith({ "src/smtp/x.ts": 'import "node:sqlite";' }).join(), /speaks SQL/);
});

test("a row that names a room below it, or a door that names a door, is a fault", () => {
  const wrong = `${table}one\ttwo\ntwo\t-\npop3\timap\n`;
  assert.equal(faultsWith({ "tools/rooms.tsv": wrong }).length, 2);
});

test("a folder with a row of its own is a room that knows its parent's insides", () => {
  const inner = {
    "tools/rooms.tsv": table.replace("smtp\t", "store/memory\tstore base\nsmtp\t"),
    "src/store/memory/open.ts": 'import "../rules/apply.ts"; import "../store.ts";',
    "src/store/rules/apply.ts": "",
  };
  assert.deepEqual(faultsWith(inner), []);
  const open = 'import "../store/memory/open.ts";';
  assert.deepEqual(faultsWith({ ...inner, "src/smtp/x.test.ts": open }), []);
  assert.match(
    faultsWith({ ...inner, "src/smtp/x.ts": open }).join(),
    /smtp may not import store\/memory/,
  );
});
