import { asBuffer } from "../../base/bytes.ts";
import type { Sending } from "../world/ledger.ts";
import { leadsTo } from "../world/people.ts";
import type { Checker, FinishedWorld } from "./checker.ts";
import { acknowledged, allNotices, hasStep } from "./evidence.ts";

/**
 * After 250, each account that a recipient leads to has the message, byte for byte, or the sender
 * has a notice. What a client was told is appended is there too.
 */
export const acknowledgedMailIsKept: Checker = {
  name: "acknowledged mail is kept",
  *check(world) {
    for (const sending of world.ledger.sendings.values()) yield* checkSending(world, sending);
    for (const { token, account, mailbox, uid, bytes } of world.ledger.appendings) {
      if (uid === undefined) continue;
      const found = world.stored.arrivals.find(
        (arrival) =>
          arrival.account === account && arrival.mailbox === mailbox && arrival.uid === uid,
      );
      if (found === undefined) yield `${token}: ${mailbox} of ${account} has never had UID ${uid}`;
      else if (!asBuffer(bytes).equals(found.body)) yield `${token}: was appended as other bytes`;
    }
  },
};

function* checkSending(world: FinishedWorld, sending: Sending): Iterable<string> {
  const { token, bytes, sender } = sending;
  for (const recipient of acknowledged(sending)) {
    for (const account of leadsTo(recipient).local) {
      const found = world.stored.arrivals.find(
        ({ account: its, contents }) =>
          its === account && contents.kind === "letter" && contents.token === token,
      );
      if (found !== undefined) {
        if (!asBuffer(bytes).equals(found.body)) yield `${token}: ${account} has other bytes`;
        continue;
      }
      if (isTold(world, sending, recipient)) continue;
      // The null sender cannot be told (RFC 5321 §4.5.5); the record must say why there is nothing.
      const mayBeSilent = sender === "" || sending.notify === "NEVER" || isFullAlone(recipient);
      if (mayBeSilent && hasStep(world, sending, /^delivery\.failed$/, account)) continue;
      yield `${token}: 250 for ${recipient}, but ${account} has neither message nor notice`;
    }
  }
}

/** With several accounts behind one recipient, one that is full is only recorded. */
function isFullAlone(recipient: string): boolean {
  return leadsTo(recipient).local.length > 1;
}

function isTold(world: FinishedWorld, { token, sender }: Sending, recipient: string): boolean {
  return allNotices(world).some(
    (notice) =>
      notice.token === token &&
      notice.to === sender &&
      notice.reports.some(({ address }) => address === recipient),
  );
}
