import { ConnectionLost, Refusal } from "../../../base/faults.ts";
import { latin1 } from "../../../base/bytes.ts";
import { defineRow } from "../../../protocol/rows.ts";
import { authenticate, saslLineBytesMax } from "../../../protocol/sasl.ts";
import { parseNothing, splitArguments } from "../../grammar/command.ts";
import { logIn } from "../log-in.ts";
import { english } from "../texts/english.ts";
import type { Pop3Session } from "../session.ts";

const phases = ["authorization"];

/** A name is accepted whoever it is: whether it exists only the password tells. */
export const user = defineRow<Pop3Session, string | undefined, string>({
  verb: "USER",
  rfc: "RFC 1939 §7",
  capabilities: ["USER"],
  phases,
  tls: true,
  parse(argument) {
    const name = (argument ?? "").trim();
    if (name === "") throw new Refusal("syntax", "Write USER name.");
    return name;
  },
  run(session, name) {
    session.state = { phase: "authorization", user: name };
    session.ok(session.texts.nowPassword);
  },
});

/** RFC 1939 §7: the argument is everything behind the space, spaces included. */
export const pass = defineRow<Pop3Session, string | undefined, string>({
  verb: "PASS",
  rfc: "RFC 1939 §7",
  phases,
  tls: true,
  parse(argument) {
    if (argument === undefined || argument === "") {
      throw new Refusal("syntax", "Write PASS password.");
    }
    return argument;
  },
  permit(session) {
    if (session.state.phase === "authorization" && session.state.user !== undefined) return;
    return new Refusal("badState", "USER comes first.");
  },
  async run(session, password) {
    if (session.state.phase !== "authorization") return;
    const name = session.state.user ?? "";
    const { authority } = session.services;
    await logIn(session, "PASS", () => authority.checkPassword(name, password));
  },
});

interface AuthArgument {
  /** Undefined asks for the list, as programs from before RFC 5034 do. */
  readonly mechanism: string | undefined;
  readonly initialResponse: string | undefined;
}

export const auth = defineRow<Pop3Session, string | undefined, AuthArgument>({
  verb: "AUTH",
  rfc: "RFC 5034 §4",
  capabilities: ["SASL"],
  phases,
  tls: true,
  parse(argument) {
    const [mechanism, initialResponse] = splitArguments(argument, 2);
    return { mechanism: mechanism?.toUpperCase(), initialResponse };
  },
  permit(session, { mechanism }) {
    if (mechanism === undefined || session.mechanisms.includes(mechanism)) return;
    return new Refusal("unsupported", "That mechanism is not offered.");
  },
  async run(session, { mechanism, initialResponse }) {
    if (mechanism === undefined) {
      const lines = session.mechanisms.map((name) => `${name}\r\n`);
      session.ok(session.texts.mechanisms);
      void session.write(`${lines.join("")}.\r\n`);
      return;
    }
    const { authority, random } = session.services;
    const exporter = session.wire.connection.tls?.exporter;
    const ask = (challenge: string) => askClient(session, challenge);
    await logIn(session, mechanism, () =>
      authenticate({ mechanism, initialResponse, ask }, authority, { random, exporter }),
    );
  },
});

/** RFC 5034 §4: a challenge is "+", a space and base64; the client's line is base64 or "*". */
async function askClient(session: Pop3Session, challenge: string): Promise<string> {
  void session.write(`+ ${challenge}\r\n`);
  const line = await session.wire.readLine({
    bytesMax: saslLineBytesMax + 2,
    timeoutMs: session.services.limits.idleTimeoutMs,
    allowBareLf: true,
  });
  if (line === undefined) throw new ConnectionLost("ended inside AUTH");
  return latin1(line);
}

/**
 * RFC 2595 §4. What was said before TLS does not count after it: name and language are forgotten,
 * and bytes that came with the command in plain text are dropped.
 */
export const stls = defineRow<Pop3Session, string | undefined, void>({
  verb: "STLS",
  rfc: "RFC 2595 §4",
  capabilities: ["STLS"],
  phases,
  endsPipeline: true,
  parse: parseNothing,
  permit(session) {
    if (session.wire.connection.tls !== undefined) {
      return new Refusal("badState", "TLS is active already.");
    }
    if (session.isUtf8) return new Refusal("badState", "STLS comes before UTF8.");
    if (session.services.tls !== undefined) return;
    return new Refusal("unsupported", "TLS is not offered.");
  },
  async run(session) {
    const { tls, limits, log } = session.services;
    if (tls === undefined) return;
    session.state = { phase: "authorization" };
    session.ok(session.texts.beginTls);
    await session.wire.flush();
    const dropped = session.wire.dropInput();
    if (dropped > 0) {
      log.write("warn", "pop3.plaintextDropped", { session: session.id, bytes: dropped });
    }
    session.texts = english;
    await session.wire.connection.startTlsServer(tls, limits.handshakeTimeoutMs);
  },
});

/**
 * RFC 6856 §2. Deviates: RFC 6856 §1 wants messages with raw UTF-8 in headers kept from clients
 * that did not ask for it. They are sent as they are: such headers came long before the standard,
 * clients show them, and a message that cannot be fetched would block its mailbox.
 */
export const utf8 = defineRow<Pop3Session, string | undefined, void>({
  verb: "UTF8",
  rfc: "RFC 6856 §2",
  capabilities: ["UTF8 USER"],
  phases,
  parse: parseNothing,
  run(session) {
    session.isUtf8 = true;
    session.ok(session.texts.utf8);
  },
});
