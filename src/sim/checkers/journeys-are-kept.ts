import { leadsTo } from "../world/people.ts";
import type { Checker } from "./checker.ts";

/** Each accepted message has a record under the name in the 250, found by its addresses. */
export const journeysAreKept: Checker = {
  name: "every accepted message has its journey",
  *check({ disk, ledger }) {
    for (const { token, attempts } of ledger.sendings.values()) {
      for (const [recipient, fate] of attempts.flatMap((fates) => [...fates])) {
        if (fate.kind !== "acknowledged") continue;
        const what = `${token} for ${recipient}`;
        const row = disk.journeys.values().find(({ journey }) => journey === fate.journey);
        if (row === undefined) {
          yield `${what}: there is no journey ${fate.journey || "in the answer"}`;
          continue;
        }
        if (row.messageIdHeader !== `${token}@sim.test`) yield `${what}: another Message-ID`;
        if (!row.addresses.includes(recipient)) yield `${what}: not found by the recipient`;
        const kinds = new Set(row.steps.map(({ kind }) => kind));
        const { local, remote } = leadsTo(recipient);
        const isStored = kinds.has("delivery.stored") || kinds.has("delivery.failed");
        if (local.length > 0 && !isStored) yield `${what}: no step tells of the mailbox`;
        if (remote.length > 0 && !kinds.has("delivery.queued"))
          yield `${what}: no step tells of the queue`;
        const isSettled = ["queue.delivered", "queue.failed", "queue.expired"].some((kind) =>
          kinds.has(kind),
        );
        if (remote.length > 0 && !isSettled) yield `${what}: no step tells how the queue ended`;
      }
    }
  },
};
