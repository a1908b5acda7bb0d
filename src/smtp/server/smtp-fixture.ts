import { timingSafeEqual } from "node:crypto";
import type { Authenticator, Destination, Login, Recipients } from "../../accounts/accounts.ts";
import { assert } from "../../base/assert.ts";
import { fromUtf8 } from "../../base/bytes.ts";
import { Refusal } from "../../base/faults.ts";
import { type AccountId, messageId } from "../../base/ids.ts";
import type { Level, Log, LogFacts } from "../../base/log.ts";
import { seededRandom } from "../../base/random.ts";
import { createDelivery } from "../../delivery/create-delivery.ts";
import { createMemoryNetwork, type MemoryNetwork } from "../../net/memory-network.ts";
import { MemoryTlsContext } from "../../net/memory-tls.ts";
import { createVirtualClock, type VirtualClock } from "../../net/virtual-clock.ts";
import {
  createMemoryStore,
  type MemoryFaults,
  type MemoryStore,
} from "../../store/memory/create-memory-store.ts";
import { MemoryBudget } from "../memory-budget.ts";
import type { SmtpLimits } from "../smtp-limits.ts";
import { createSmtpServer, type SmtpRole, type SmtpServer } from "../smtp-server.ts";

export const fixtureHost = "mx.golub.example";
export const fixtureAddress = "192.0.2.25";
export const fixturePort = 25;

export interface SmtpFixtureOptions {
  readonly role?: SmtpRole;
  readonly hasTls?: boolean;
  readonly isImplicitTls?: boolean;
  readonly plainTextLogin?: "never" | "loopback" | "always";
  readonly relayFrom?: readonly string[];
  readonly limits?: Partial<SmtpLimits>;
  readonly budgetBytes?: number;
  /** `address` → quota in bytes, 0 without limit; the password of all is "secret". */
  readonly accounts?: Readonly<Record<string, number>>;
  readonly aliases?: Readonly<Record<string, readonly string[]>>;
  readonly faults?: MemoryFaults;
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
  readonly budget: MemoryBudget;
  readonly events: readonly LoggedEvent[];
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
  await addAccounts(store, options);
  const recipients = recipientsOf(store);
  const budget = new MemoryBudget(options.budgetBytes ?? 64 * 1024 * 1024);
  const common = { store, recipients, clock, random, log, hostName: fixtureHost };
  const delivery = createDelivery({ ...common, queueLifetimeMs: 5 * 86_400_000 });
  const server = createSmtpServer({
    ...common,
    role: options.role ?? "mx",
    postmaster: "postmaster@golub.example",
    ...(options.hasTls === true ? { tls: new MemoryTlsContext({ names: [fixtureHost] }) } : {}),
    isImplicitTls: options.isImplicitTls ?? false,
    plainTextLogin: options.plainTextLogin ?? "never",
    mayRelay: (address) => options.relayFrom?.includes(address) ?? false,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    budget,
    authenticator: authenticatorOf(store),
    delivery,
  });
  const listener = await network
    .host(fixtureAddress)
    .listen({ address: fixtureAddress, port: fixturePort }, (connection) =>
      server.accept(connection),
    );
  return {
    clock,
    network,
    store,
    server,
    budget,
    events,
    inbox: (address) => readInbox(store, address),
    async [Symbol.asyncDispose]() {
      await listener.close();
      await clock.run(server.close(1000));
      await store.close();
    },
  };
}

async function addAccounts(store: MemoryStore, options: SmtpFixtureOptions): Promise<void> {
  const accounts = options.accounts ?? { "ana@golub.example": 0, "boris@golub.example": 0 };
  await store.apply({
    actor: "test",
    atMs: 0,
    changes: [
      { kind: "directory.domainAdd", name: "golub.example" },
      ...Object.entries(accounts).map(([address, quotaBytes]) => ({
        kind: "directory.accountAdd" as const,
        address,
        displayName: "",
        secret: "secret",
        quotaBytes,
        mailboxes: [{ name: "INBOX", role: "inbox" as const }],
      })),
      ...Object.entries(options.aliases ?? {}).map(([address, targets]) => ({
        kind: "directory.aliasPut" as const,
        address,
        targets,
      })),
    ],
  });
}

async function readInbox(store: MemoryStore, address: string): Promise<readonly string[]> {
  const account = await store.directory.findAccount(address);
  assert(account !== undefined, `no account ${address}`);
  const [inbox] = await store.mail.mailboxes(account.id);
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

/** The directory's accounts and aliases, with "+" as separator of details. */
function recipientsOf({ directory }: MemoryStore): Recipients {
  const resolveOne = async (address: string): Promise<readonly Destination[]> => {
    const at = address.lastIndexOf("@");
    const [user = "", detail = ""] = address.slice(0, at).toLowerCase().split("+");
    const plain = `${user}${address.slice(at)}`;
    const account = await directory.findAccount(plain);
    if (account !== undefined) return [{ kind: "account", account, detail }];
    const alias = await directory.findAlias(plain);
    if (alias === undefined) return [];
    const found = await Promise.all(
      alias.targets.map((target) =>
        target.endsWith("@golub.example")
          ? resolveOne(target)
          : [{ kind: "remote" as const, address: target, domain: target.split("@")[1] ?? "" }],
      ),
    );
    return found.flat();
  };
  const isLocalDomain = async (domain: string) => domain === "golub.example";
  return {
    isLocalDomain,
    async resolve(address) {
      const domain = address.slice(address.lastIndexOf("@") + 1);
      if (!(await isLocalDomain(domain))) return { kind: "notLocal", domain };
      const destinations = await resolveOne(address);
      return destinations.length === 0
        ? { kind: "unknown" }
        : { kind: "destinations", destinations };
    },
    async maySendAs(account: AccountId, address: string) {
      const destinations = await resolveOne(address);
      return destinations.some((each) => each.kind === "account" && each.account.id === account);
    },
  };
}

function authenticatorOf({ directory }: MemoryStore): Authenticator {
  const confirmLogin = async (name: string): Promise<Login> => {
    const account = await directory.findAccount(name);
    if (account === undefined) throw new Refusal("loginFailed", "Wrong name or password.");
    return { account: account.id, address: account.address, device: "" };
  };
  return {
    confirmLogin,
    async checkPassword(name, password) {
      const account = await directory.findAccount(name);
      const [given, wanted] = [fromUtf8(password), fromUtf8(account?.secret ?? "")];
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
        throw new Refusal("loginFailed", "Wrong name or password.");
      }
      return confirmLogin(name);
    },
    async findScramSecret() {
      throw new Refusal("loginFailed", "Wrong name or password.");
    },
  };
}
