import type { AccountRow } from "../directory.ts";
import type { AccountRecord } from "./tables.ts";

/** What the directory shows of an account. */
export function asAccountRow(record: AccountRecord): AccountRow {
  const { id, address, displayName, secret, quotaBytes, isEnabled, createdAtMs } = record;
  return { id, address, displayName, secret, quotaBytes, isEnabled, createdAtMs };
}
