import { Refusal } from "../../../base/faults.ts";
import type { Scanner } from "../../grammar/scanner.ts";
import { quote } from "../../grammar/strings.ts";
import { capabilities } from "../capabilities.ts";
import { anyPhase, defineCommand, parseNothing } from "../command.ts";
import { sayBye, tagged, untagged } from "../replies.ts";
import { leaveAccount } from "../session.ts";

export const capability = defineCommand({
  verb: "CAPABILITY",
  rfc: "RFC 9051 §6.1.1",
  phases: anyPhase,
  sequenceNumbers: "mayChange",
  parse: parseNothing,
  run(session) {
    untagged(session, `CAPABILITY ${capabilities(session)}`);
    return { text: "That is what I can do." };
  },
});

export const noop = defineCommand({
  verb: "NOOP",
  rfc: "RFC 9051 §6.1.2",
  phases: anyPhase,
  sequenceNumbers: "mayChange",
  parse: parseNothing,
  run: () => ({ text: "Nothing done." }),
});

export const logout = defineCommand({
  verb: "LOGOUT",
  rfc: "RFC 9051 §6.1.3",
  phases: anyPhase,
  sequenceNumbers: "mayChange",
  parse: parseNothing,
  run(session) {
    leaveAccount(session);
    sayBye(session, "Goodbye.");
    return { text: "Logged out." };
  },
});

/** RFC 2971 §3.3: at most 30 pairs; names up to 30 bytes, values up to 1024. */
const idPairsMax = 30;

export const id = defineCommand({
  verb: "ID",
  rfc: "RFC 2971 §3.1",
  phases: anyPhase,
  capabilities: ["ID"],
  sequenceNumbers: "mayChange",
  parse: parseId,
  run(session, client) {
    const facts = [...client].map(([name, value]) => `${name}=${value}`).join(" ");
    session.services.log.write("debug", "imap.clientId", { client: facts.slice(0, 500) });
    untagged(session, `ID ("name" ${quote("Golub")})`);
    return { text: "Pleased to meet you." };
  },
});

function parseId(scanner: Scanner): ReadonlyMap<string, string> {
  const client = new Map<string, string>();
  if (!scanner.skip("NIL")) {
    scanner.list(
      () => {
        const name = scanner.string("a field name");
        scanner.space();
        const value = scanner.nstring("a field value");
        if (name.length > 30 || (value ?? "").length > 1024) throw scanner.error("Field too long.");
        client.set(name.toLowerCase(), value ?? "");
      },
      { allowEmpty: true, itemsMax: idPairsMax },
    );
  }
  scanner.end();
  return client;
}

export const startTls = defineCommand({
  verb: "STARTTLS",
  rfc: "RFC 9051 §6.2.1",
  phases: ["notAuthenticated"],
  sequenceNumbers: "mayChange",
  parse: parseNothing,
  permit(session) {
    if (session.services.tls === undefined) return new Refusal("unsupported", "No TLS here.");
    return session.wire.connection.tls === undefined
      ? undefined
      : new Refusal("badState", "TLS is on already.");
  },
  async run(session) {
    const { wire, services } = session;
    if (services.tls === undefined) throw new Refusal("unsupported", "No TLS here.");
    // What came behind STARTTLS was said without TLS: it must not count after it (RFC 9051 §11.1).
    const droppedBytes = wire.dropInput();
    if (droppedBytes > 0) {
      const { address } = wire.connection.remote;
      services.log.write("warn", "imap.plainTextBeforeTls", { address, droppedBytes });
    }
    tagged(session, "OK", { text: "Begin TLS now." });
    await wire.flush();
    await wire.connection.startTlsServer(services.tls, services.limits.tlsTimeoutMs);
    return undefined;
  },
});
