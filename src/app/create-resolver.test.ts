import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../base/random.ts";
import { createMemoryNetwork } from "../net/memory-network.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { createResolver } from "./create-resolver.ts";

test("a resolver is an address with a port, and nothing that only looks like one", () => {
  const clock = createVirtualClock();
  const ports = { clock, random: seededRandom(1), network: createMemoryNetwork({ clock }) };
  for (const good of ["off", "127.0.0.1:53", "[::1]:5353"]) createResolver(good, ports);
  for (const bad of ["127.0.0.1:99999", "127.0.0.1:0", "999.1.1.1:53", "dns.example:53", "on"]) {
    assert.throws(() => createResolver(bad, ports), { reason: "syntax" }, bad);
  }
});
