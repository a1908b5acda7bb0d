import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { fromUtf8 } from "../base/bytes.ts";
import type { Clock, Timer } from "../base/clock.ts";
import { Refusal, type Reason } from "../base/faults.ts";
import {
  type AccountId,
  type MailboxId,
  type MessageId,
  type Uid,
  blobHash,
  mailboxId,
  uid,
} from "../base/ids.ts";
import type { Applied, Change, ChangeResult } from "./batch.ts";
import type { StagedBlob } from "./blobs.ts";
import type { MailChange, MessageFacts } from "./mail-changes.ts";
import type { Maintenance } from "./maintenance.ts";
import type { Store } from "./store.ts";

/** A store that a contract suite examines. */
export interface StoreUnderTest {
  readonly store: Store & Maintenance;
  close(): Promise<void>;
  /** Loses everything that is not durable and opens again; engines that cannot leave it out. */
  crash?(): Promise<StoreUnderTest>;
}

export type MakeStore = () => Promise<StoreUnderTest>;

/** A moment that all contract suites start from. */
export const startMs = Date.UTC(2026, 10, 23);

/** A clock that moves when told. */
export class ManualClock implements Clock {
  #nowMs: number;
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];

  constructor(nowMs = startMs) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return { cancel: () => void (this.#timers = this.#timers.filter((one) => one !== timer)) };
  }

  /** Moves on and runs the timers that are due, in their order. */
  advance(ms: number): void {
    this.#nowMs += ms;
    const due = this.#timers.filter((timer) => timer.atMs <= this.#nowMs);
    this.#timers = this.#timers.filter((timer) => timer.atMs > this.#nowMs);
    for (const timer of due.sort((a, b) => a.atMs - b.atMs)) timer.run();
  }
}

/** Runs `body` with a new store and closes it afterwards. */
export async function withStore(
  make: MakeStore,
  body: (store: Store & Maintenance, test: StoreUnderTest) => Promise<void>,
): Promise<void> {
  const test = await make();
  try {
    await body(test.store, test);
  } finally {
    await test.close();
  }
}

/** Applies changes as one batch of an unremarkable actor. */
export function apply(store: Store, ...changes: readonly Change[]): Promise<Applied> {
  return store.apply({ actor: "test", atMs: startMs, changes });
}

/** Asserts that a promise is refused, and returns with which text. */
export async function assertRefused(promise: Promise<unknown>, reason: Reason): Promise<string> {
  const error = await promise.then(
    () => assert.fail(`expected a refusal: ${reason}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Refusal, `expected a refusal, got ${String(error)}`);
  assert.equal(error.reason, reason, error.message);
  return error.text;
}

export function resultOf<Kind extends ChangeResult["kind"]>(
  applied: Applied,
  index: number,
  kind: Kind,
): Extract<ChangeResult, { readonly kind: Kind }> {
  const result = applied.results[index];
  assert.ok(result !== undefined && isKind(result, kind), `result ${index} is a ${kind}`);
  return result;
}

function isKind<Kind extends ChangeResult["kind"]>(
  result: ChangeResult,
  kind: Kind,
): result is Extract<ChangeResult, { readonly kind: Kind }> {
  return result.kind === kind;
}

/** A small body, staged as `BlobStore.put` does it. */
export function smallBlob(text: string): StagedBlob {
  const inline = fromUtf8(text);
  return { hash: blobHash(hash("sha256", inline, "hex")), sizeBytes: inline.length, inline };
}

export function facts(given: Partial<MessageFacts> = {}): MessageFacts {
  return {
    structure: '{"parts":[]}',
    envelope: '("Mon" "Subject" NIL)',
    bodyStructure: '("TEXT" "PLAIN")',
    preview: "Preview",
    messageIdHeader: "",
    references: [],
    baseSubject: "subject",
    sentAtMs: startMs,
    hasAttachment: false,
    searchHeaders: "subject",
    searchBody: "body",
    ...given,
  };
}

export interface AddOptions {
  readonly text?: string;
  readonly system?: number;
  readonly keywords?: readonly string[];
  readonly facts?: Partial<MessageFacts>;
  readonly enforceQuota?: boolean;
  readonly internalDateMs?: number;
}

/** The change that adds a message of `text` (five bytes by default) without a prefix. */
export function add(
  account: AccountId,
  mailbox: MailboxId,
  options: AddOptions = {},
): Extract<MailChange, { readonly kind: "mail.messageAdd" }> {
  return {
    kind: "mail.messageAdd",
    account,
    mailbox,
    message: {
      blob: smallBlob(options.text ?? "hello"),
      prefix: new Uint8Array(),
      facts: facts(options.facts),
    },
    flags: { system: options.system ?? 0, keywords: options.keywords ?? [] },
    internalDateMs: options.internalDateMs ?? startMs,
    enforceQuota: options.enforceQuota ?? true,
  };
}

export const inbox = mailboxId(1);
export const archive = mailboxId(2);
export const all = [[uid(1), uid(4_294_967_295)]] as const;

/** Makes the domain example.org if it is missing, and an account with INBOX and Archive. */
export async function makeAccount(
  store: Store,
  localpart = "ana",
  quotaBytes = 0,
): Promise<AccountId> {
  const domains = await store.directory.domains();
  if (domains.length === 0) {
    await apply(store, { kind: "directory.domainAdd", name: "example.org" });
  }
  const applied = await apply(store, {
    kind: "directory.accountAdd",
    address: `${localpart}@example.org`,
    displayName: localpart,
    secret: "secret",
    quotaBytes,
    mailboxes: [{ name: "INBOX" }, { name: "Archive", role: "archive" }],
  });
  return resultOf(applied, 0, "directory.accountAdd").account;
}

/** Adds messages one batch each and returns what they got. */
export async function addMessages(
  store: Store,
  account: AccountId,
  count: number,
  options: AddOptions = {},
): Promise<readonly { readonly uid: Uid; readonly message: MessageId }[]> {
  const added = [];
  for (let index = 0; index < count; index++) {
    const applied = await apply(store, add(account, inbox, options));
    const { uid, message } = resultOf(applied, 0, "mail.messageAdd");
    added.push({ uid, message });
  }
  return added;
}

/** The UIDs of a mailbox. */
export async function uidsOf(store: Store, account: AccountId, mailbox = inbox) {
  return [...(await store.mail.loadMailbox(account, mailbox)).uids];
}
