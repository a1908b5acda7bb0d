import { latin1 } from "../../../base/bytes.ts";
import { ConnectionLost, Refusal } from "../../../base/faults.ts";
import { authenticate as runSasl, saslLineBytesMax } from "../../../protocol/sasl.ts";
import type { Scanner } from "../../grammar/scanner.ts";
import { capabilities, mechanismNames } from "../capabilities.ts";
import { defineCommand } from "../command.ts";
import { say } from "../replies.ts";
import { enterAccount, type Session } from "../session.ts";

interface AuthenticateArguments {
  readonly mechanism: string;
  readonly initialResponse: string | undefined;
}

/** RFC 9051 §6.2.2, with initial response (SASL-IR, RFC 4959 §3). */
export const authenticate = defineCommand<AuthenticateArguments>({
  verb: "AUTHENTICATE",
  rfc: "RFC 9051 §6.2.2",
  phases: ["notAuthenticated"],
  tls: true,
  capabilities: ["SASL-IR"],
  sequenceNumbers: "mayChange",
  parse: parseAuthenticate,
  permit(session, { mechanism }) {
    return mechanismNames(session).includes(mechanism)
      ? undefined
      : new Refusal("notPermitted", "This mechanism is not offered.");
  },
  async run(session, { mechanism, initialResponse }) {
    const { authenticator, random, guard } = session.services;
    const { address } = session.wire.connection.remote;
    const exporter = session.wire.connection.tls?.exporter;
    const exchange = {
      mechanism,
      initialResponse,
      ask: (challenge: string) => ask(session, challenge),
    };
    const login = await guard.guard(address, () =>
      runSasl(exchange, authenticator, { random, exporter }),
    );
    enterAccount(session, login);
    return { text: "Logged in.", code: `CAPABILITY ${capabilities(session)}` };
  },
});

function parseAuthenticate(scanner: Scanner): AuthenticateArguments {
  const mechanism = scanner.keyword("a mechanism");
  const initialResponse = scanner.skip(" ") ? scanner.text.slice(scanner.at) : undefined;
  return { mechanism, initialResponse };
}

async function ask(session: Session, challenge: string): Promise<string> {
  const { wire, services } = session;
  say(session, `+ ${challenge}\r\n`);
  const line = await wire.readLine({
    bytesMax: saslLineBytesMax + 2,
    timeoutMs: services.limits.loginTimeoutMs,
    allowBareLf: true,
  });
  if (line === undefined) throw new ConnectionLost("ended while logging in");
  return latin1(line);
}
