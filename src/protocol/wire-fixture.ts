import { createMemoryNetwork } from "../net/memory-network.ts";
import type { Connection } from "../net/network.ts";
import type { VirtualClock } from "../net/virtual-clock.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { Wire } from "./wire.ts";

/** A wire, and the peer that it speaks with, under virtual time. */
export interface WireFixture {
  readonly clock: VirtualClock;
  readonly wire: Wire;
  readonly peer: Connection;
}

export async function wireFixture(): Promise<WireFixture> {
  const clock = createVirtualClock();
  const network = createMemoryNetwork({ clock });
  const accepted = Promise.withResolvers<Connection>();
  const where = { address: "127.0.0.1", port: 25 };
  await network.listen(where, (connection) => accepted.resolve(connection));
  const peer = await network.connect({ ...where, timeoutMs: 1_000 });
  return { clock, peer, wire: new Wire(await accepted.promise) };
}

/** All that has come from a connection until its end or its break. */
export async function readAll(connection: Connection): Promise<string> {
  let text = "";
  try {
    for (;;) {
      const bytes = await connection.read(3_600_000);
      if (bytes === undefined) return text;
      text += Buffer.from(bytes).toString("latin1");
    }
  } catch {
    return `${text}<broken>`;
  }
}
