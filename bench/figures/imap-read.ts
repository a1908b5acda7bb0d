import { fillInbox, logIn, timeCommand } from "../load/imap-client.ts";
import { median } from "./figure.ts";
import type { Figure, Measurement } from "./figure.ts";

/** Reading a mailbox of 100,000 messages. */
export const imapRead: Figure = {
  name: "imap",
  async measure(server, isQuick) {
    const count = isQuick ? 10_000 : 100_000;
    await fillInbox(server, count, 1_500);
    await server.restart();
    const client = await logIn(server);
    const results: Measurement[] = [];
    const time = async (figure: string, command: string, rounds: number) => {
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) times.push(await timeCommand(client, command));
      const first = times[0] ?? Number.NaN;
      const unit = "ms";
      if (rounds > 1) {
        const rest = median(times.slice(1));
        results.push({ figure: `${figure}, warm`, value: rest * 1000, unit, isMoreBetter: false });
      }
      results.push({ figure: `${figure}, first`, value: first * 1000, unit, isMoreBetter: false });
    };
    await time(`SELECT, ${count} messages`, "SELECT INBOX", 6);
    await time("FETCH 1:* (FLAGS UID)", "FETCH 1:* (FLAGS UID)", 6);
    await time("FETCH 1:* ENVELOPE", "FETCH 1:* ENVELOPE", 4);
    await time("SEARCH SUBJECT", 'SEARCH SUBJECT "sastanak"', 4);
    await time("SEARCH TEXT, rare word", 'SEARCH TEXT "qzxw nowhere"', 3);
    await time("STORE 1:* +FLAGS.SILENT", "STORE 1:* +FLAGS.SILENT (\\Flagged)", 1);
    client.close();
    return results;
  },
};
