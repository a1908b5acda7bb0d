import { unreachable } from "../base/assert.ts";
import { createImapServer } from "../imap/imap-server.ts";
import type { Connection, TlsServerContext } from "../net/network.ts";
import { parseNetworks } from "../net/networks.ts";
import { ByteBudget } from "../protocol/byte-budget.ts";
import { ConnectionLimits } from "../protocol/limits.ts";
import { LoginGuard } from "../protocol/login-guard.ts";
import { createPop3Server } from "../pop3/pop3-server.ts";
import { SendingGuard } from "../smtp/sending-guard.ts";
import { createSmtpServer } from "../smtp/smtp-server.ts";
import type { SmtpRole, SmtpServer } from "../smtp/smtp-server.ts";
import type { Config } from "./config/schema.ts";
import type { MailProtocol } from "./listener-table.ts";
import type { Ports, Services } from "./services.ts";

export interface DoorFacts {
  readonly hostName: string;
  /** Domain of the postmaster whom "<Postmaster>" without a domain means (RFC 5321 §4.1.1.3). */
  readonly mainDomain: string;
  readonly tls: TlsServerContext;
  /** Slows down who guesses passwords, over all doors, old and new; of its own by default. */
  readonly guard?: LoginGuard;
}

/** The protocols over one set of services. A reload makes new doors; old ones serve to the end. */
export interface Doors {
  /** Serves a connection that a listener of that protocol has accepted. */
  accept(protocol: MailProtocol, connection: Connection): void;
  readonly sessionCount: number;
  /** Ends idle sessions at once, the others after their command, all after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** A handshake is two round trips; nobody needs longer, however long logging in may take. */
const handshakeMsMax = 60_000;

export function openDoors(
  config: Config,
  ports: Ports,
  services: Services,
  facts: DoorFacts,
): Doors {
  const { limits, timeouts } = config;
  // One count, one guard and one budget of memory over all doors.
  const connections = new ConnectionLimits({
    connectionsMax: limits.connectionsMax,
    perClientMax: limits.connectionsPerAddressMax,
  });
  const guard = facts.guard ?? new LoginGuard({ clock: ports.clock });
  const budget = new ByteBudget(limits.incomingBytesMax);
  const smtp = openSmtp(config, ports, services, { ...facts, connections, guard, budget });
  const { clock, random, log } = ports;
  const { tls } = facts;
  const { mail, authenticator } = services;
  const shared = {
    clock,
    random,
    log,
    tls,
    mail,
    authenticator,
    plainTextLogin: plainText(config),
  };
  const imap = createImapServer({
    ...shared,
    connections,
    guard,
    budget,
    withoutCapabilities: new Set(config.imap.without.map((word) => word.toUpperCase())),
    limits: {
      appendBytesMax: limits.messageSizeMax,
      errorsMax: limits.errorsMax,
      loginTimeoutMs: timeouts.login,
      tlsTimeoutMs: Math.min(timeouts.login, handshakeMsMax),
      idleTimeoutMs: timeouts.imap,
    },
  });
  const pop3 = createPop3Server({
    ...shared,
    connections,
    guard,
    removal: config.pop3.onDelete,
    marksSeen: config.pop3.markRead,
    limits: {
      errorsMax: limits.errorsMax,
      handshakeTimeoutMs: Math.min(timeouts.login, handshakeMsMax),
      idleTimeoutMs: timeouts.pop3,
    },
  });
  const doors = [...smtp.values(), imap, pop3];
  return {
    accept(protocol, connection) {
      switch (protocol) {
        case "smtp":
        case "smtp-alt":
        case "submission":
        case "submissions":
        case "lmtp":
          return smtp.get(protocol)?.accept(connection);
        case "pop3":
          return pop3.accept(connection);
        case "pop3s":
          return pop3.accept(connection, { isImplicitTls: true });
        case "imap":
          return void imap.serve(connection);
        case "imaps":
        case "imaps-legacy":
          return void imap.serve(connection, { isImplicitTls: true });
        default:
          return unreachable(protocol);
      }
    },
    get sessionCount() {
      return doors.reduce((sum, door) => sum + door.sessionCount, 0);
    },
    close: async (graceMs) => void (await Promise.all(doors.map((door) => door.close(graceMs)))),
  };
}

interface SmtpFacts extends DoorFacts {
  readonly connections: ConnectionLimits;
  readonly guard: LoginGuard;
  readonly budget: ByteBudget;
}

/** One SMTP door per listener. */
function openSmtp(
  config: Config,
  ports: Ports,
  services: Services,
  { hostName, mainDomain, tls, ...counting }: SmtpFacts,
): ReadonlyMap<MailProtocol, SmtpServer> {
  const { limits, timeouts } = config;
  const { clock, random, log, store } = ports;
  const { authenticator, recipients, delivery } = services;
  const trusted = parseNetworks(config.relay.networks);
  const speakers = parseNetworks(config.relay.xclientFrom);
  const shared = {
    ...{ clock, random, log, store, tls, authenticator, recipients, delivery, hostName },
    ...counting,
    sending: new SendingGuard({ clock, log, keyed: store.keyed, limits }),
    plainTextLogin: plainText(config),
    postmaster: `postmaster@${mainDomain}`,
    mayRelay: (address: string) => trusted.has(address),
    showsAddresses: config.addresses.verify === "senders",
    maySpeakForOthers: (address: string) => speakers.has(address),
    limits: {
      messageBytesMax: limits.messageSizeMax,
      recipientsMax: limits.recipientsMax,
      errorsMax: limits.errorsMax,
      commandTimeoutMs: timeouts.smtp,
      handshakeTimeoutMs: Math.min(timeouts.login, handshakeMsMax),
    },
  };
  const door = (role: SmtpRole, isImplicitTls = false) =>
    createSmtpServer({ ...shared, role, isImplicitTls });
  return new Map<MailProtocol, SmtpServer>([
    ["smtp", door("mx")],
    ["smtp-alt", door("both")],
    ["submission", door("submission")],
    ["submissions", door("submission", true)],
    ["lmtp", door("lmtp")],
  ]);
}

function plainText(config: Config): "never" | "loopback" | "always" {
  const from = config.login.withoutTls;
  return from === "anywhere" ? "always" : from;
}
