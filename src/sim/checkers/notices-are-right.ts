import type { Checker } from "./checker.ts";
import { allNotices } from "./evidence.ts";

/** Notices go to the sender of a letter, never to the null sender, never about a notice. */
export const noticesAreRight: Checker = {
  name: "notices go to senders only",
  *check(world) {
    for (const { token, to, isAboutNotice, reports } of allNotices(world)) {
      const sending = world.ledger.sendings.get(token);
      const about = reports.map(({ address, action }) => `${address} ${action}`).join(", ");
      if (isAboutNotice) yield `${to} got a notice about a notice (${about})`;
      else if (sending === undefined) yield `${to} got a notice about nothing that was sent`;
      else if (sending.sender === "") yield `${to} got a notice about ${token} from <>`;
      else if (sending.sender !== to) yield `${to} got the notice for ${sending.sender}`;
      else if (sending.notify === "NEVER") yield `${to} wanted no notice about ${token}: ${about}`;
    }
  },
};
