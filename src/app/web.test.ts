import assert from "node:assert/strict";
import { test } from "node:test";

import { createDirectory } from "../accounts/directory.ts";
import { createPasswords } from "../accounts/password.ts";
import { silentLog } from "../base/log.ts";
import { seededRandom } from "../base/random.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { createMemoryStore } from "../store/memory/create-memory-store.ts";
import { listenerTable } from "./listener-table.ts";
import { startWeb } from "./web.ts";

test("programs are told the server's own name, whatever name they asked", async () => {
  const clock = createVirtualClock();
  const store = createMemoryStore({ clock });
  const passwords = createPasswords({ clock, random: seededRandom(1) });
  using directory = createDirectory(store, { clock, passwords, actor: "test" });
  for (const hostName of ["", "Mail.example.org"]) {
    const web = await startWeb({
      ...{ address: "127.0.0.1", port: 0, certificate: undefined, log: silentLog },
      ...{ rows: listenerTable, portOffset: 0, directory, hostName },
    });
    const url = `http://127.0.0.1:${web.local.port}/mail/config-v1.1.xml`;
    const text = await (await fetch(url)).text();
    const shown = hostName === "" ? "127.0.0.1" : "mail.example.org";
    assert.match(text, new RegExp(`<hostname>${shown}</hostname>`));
    await web.close();
  }
  await store.close();
});
