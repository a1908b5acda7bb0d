import type { Devices } from "../accounts/devices.ts";
import type { Directory } from "../accounts/directory.ts";
import { Refusal } from "../base/faults.ts";
import { queueId } from "../base/ids.ts";
import { explainJourney, formatExplanation } from "../journey/explain.ts";
import type { MailService } from "../mailbox/account-mail.ts";
import type { QueueOperations } from "../queue/operations.ts";
import type { AccountRow } from "../store/directory.ts";
import type { QueueEntry } from "../store/queue.ts";
import type { Store } from "../store/store.ts";
import { Arguments } from "./arguments.ts";
import { deviceOperations } from "./device-operations.ts";
import { pop3Operation } from "./pop3-operation.ts";

/** What operations work on. */
export interface AdminServices {
  readonly directory: Directory;
  readonly devices: Devices;
  readonly mail: Pick<MailService, "open">;
  readonly queue: QueueOperations;
  readonly store: Pick<Store, "journeys" | "mail">;
  /** Quota of a new account that names none, bytes. */
  readonly quotaBytes: number;
  /** Records to add to DNS for a domain, as plain data. @throws Refusal `syntax`, `noSuchUser`. */
  domainRecords(domain: string): Promise<unknown>;
  /** Makes the keys with which a domain's mail is signed. Never rejects. */
  makeKeys(domain: string): Promise<void>;
  /** Of a running server; absent when the store was opened by the command line. */
  readonly server?: {
    status(): ServerStatus;
    /** Reads configuration and certificates again. @throws Refusal naming what is wrong. */
    reload(): Promise<readonly string[]>;
  };
}

export interface ServerStatus {
  readonly version: string;
  readonly hostName: string;
  readonly upSeconds: number;
  readonly sessions: number;
  readonly deliveriesUnderWay: number;
  readonly listeners: readonly {
    readonly protocol: string;
    readonly address: string;
    readonly port: number;
  }[];
}

/** One thing that an administrator can ask or do. */
export interface Operation {
  readonly name: string;
  /** Names of the arguments that it takes. */
  readonly args: readonly string[];
  run(services: AdminServices, args: Arguments): Promise<unknown>;
}

export interface Operations {
  /** @throws Refusal `unsupported` for an unknown name, and as the operation does. */
  call(name: string, args: unknown): Promise<unknown>;
}

const done = { done: true };
const actor = "admin";

