import type { Checker } from "./checker.ts";

/** Each body is there as long as something refers to it, and counts who does. */
export const bodiesAreCounted: Checker = {
  name: "bodies are counted",
  *check({ disk, stored }) {
    const counted = new Map<string, number>();
    const count = (hash: string) => counted.set(hash, (counted.get(hash) ?? 0) + 1);
    for (const { data } of stored.accounts) {
      for (const { kept } of data.messages.values()) count(kept.blob.hash);
    }
    for (const { hash } of disk.queue.values()) count(hash);
    for (const hash of counted.keys()) {
      if (![...disk.blobs.keys()].some((known) => known === hash)) yield `body ${hash} is gone`;
    }
    for (const [hash, { refCount }] of disk.blobs) {
      const real = counted.get(hash) ?? 0;
      if (refCount !== real) yield `body ${hash} says ${refCount} references, counted ${real}`;
    }
    for (const { address, data } of stored.accounts) {
      const copies = new Map<number, number>();
      for (const mailbox of data.mailboxes.values()) {
        for (const { message } of mailbox.copies)
          copies.set(message, (copies.get(message) ?? 0) + 1);
      }
      for (const [id, { copyCount }] of data.messages) {
        const real = copies.get(id) ?? 0;
        if (copyCount !== real)
          yield `${address}: message ${id} says ${copyCount} copies, counted ${real}`;
      }
    }
  },
};
