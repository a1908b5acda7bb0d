import { setTimeout as wait } from "node:timers/promises";

import type { DurabilityCase } from "../durability-case.ts";
import { expectKept, nothingSent, startLoad } from "../load.ts";
import { expectSameUids, readMailbox, tokensIn } from "../read-mailbox.ts";
import type { MailboxView } from "../read-mailbox.ts";

const roundCount = 5;

/** Small bodies live in the commit, large ones in segments of their own. */
export const smtpCases: readonly DurabilityCase[] = [1_000, 100_000].map(
  (bodyBytes): DurabilityCase => ({
    name: `smtp: kill -9 under load loses and doubles nothing (${bodyBytes} bytes)`,
    async run(house) {
      const sent = nothingSent();
      let before: MailboxView | undefined;
      for (let round = 0; round < roundCount; round++) {
        const server = await house.start();
        const { address } = house.ana;
        const load = startLoad(
          {
            ...{ port: server.port("smtp"), to: address, senderCount: 20 },
            ...{ prefix: `${round}`, bodyBytes },
          },
          sent,
        );
        await wait(200 + Math.random() * 800);
        await server.end("SIGKILL");
        await load.done;
        const again = await house.start();
        const after = await readMailbox(again.port("imap"), house.ana);
        expectKept(sent, tokensIn(after));
        if (before !== undefined && after !== undefined) expectSameUids(before, after);
        before = after;
        await again.end("SIGKILL");
      }
      return `${roundCount} rounds: ${expectKept(sent, tokensIn(before))}`;
    },
  }),
);
