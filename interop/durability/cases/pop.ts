import assert from "node:assert/strict";

import { append, openImap, openPop } from "../../mail-talk.ts";
import type { DurabilityCase } from "../durability-case.ts";
import { readMailbox } from "../read-mailbox.ts";

export const popCases: readonly DurabilityCase[] = [
  {
    name: "pop3: what QUIT has acknowledged stays deleted, what it has not stays",
    async run(house) {
      let server = await house.start();
      const imap = await openImap(server.port("imap"), house.ana);
      for (let count = 0; count < 30; count++) {
        await append(imap, "INBOX", `Subject: number ${count}\r\n\r\nHello.\r\n`);
      }
      imap.destroy();
      let identifiers = "";
      for (const round of [0, 1, 2]) {
        const first = await openPop(server.port("pop3"), house.ana);
        for (let count = 1; count <= 5; count++) {
          assert.match(await first.pop(`DELE ${count}`), /^\+OK/);
        }
        assert.match(await first.pop("QUIT"), /^\+OK/);
        const second = await openPop(server.port("pop3"), house.ana);
        assert.match(await second.pop("DELE 1"), /^\+OK/);
        await second.send("UIDL\r\n");
        const unique = await second.linesTo(/^\.$/);
        await server.end("SIGKILL");
        server = await house.start();
        const left = await readMailbox(server.port("imap"), house.ana);
        const subjects = [...(left?.messages.values() ?? [])].map(({ subject }) => subject);
        const expected = Array.from({ length: 25 - round * 5 }, (_, index) => {
          return `number ${index + 5 * (round + 1)}`;
        });
        assert.deepEqual(subjects, expected);
        const third = await openPop(server.port("pop3"), house.ana);
        await third.send("UIDL\r\n");
        const after = await third.linesTo(/^\.$/);
        const names = (text: string) =>
          text.match(/^\d+ \S+$/gm)?.map((line) => line.split(" ")[1]);
        // The one marked but not settled is still there, and no name has changed.
        assert.equal(names(after)?.length, expected.length);
        assert.deepEqual(names(after)?.slice(1), names(unique)?.slice(-expected.length + 1));
        identifiers = after;
        third.destroy();
      }
      return `3 rounds, ${identifiers.split("\n").length - 2} messages and their UIDL left`;
    },
  },
];
