import { address, choice, duration, durations, flag, size, text, texts, whole } from "./setting.ts";
import { listeners, networks, resolver } from "./net-setting.ts";
import { routes } from "./route-setting.ts";
import type { Setting, ValueOf } from "./setting.ts";

/**
 * Every setting there is, by section. The reference page and `golub config` are made from this
 * list, and nothing else reads configuration.
 */
export const schema = {
  server: {
    hostName: text(
      'Name of this server as other servers see it: in greetings, Received and HELO. It should have an address record, and its address should point back to it. Empty: the machine\'s own name if it has a dot, else "mail." and the first domain.',
      "",
    ),
    dataFolder: text(
      "Folder of everything that is kept: mail, queue, accounts, certificate.",
      "data",
    ),
    store: address(
      'Where mail is kept: "embedded" is a database in the data folder; postgres://user:password@host:port/database is a PostgreSQL (15 or later) that several servers may share, each with a data folder of its own. What the address leaves out comes from the environment (PGPASSWORD and the like).',
      "embedded",
    ),
    shutdownTime: duration(
      "How long running sessions and deliveries may go on after a stop.",
      "5 s",
      {
        from: "0 s",
        to: "5 min",
      },
    ),
  },
  listen: {
    host: text(
      'Address to listen on: "127.0.0.1" only this machine, "0.0.0.0" all IPv4 addresses, "::" all addresses.',
      "127.0.0.1",
    ),
    portOffset: whole("Added to every standard port; 0 for the real ports.", 10_000, {
      from: 0,
      to: 54_000,
    }),
    off: listeners("Listeners to leave out"),
    proxies: networks(
      'Addresses or networks whose connections to the mail ports begin with a PROXY header (version 1 or 2), like ["10.0.0.0/8"].',
    ),
  },
  tls: {
    certificate: text(
      "Certificate chain, PEM file. Empty: tls/cert.pem in the data folder, made self-signed when missing.",
      "",
    ),
    key: text("Its private key, PEM file. Empty: tls/key.pem in the data folder.", ""),
  },
  login: {
    withoutTls: choice("From where people may log in without TLS.", "loopback", [
      "never",
      "loopback",
      "anywhere",
    ]),
    failuresMax: whole(
      "Failed logins of one address after which it is refused; it earns one back each quiet minute. Earlier ones only wait. Loopback is free.",
      50,
      {
        from: 1,
        to: 10_000,
      },
    ),
  },
  addresses: {
    separator: text(
      "Between a localpart and its detail, as in ana+shop@example.org; empty for none.",
      "+",
    ),
    verify: choice(
      'Whom VRFY and EXPN tell which addresses exist and where aliases lead: "senders" are those who may send anywhere, logged in or trusted.',
      "nobody",
      ["nobody", "senders"],
    ),
  },
  dns: {
    server: resolver(
      'Resolver to ask: "system" for those of /etc/resolv.conf, "off" for none, or HOST:PORT.',
      "system",
    ),
  },
  dkim: {
    sign: flag(
      "Sign what leaves, with keys in the folder dkim of the data folder, made when missing: mail that a user sends as one of the server's domains, and notices. `golub domain dns` prints the records that others check it with.",
      true,
    ),
  },
  relay: {
    networks: networks("Addresses or networks that may send anywhere without login."),
    xclientFrom: networks(
      "Addresses or networks of proxies and filters that may say for which client they speak, logins included (XCLIENT and XFORWARD, as Postfix and nginx know them).",
    ),
  },
  queue: {
    routes: routes(
      'Domains whose mail goes to a fixed host instead of their MX; "*" for all others. A host is HOST:PORT, or a table: host, port; tls ("off", "opportunistic", "required" for any certificate, "verified" for a valid one; port 465 begins with TLS); user with password or passwordFile, for hosts that want a login (given over verified TLS only, unless tls says "required"); fallback = true to use the host only for mail that the domain\'s own servers refused by policy, or that could not reach them. Of several routes the first counts: recipient\'s domain, sender\'s domain, provider, "*".',
      '{ "example.org" = "mx.example.net:25", "*" = { host = "smtp.example.net", port = 587, user = "me", passwordFile = "/etc/golub/relay" } }',
    ),
    senderRoutes: routes(
      "The same by the domain of the envelope's sender.",
      '{ "example.com" = "out.example.net:25" }',
    ),
    providerRoutes: routes(
      "The same by the name of the recipient's mail exchanger: a name, or the end of one from a dot on.",
      '{ "outlook.com" = { host = "smtp.example.net", port = 25, fallback = true } }',
    ),
    retryAfter: durations("Waits before the second, third, … try; the last one repeats.", [
      "5 min",
      "15 min",
      "30 min",
      "1 h",
      "2 h",
      "4 h",
    ]),
    expireAfter: duration(
      "After this a message that could not be delivered goes back to its sender.",
      "5 d",
      {
        from: "1 min",
        to: "30 d",
      },
    ),
    delayNoticeAfter: duration(
      "After this the sender is told once that delivery takes longer.",
      "4 h",
      {
        from: "1 min",
        to: "30 d",
      },
    ),
    connectionsMax: whole("Outbound connections at once.", 50, { from: 1, to: 10_000 }),
    connectionsPerDestinationMax: whole("Outbound connections at once to one domain.", 5, {
      from: 1,
      to: 1_000,
    }),
    tlsVerify: flag("Refuse to send over TLS with an invalid certificate.", false),
    plainPort: whole("Port of other servers; only tests need another.", 25, {
      from: 1,
      to: 65_535,
    }),
  },
  limits: {
    messageSizeMax: size("Largest message accepted.", "50 MiB", { from: "64 KiB", to: "1 GiB" }),
    incomingBytesMax: size(
      "Memory for messages being received, all connections together; more must wait or try later.",
      "256 MiB",
      { from: "1 MiB", to: "64 GiB" },
    ),
    recipientsMax: whole(
      "Recipients of one SMTP transaction (RFC 5321 asks for 100 at least).",
      1_000,
      {
        from: 100,
        to: 100_000,
      },
    ),
    connectionsMax: whole("Connections at once, all protocols together.", 10_000, {
      from: 10,
      to: 1_000_000,
    }),
    connectionsPerAddressMax: whole(
      "Connections at once from one address (loopback is free).",
      100,
      {
        from: 1,
        to: 1_000_000,
      },
    ),
    messagesPerHourMax: whole(
      "Messages that one account may send in an hour; 0 for any number. This and the next three make a stolen password do little harm.",
      500,
      { from: 0, to: 1_000_000 },
    ),
    messagesPerDayMax: whole(
      "Messages that one account may send in a day; 0 for any number.",
      2_000,
      { from: 0, to: 1_000_000 },
    ),
    newRecipientsPerHourMax: whole(
      "Recipients that one account has not written to for half a year, in an hour; 0 for any number.",
      200,
      { from: 0, to: 1_000_000 },
    ),
    newRecipientsPerDayMax: whole("The same in a day; 0 for any number.", 500, {
      from: 0,
      to: 1_000_000,
    }),
    errorsMax: whole("Errors in a row that a session may make before it is ended.", 20, {
      from: 1,
      to: 1_000,
    }),
    hopsMax: whole("Received fields of a message before it counts as looping.", 100, {
      from: 30,
      to: 1_000,
    }),
    quota: size("Space of a new account; 0 B for no limit.", "5 GiB", {
      from: "0 B",
      to: "1024 TiB",
    }),
    diskReserve: size("Free space below which mail is refused for the time being.", "256 MiB", {
      from: "0 B",
      to: "1 TiB",
    }),
  },
  imap: {
    without: texts(
      'IMAP extensions that are not offered, by their capability, like ["UNAUTHENTICATE"] behind a proxy that looks only at the first login of a connection (RFC 8437 §8).',
      [],
    ),
  },
  pop3: {
    onDelete: choice(
      'What becomes of a message that a POP3 program deletes: "delete" removes it (it can be brought back for keep.deleted), "trash" and "archive" move it to that mailbox, where other programs and devices still find it.',
      "delete",
      ["delete", "trash", "archive"],
    ),
    markRead: flag(
      "Whether a message that was fetched by POP3 counts as read in IMAP and on the web.",
      false,
    ),
  },
  timeouts: {
    smtp: duration(
      "Silence in an SMTP session (RFC 5321 §4.5.3.2.7 asks for 5 minutes).",
      "5 min",
      {
        from: "1 s",
        to: "1 h",
      },
    ),
    imap: duration("Silence in an IMAP session (RFC 9051 §5.4 asks for 30 minutes).", "30 min", {
      from: "1 s",
      to: "24 h",
    }),
    pop3: duration("Silence in a POP3 session (RFC 1939 §3 asks for 10 minutes).", "10 min", {
      from: "1 s",
      to: "24 h",
    }),
    login: duration("Silence before login in IMAP, and time for a TLS handshake.", "2 min", {
      from: "1 s",
      to: "1 h",
    }),
  },
  keep: {
    deleted: duration("How long a deleted message can be brought back.", "30 d", {
      from: "0 s",
      to: "3650 d",
    }),
    journeys: duration("How long the journey of a message is kept.", "30 d", {
      from: "1 h",
      to: "3650 d",
    }),
  },
  log: {
    level: choice("How much is logged.", "info", ["error", "warn", "info", "debug"]),
    format: choice("One line of text or of JSON per event.", "text", ["text", "json"]),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Setting<unknown>>>>>;

type Schema = typeof schema;

/** The whole configuration, every value checked. */
export type Config = {
  readonly [Section in keyof Schema]: {
    readonly [Key in keyof Schema[Section]]: ValueOf<Schema[Section][Key]>;
  };
};