const rows: readonly Operation[] = [
  ...deviceOperations,
  pop3Operation,
  {
    name: "domain.list",
    args: [],
    run: async ({ directory }) => (await directory.domains()).map(({ name }) => ({ domain: name })),
  },
  {
    name: "domain.add",
    args: ["domain"],
    async run({ directory, makeKeys }, args) {
      const domain = args.text("domain");
      await directory.addDomain(domain);
      await makeKeys(domain);
      return done;
    },
  },
  {
    name: "domain.dns",
    args: ["domain"],
    run: ({ domainRecords }, args) => domainRecords(args.text("domain")),
  },
  {
    name: "domain.remove",
    args: ["domain"],
    run: ({ directory }, args) => directory.removeDomain(args.text("domain")).then(() => done),
  },
  { name: "account.list", args: [], run: listAccounts },
  {
    name: "account.add",
    args: ["address", "password", "name", "quotaBytes"],
    async run({ directory, quotaBytes }, args) {
      const displayName = args.findText("name");
      const account = await directory.addAccount({
        address: args.text("address"),
        password: args.text("password"),
        quotaBytes: args.findWhole("quotaBytes") ?? quotaBytes,
        ...(displayName === undefined ? {} : { displayName }),
      });
      return { address: account.address };
    },
  },
  {
    name: "account.remove",
    args: ["address"],
    run: ({ directory }, args) => directory.removeAccount(args.text("address")).then(() => done),
  },
  {
    name: "account.password",
    args: ["address", "password"],
    run: ({ directory }, args) =>
      directory.setPassword(args.text("address"), args.text("password")).then(() => done),
  },
  {
    name: "account.quota",
    args: ["address", "quotaBytes"],
    run: ({ directory }, args) =>
      directory.setQuota(args.text("address"), args.whole("quotaBytes")).then(() => done),
  },
  {
    name: "account.enable",
    args: ["address"],
    run: ({ directory }, args) => directory.setEnabled(args.text("address"), true).then(() => done),
  },
  {
    name: "account.disable",
    args: ["address"],
    run: ({ directory }, args) =>
      directory.setEnabled(args.text("address"), false).then(() => done),
  },
  {
    name: "alias.list",
    args: [],
    run: async ({ directory }) =>
      (await directory.aliases()).map(({ address, targets }) => ({ address, targets })),
  },
  {
    name: "alias.put",
    args: ["address", "targets"],
    run: ({ directory }, args) =>
      directory.putAlias(args.text("address"), args.texts("targets")).then(() => done),
  },
  {
    name: "alias.remove",
    args: ["address"],
    run: ({ directory }, args) => directory.removeAlias(args.text("address")).then(() => done),
  },
  {
    name: "queue.list",
    args: ["after", "limit"],
    async run({ queue }, args) {
      const after = queueId(args.findWhole("after") ?? 0);
      const entries = await queue.list({ after, limit: args.findWhole("limit") ?? 100 });
      return { ...(await queue.counts()), entries: entries.map(describeEntry) };
    },
  },
  {
    name: "queue.show",
    args: ["id"],
    async run({ queue }, args) {
      const entry = await queue.find(queueId(args.whole("id")));
      if (entry === undefined) throw new Refusal("noSuchMessage", "No such message in the queue.");
      return describeEntry(entry);
    },
  },
  {
    name: "queue.retry",
    args: ["id"],
    run: ({ queue }, args) => queue.retryNow(queueId(args.whole("id")), actor).then(() => done),
  },
  {
    name: "queue.hold",
    args: ["id"],
    run: ({ queue }, args) => queue.hold(queueId(args.whole("id")), actor).then(() => done),
  },
  {
    name: "queue.release",
    args: ["id"],
    run: ({ queue }, args) => queue.release(queueId(args.whole("id")), actor).then(() => done),
  },
  {
    name: "queue.remove",
    args: ["id", "notice"],
    run: ({ queue }, args) =>
      queue.remove(queueId(args.whole("id")), actor, args.findFlag("notice")).then(() => done),
  },
  {
    name: "why",
    args: ["handle", "limit"],
    async run({ store }, args) {
      const handle = args.text("handle");
      const found = await store.journeys.find(handle, args.findWhole("limit") ?? 10);
      return found.map((row) => ({
        journey: row.journey,
        lines: formatExplanation(explainJourney(row)),
      }));
    },
  },
  {
    name: "server.status",
    args: [],
    async run({ server }) {
      if (server === undefined) throw new Refusal("unavailable", "The server is not running.");
      return server.status();
    },
  },
  {
    name: "server.reload",
    args: [],
    async run({ server }) {
      if (server === undefined) throw new Refusal("unavailable", "The server is not running.");
      return { changes: await server.reload() };
    },
  },
];

const table: ReadonlyMap<string, Operation> = new Map(rows.map((row) => [row.name, row]));

export function createOperations(services: AdminServices): Operations {
  return {
    async call(name, values) {
      const operation = table.get(name);
      if (operation === undefined)
        throw new Refusal("unsupported", `There is no operation ${name}.`);
      return operation.run(services, new Arguments(values, operation.args));
    },
  };
}

async function listAccounts({ directory, store }: AdminServices): Promise<unknown> {
  const accounts = await directory.accounts();
  return Promise.all(accounts.map((account) => describeAccount(store, account)));
}

async function describeAccount(
  store: AdminServices["store"],
  account: AccountRow,
): Promise<unknown> {
  const { usedBytes, messageCount } = await store.mail.account(account.id);
  const { address, displayName, quotaBytes, isEnabled } = account;
  return { address, name: displayName, quotaBytes, usedBytes, messages: messageCount, isEnabled };
}

function describeEntry(entry: QueueEntry): unknown {
  return {
    id: entry.id,
    sender: entry.message.sender,
    sizeBytes: entry.bodyBytes + entry.message.prefix.length,
    queuedAtMs: entry.queuedAtMs,
    expiresAtMs: entry.message.expiresAtMs,
    journey: entry.message.journey,
    recipients: entry.recipients.map((recipient) => ({
      address: recipient.address,
      dueAtMs: recipient.dueAtMs,
      attempts: recipient.attemptCount,
      isHeld: recipient.isHeld,
      lastAnswer: recipient.lastAnswer,
    })),
  };
}
