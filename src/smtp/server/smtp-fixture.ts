import { createAuthenticator } from "../../accounts/authenticator.ts";
import { createDirectory, type Directory } from "../../accounts/directory.ts";
import type { Passwords } from "../../accounts/password.ts";
import { createRecipients } from "../../accounts/recipients.ts";
import { assert } from "../../base/assert.ts";
import { messageId } from "../../base/ids.ts";
import type { Level, Log, LogFacts } from "../../base/log.ts";
import { seededRandom } from "../../base/random.ts";
import { createDelivery } from "../../delivery/create-delivery.ts";
import { createMemoryNetwork, type MemoryNetwork } from "../../net/memory-network.ts";
import type { Connection } from "../../net/network.ts";
import { MemoryTlsContext } from "../../net/memory-tls.ts";
import { createVirtualClock, type VirtualClock } from "../../net/virtual-clock.ts";
import {
  createMemoryStore,
  type MemoryFaults,
  type MemoryStore,
} from "../../store/memory/create-memory-store.ts";
import { ByteBudget } from "../../protocol/byte-budget.ts";
import { ConnectionLimits, defaultConnectionLimits } from "../../protocol/limits.ts";
import { SendingGuard } from "../sending-guard.ts";
import type { SendingLimits } from "../sending-limits.ts";
import type { SmtpLimits } from "../smtp-limits.ts";
import { createSmtpServer, type SmtpRole, type SmtpServer } from "../smtp-server.ts";

export const fixtureHost = "mx.golub.example";
export const fixtureAddress = "192.0.2.25";
export const fixturePort = 25;

export interface SmtpFixtureOptions {
  readonly role?: SmtpRole;
  /** Connections at once of one client. */
  readonly perClientMax?: number;
  readonly hasTls?: boolean;
  readonly isImplicitTls?: boolean;
  readonly plainTextLogin?: "never" | "loopback" | "always";
  readonly relayFrom?: readonly string[];
  readonly showsAddresses?: boolean;
  /** Who may say XCLIENT and XFORWARD. */
  readonly xclientFrom?: readonly string[];
  readonly limits?: Partial<SmtpLimits>;
  readonly budgetBytes?: number;
  /** `address` → quota in bytes, 0 without limit; the password of all is "secret". */
  readonly accounts?: Readonly<Record<string, number>>;
  readonly aliases?: Readonly<Record<string, readonly string[]>>;
  readonly faults?: MemoryFaults;
  /** What an account may send; without limit by default. */
  readonly sending?: Partial<SendingLimits>;
}

export interface LoggedEvent {
  readonly level: Level;
  readonly event: string;
  readonly facts: LogFacts;
}

/** For tests: a door with a memory network, store and delivery behind it, under virtual time. */
export interface SmtpFixture extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly store: MemoryStore;
  readonly server: SmtpServer;
  readonly budget: ByteBudget;
  readonly events: readonly LoggedEvent[];
  /** The door's ends of all connections that it was handed. */
  readonly accepted: readonly Connection[];
  /** Whole messages in an account's INBOX, oldest first, one character per byte. */
  inbox(address: string): Promise<readonly string[]>;
}

export async function createSmtpFixture(options: SmtpFixtureOptions = {}): Promise<SmtpFixture> {
  const clock = createVirtualClock();
  const random = seededRandom(7);
  const network = createMemoryNetwork({ clock });
  const store = createMemoryStore({
    clock,
    ...(options.faults === undefined ? {} : { faults: options.faults }),
  });
  const events: LoggedEvent[] = [];
  const log: Log = {
    write: (level, event, facts = {}) => void events.push({ level, event, facts }),
  };
  const directory = createDirectory(store, { clock, passwords, actor: "test" });
  await addAccounts(directory, options);
  const recipients = createRecipients(directory);
  const budget = new ByteBudget(options.budgetBytes ?? 64 * 1024 * 1024);
  const common = { store, recipients, clock, random, log, hostName: fixtureHost };
  const delivery = createDelivery({ ...common, queueLifetimeMs: 5 * 86_400_000 });
  const server = createSmtpServer({
    ...common,
    role: options.role ?? "mx",
    connections: new ConnectionLimits({
      ...defaultConnectionLimits,
      perClientMax: options.perClientMax ?? defaultConnectionLimits.perClientMax,
    }),
    postmaster: "postmaster@golub.example",
    ...(options.hasTls === true ? { tls: new MemoryTlsContext({ names: [fixtureHost] }) } : {}),
    isImplicitTls: options.isImplicitTls ?? false,
    plainTextLogin: options.plainTextLogin ?? "never",
    mayRelay: (address) => options.relayFrom?.includes(address) ?? false,
    maySpeakForOthers: (address) => options.xclientFrom?.includes(address) ?? false,
    showsAddresses: options.showsAddresses ?? false,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    budget,
    sending: new SendingGuard({
      ...{ clock, log, keyed: store.keyed },
      limits: { ...withoutLimits, ...options.sending },
    }),
    authenticator: createAuthenticator(directory, passwords),
    delivery,
  });
  const accepted: Connection[] = [];
  const listener = await network
    .host(fixtureAddress)
    .listen({ address: fixtureAddress, port: fixturePort }, (connection) => {
      accepted.push(connection);
      server.accept(connection);
    });
  return {
    clock,
    network,
    store,
    server,
    budget,
    events,
    accepted,
    inbox: (address) => readInbox(store, address),
    async [Symbol.asyncDispose]() {
      await listener.close();
      await clock.run(server.close(1000));
      await store.close();
    },
  };
}

const withoutLimits: SendingLimits = {
  messagesPerHourMax: 0,
  messagesPerDayMax: 0,
  newRecipientsPerHourMax: 0,
  newRecipientsPerDayMax: 0,
};

/** Passwords as they are: hashing in threads would take time that the virtual clock knows not. */
const passwords: Passwords = {
  createSecret: async (password) => password,
  verify: async (secret, password) => secret === password,
  findScram: () => undefined,
  inventScram: () => ({
    salt: new Uint8Array(16),
    iterations: 4096,
    storedKey: new Uint8Array(32),
    serverKey: new Uint8Array(32),
  }),
};

async function addAccounts(directory: Directory, options: SmtpFixtureOptions): Promise<void> {
  await directory.addDomain("golub.example");
  const accounts = options.accounts ?? { "ana@golub.example": 0, "boris@golub.example": 0 };
  for (const [address, quotaBytes] of Object.entries(accounts)) {
    await directory.addAccount({ address, password: "secret", quotaBytes });
  }
  for (const [address, targets] of Object.entries(options.aliases ?? {})) {
    await directory.putAlias(address, targets);
  }
}

async function readInbox(store: MemoryStore, address: string): Promise<readonly string[]> {
  const account = await store.directory.findAccount(address);
  assert(account !== undefined, `no account ${address}`);
  const mailboxes = await store.mail.mailboxes(account.id);
  const inbox = mailboxes.find((mailbox) => mailbox.name === "INBOX");
  assert(inbox !== undefined, "no inbox");
  const { messageIds, count } = await store.mail.loadMailbox(account.id, inbox.id);
  const texts: string[] = [];
  for (const id of messageIds.subarray(0, count)) {
    const [row] = await store.mail.messages(account.id, [messageId(id)], ["body"]);
    assert(row !== undefined, "message gone");
    const body = await store.blobs.read(row.body.hash);
    texts.push(Buffer.concat([row.body.prefix, body]).toString("latin1"));
  }
  return texts;
}
