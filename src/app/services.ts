import type { Authenticator, Recipients } from "../accounts/accounts.ts";
import { parseOwnDomain } from "../accounts/address.ts";
import { createAuthenticator } from "../accounts/authenticator.ts";
import { createDevices } from "../accounts/devices.ts";
import type { Devices } from "../accounts/devices.ts";
import { createDirectory } from "../accounts/directory.ts";
import type { Directory } from "../accounts/directory.ts";
import { createPasswords } from "../accounts/password.ts";
import type { PasswordCost, Passwords } from "../accounts/password.ts";
import { createRecipients } from "../accounts/recipients.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { createDelivery } from "../delivery/create-delivery.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { MailService } from "../mailbox/account-mail.ts";
import { createMailService } from "../mailbox/mail-service.ts";
import type { Endpoint, Network } from "../net/network.ts";
import type { Resolver } from "../net/resolver.ts";
import { createQueue } from "../queue/queue.ts";
import type { Queue } from "../queue/queue.ts";
import { createSmtpCourier } from "../smtp/smtp-courier.ts";
import type { Store } from "../store/store.ts";
import type { Config } from "./config/schema.ts";
import type { DkimKeys } from "./dkim-keys.ts";
import { domainRecords } from "./domain-records.ts";
import type { DomainRecord } from "./domain-records.ts";
import { createSenderJudge } from "./judge-sender.ts";
import { makeKeys } from "./make-keys.ts";
import { parseRoutes } from "./parse-routes.ts";
import { createOutgoingSigner } from "./sign-outgoing.ts";

/** The world as the server meets it: the real one, or a simulated one. */
export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly network: Network;
  readonly resolver: Resolver;
  readonly store: Store;
}

export interface ServiceFacts {
  /** The server's name, in HELO, Received and notices. */
  readonly hostName: string;
  /** Whether an endpoint is one of our own listeners, so that the courier never talks to us. */
  readonly isOwn: (endpoint: Endpoint) => boolean;
  /** Cheaper hashes, for tests and the simulator. */
  readonly passwordCost?: PasswordCost;
  /** Without them nothing is signed, as with `dkim.sign = false`. */
  readonly dkimKeys?: DkimKeys;
}

/** What all doors share: one of each per server, living as long as it. */
export interface Services {
  readonly directory: Directory;
  readonly devices: Devices;
  readonly passwords: Passwords;
  readonly authenticator: Authenticator;
  readonly recipients: Recipients;
  readonly mail: MailService;
  readonly delivery: Delivery;
  readonly queue: Queue;
  /** What DNS must say of a domain. @throws Refusal `syntax`, `noSuchUser`. */
  domainRecords(domain: string): Promise<readonly DomainRecord[]>;
  /** Makes the keys that a domain, or any of all, has not yet. Never rejects. */
  makeKeys(domain?: string): Promise<void>;
  /** Ends deliveries under way within `graceMs`. The store stays open. */
  stop(graceMs: number): Promise<void>;
}

/** Joins the rooms behind the doors. Nothing runs yet: `queue.start()` begins to send. */
export function createServices(config: Config, ports: Ports, facts: ServiceFacts): Services {
  const { clock, random, log, store, network, resolver } = ports;
  const { hostName, isOwn, passwordCost } = facts;
  const shared = { clock, random, log, store };
  const passwords = createPasswords({
    clock,
    random,
    ...(passwordCost === undefined ? {} : { cost: passwordCost }),
  });
  const directory = createDirectory(store, { clock, passwords, actor: "admin" });
  const devices = createDevices({ directory, passwords, keyed: store.keyed, random, clock });
  const recipients = createRecipients(directory, { separator: config.addresses.separator });
  const keys = config.dkim.sign ? facts.dkimKeys : undefined;
  const making = new AbortController();
  let made: Promise<void> = Promise.resolve();
  const messageBytesMax = config.limits.messageSizeMax;
  const mail = createMailService({ ...shared, limits: { messageBytesMax } });
  const queueLifetimeMs = config.queue.expireAfter;
  const delivery = createDelivery({
    ...shared,
    recipients,
    hostName,
    queueLifetimeMs,
    hopsMax: config.limits.hopsMax,
    judgeSender: createSenderJudge({ clock, log, resolver, hostName }),
    ...(keys === undefined
      ? {}
      : {
          signOutgoing: createOutgoingSigner({
            ...{ keys, directory, recipients, clock, log, hostName },
          }),
        }),
    warnOfQuota: (account) => mail.warnOfQuota(account),
  });
  const courier = createSmtpCourier({
    ...shared,
    network,
    resolver,
    hostName,
    isOwn,
    routes: parseRoutes("queue.routes", config.queue.routes),
    senderRoutes: parseRoutes("queue.senderRoutes", config.queue.senderRoutes),
    providerRoutes: parseRoutes("queue.providerRoutes", config.queue.providerRoutes),
    tls: config.queue.tlsVerify ? "verified" : "opportunistic",
    port: config.queue.plainPort,
  });
  const queue = createQueue({
    ...shared,
    courier,
    hostName,
    keepNotice: delivery.noticeChanges,
    settings: {
      retryAfterMs: config.queue.retryAfter,
      delayNoticeAfterMs: config.queue.delayNoticeAfter,
      attemptsMax: config.queue.connectionsMax,
      attemptsPerDestinationMax: config.queue.connectionsPerDestinationMax,
    },
  });
  return {
    directory,
    devices,
    passwords,
    authenticator: createAuthenticator(directory, passwords, devices.noteUse),
    recipients,
    mail,
    delivery,
    queue,
    domainRecords: (domain) =>
      domainRecords({ directory, hostName, listen: config.listen, keys }, domain),
    makeKeys(domain) {
      if (keys === undefined) return made;
      const one = makeKeys({ keys, log, signal: making.signal }, async () =>
        domain === undefined
          ? (await directory.domains()).map(({ name }) => name)
          : [parseOwnDomain(domain)],
      );
      made = made.then(() => one);
      return one;
    },
    async stop(graceMs) {
      making.abort();
      await queue.stop(graceMs);
      await made;
      await courier.close();
      mail.close();
      directory[Symbol.dispose]();
    },
  };
}
