import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";

import { openImap } from "../../mail-talk.ts";
import type { DurabilityCase } from "../durability-case.ts";
import { expectKept, nothingSent, startLoad } from "../load.ts";
import { readMailbox, tokensIn } from "../read-mailbox.ts";

export const terminateCases: readonly DurabilityCase[] = [
  {
    name: "terminate: SIGTERM under load ends in good order and loses nothing",
    async run(house) {
      const sent = nothingSent();
      const server = await house.start();
      const imap = await openImap(server.port("imap"), house.ana);
      await imap.imap("SELECT INBOX");
      const load = startLoad(
        { port: server.port("smtp"), to: house.ana.address, senderCount: 20, prefix: "t" },
        sent,
      );
      await wait(1000);
      const began = performance.now();
      const code = await server.end("SIGTERM");
      const seconds = (performance.now() - began) / 1000;
      await load.done;
      assert.equal(code, 0);
      assert.ok(seconds < 8, `it took ${seconds} s`);
      assert.match(await imap.rest(), /^\* BYE/m);
      assert.deepEqual([...server.log], []);
      const again = await house.start();
      const told = expectKept(sent, tokensIn(await readMailbox(again.port("imap"), house.ana)));
      return `ended after ${seconds.toFixed(1)} s with 0; ${told}`;
    },
  },
];
