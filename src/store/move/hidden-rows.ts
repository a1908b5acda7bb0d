import type { AccountId, BlobHash, MessageId } from "../../base/ids.ts";
import type { AccountRecord, CounterName } from "../rules/tables.ts";
import type { Store } from "../store.ts";
import type { DumpRecord, DumpTotals } from "./dump.ts";

/** The reads of a store that an export is made of. */
export type ReadableStore = Pick<Store, "mail" | "directory" | "queue" | "blobs">;

/** Where something lies in an order that only the engine knows. */
export type Place = number | string;

export interface Placed<Row> {
  readonly at: Place;
  readonly row: Row;
}

export type RecordOf<Kind extends DumpRecord["kind"]> = Extract<
  DumpRecord,
  { readonly kind: Kind }
>;

/** Copies of a message, when there is not exactly one. */
export interface CopyCount {
  readonly copyCount: number;
  /** When the last went; 0 while there are copies. */
  readonly goneAtMs: number;
}

/**
 * What an export has beside the answers of a store's reads. Lists come in pieces: those after a
 * place, at most `limit`, in the order that `DumpRecord` says.
 */
export interface HiddenRows {
  totals(): Promise<DumpTotals>;
  /** The number that each counter gave last, 0 before the first. */
  counters(): Promise<Readonly<Record<CounterName, number>>>;
  account(id: AccountId): Promise<AccountRecord>;
  /** Of the account's messages from `first` to `last`, those that have not exactly one copy. */
  copyCounts(
    account: AccountId,
    first: MessageId,
    last: MessageId,
  ): Promise<ReadonlyMap<MessageId, CopyCount>>;
  threads(
    account: AccountId,
    after: Place | undefined,
    limit: number,
  ): Promise<readonly Placed<RecordOf<"thread">>[]>;
  /** Names of the bodies that something uses. */
  bodies(
    after: Place | undefined,
    limit: number,
  ): Promise<readonly Placed<{ readonly hash: BlobHash; readonly sizeBytes: number }>[]>;
  journeys(
    after: Place | undefined,
    limit: number,
  ): Promise<readonly Placed<RecordOf<"journey">>[]>;
  batchKeys(
    after: Place | undefined,
    limit: number,
  ): Promise<readonly Placed<RecordOf<"batchKey">>[]>;
  keyed(after: Place | undefined, limit: number): Promise<readonly Placed<RecordOf<"keyed">>[]>;
}
