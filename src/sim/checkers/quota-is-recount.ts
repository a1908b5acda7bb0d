import { flagBits } from "../../store/mail-changes.ts";
import type { Checker } from "./checker.ts";

/** What accounts and mailboxes say of their size is what counting gives. */
export const quotaIsRecount: Checker = {
  name: "quota usage equals a recount",
  *check({ stored }) {
    for (const { address, data } of stored.accounts) {
      const held = new Map<number, number>();
      for (const { row, copies } of data.mailboxes.values()) {
        for (const { message, sizeBytes } of copies) held.set(message, sizeBytes);
        const counted = {
          totalCount: copies.length,
          unseenCount: copies.filter(({ flags }) => (flags.system & flagBits.seen) === 0).length,
          deletedCount: copies.filter(({ flags }) => (flags.system & flagBits.deleted) !== 0)
            .length,
          sizeBytes: copies.reduce((sum, copy) => sum + copy.sizeBytes, 0),
        };
        for (const [name, count] of Object.entries(counted)) {
          const said = Object.entries(row).find(([key]) => key === name)?.[1];
          if (said !== count)
            yield `${address}: ${row.name} says ${name} ${said}, counted ${count}`;
        }
      }
      const usedBytes = held.values().reduce((sum, size) => sum + size, 0);
      const { record } = data;
      if (record.usedBytes !== usedBytes) {
        yield `${address}: says ${record.usedBytes} bytes, counted ${usedBytes}`;
      }
      if (record.messageCount !== held.size) {
        yield `${address}: says ${record.messageCount} messages, counted ${held.size}`;
      }
    }
  },
};
