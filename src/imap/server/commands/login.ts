import { Refusal } from "../../../base/faults.ts";
import { decodeOctets, type Scanner } from "../../grammar/scanner.ts";
import { capabilities } from "../capabilities.ts";
import { defineCommand } from "../command.ts";
import { enterAccount } from "../session.ts";

/** RFC 9051 §6.2.3; longer names and passwords are nobody's. */
const credentialBytesMax = 1024;

export const login = defineCommand({
  verb: "LOGIN",
  rfc: "RFC 9051 §6.2.3",
  phases: ["notAuthenticated"],
  tls: true,
  sequenceNumbers: "mayChange",
  parse: parseLogin,
  async run(session, { name, password }) {
    const { authenticator, guard } = session.services;
    const { address } = session.wire.connection.remote;
    const login = () => authenticator.checkPassword(name, password);
    enterAccount(session, await guard.guard(address, login));
    return { text: "Logged in.", code: `CAPABILITY ${capabilities(session)}` };
  },
});

function parseLogin(scanner: Scanner): { name: string; password: string } {
  const name = scanner.astring("a user name");
  scanner.space();
  const password = scanner.astring("a password");
  scanner.end();
  if (name.length > credentialBytesMax || password.length > credentialBytesMax) {
    throw new Refusal("loginFailed", "Wrong name or password.");
  }
  return { name: decodeOctets(name), password: decodeOctets(password) };
}
