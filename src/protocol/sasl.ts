import { asBuffer } from "../base/bytes.ts";
import { Refusal } from "../base/faults.ts";
import type { Random } from "../base/random.ts";
import type { ScramHash } from "./sasl-keys.ts";
import { loginMechanism } from "./sasl/login.ts";
import { plainMechanism } from "./sasl/plain.ts";
import { scramMechanism } from "./sasl/scram-server.ts";

/** What SCRAM needs of an account (RFC 5802 §3). */
export interface SaslScramSecret {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/**
 * Who knows passwords. The accounts room's Authenticator is one; what a login is, is its affair.
 * Answers take as long for unknown names as for known ones.
 */
export interface SaslAuthority<Login> {
  /** @throws Refusal `loginFailed`, `accountDisabled`, `unavailable`. */
  checkPassword(name: string, password: string): Promise<Login>;
  /** For unknown names a stable invented secret, which nothing proves. */
  findScramSecret(name: string, hash: ScramHash): Promise<SaslScramSecret>;
  /** The login for a name whose proof was right. @throws Refusal as `checkPassword`. */
  confirmLogin(name: string): Promise<Login>;
}

/** What a step of a mechanism leads to. */
export type SaslStep<Login> =
  /** To be sent to the client, whose answer is the next step. */
  | { readonly kind: "challenge"; readonly bytes: Uint8Array }
  | { readonly kind: "done"; readonly login: Login };

/** One exchange of a mechanism, server side. After a refusal or `done` it is over. */
export interface SaslMechanism<Login> {
  /**
   * Takes the client's words, decoded. The first call has the initial response, or undefined when
   * the client sent none (an empty one is not the same, RFC 4422 §4.3.c).
   * @throws Refusal `syntax`, `loginFailed`, and as SaslAuthority does.
   */
  step(response: Uint8Array | undefined): Promise<SaslStep<Login>>;
}

/** What a mechanism may use besides the authority. */
export interface SaslFacts {
  readonly random: Random;
  /** RFC 9266 tls-exporter value of the connection; without it there is no channel binding. */
  readonly exporter?: Uint8Array | undefined;
}

type Start = <Login>(authority: SaslAuthority<Login>, facts: SaslFacts) => SaslMechanism<Login>;

/** Best first, as they are announced. */
const mechanisms: ReadonlyMap<string, { readonly start: Start; readonly needsExporter: boolean }> =
  new Map([
    ["SCRAM-SHA-256-PLUS", { start: scramMechanism("SHA-256", true), needsExporter: true }],
    ["SCRAM-SHA-1-PLUS", { start: scramMechanism("SHA-1", true), needsExporter: true }],
    ["SCRAM-SHA-256", { start: scramMechanism("SHA-256", false), needsExporter: false }],
    ["SCRAM-SHA-1", { start: scramMechanism("SHA-1", false), needsExporter: false }],
    ["PLAIN", { start: plainMechanism, needsExporter: false }],
    ["LOGIN", { start: loginMechanism, needsExporter: false }],
  ]);

/** Longest client response, bytes after decoding (RFC 4954 §4 allows lines of 12,288 bytes). */
export const saslResponseBytesMax = 9_216;

/** Longest base64 line that carries one, bytes without its end. */
export const saslLineBytesMax = 12_288;

/** Names of the mechanisms that a connection may use: none where passwords could be overheard. */
export function mechanismsFor(connection: {
  readonly isPrivate: boolean;
  readonly exporter?: Uint8Array | undefined;
}): readonly string[] {
  if (!connection.isPrivate) return [];
  const hasExporter = connection.exporter !== undefined;
  return [...mechanisms].flatMap(([name, { needsExporter }]) =>
    needsExporter && !hasExporter ? [] : [name],
  );
}

/**
 * Begins an exchange. Whether the mechanism is allowed here, `mechanismsFor` says.
 * @throws Refusal `unsupported`.
 */
export function startMechanism<Login>(
  name: string,
  authority: SaslAuthority<Login>,
  facts: SaslFacts,
): SaslMechanism<Login> {
  const mechanism = mechanisms.get(name.toUpperCase());
  if (mechanism === undefined || (mechanism.needsExporter && facts.exporter === undefined)) {
    throw new Refusal("unsupported", "Authentication mechanism not offered.");
  }
  return mechanism.start(authority, facts);
}

/** What a door gives to have a login done over its lines. */
export interface SaslExchange {
  readonly mechanism: string;
  /** As on the command line: base64, "=" for an empty one; undefined when there is none. */
  readonly initialResponse: string | undefined;
  /** Sends a challenge (base64, may be empty) and reads the line that answers it. */
  readonly ask: (challenge: string) => Promise<string>;
}

/**
 * Runs a whole exchange over lines of base64, as SMTP, IMAP and POP3 have it.
 * @throws Refusal `syntax` also when the client cancels with "*".
 */
export async function authenticate<Login>(
  exchange: SaslExchange,
  authority: SaslAuthority<Login>,
  facts: SaslFacts,
): Promise<Login> {
  const mechanism = startMechanism(exchange.mechanism, authority, facts);
  const { initialResponse } = exchange;
  let response =
    initialResponse === undefined
      ? undefined
      : initialResponse === "="
        ? new Uint8Array(0)
        : parseSaslLine(initialResponse);
  for (;;) {
    const step = await mechanism.step(response);
    if (step.kind === "done") return step.login;
    response = parseSaslLine(await exchange.ask(asBuffer(step.bytes).toString("base64")));
  }
}

/** A line of base64 as bytes. @throws Refusal `syntax` for anything else and for "*". */
export function parseSaslLine(line: string): Uint8Array {
  if (line === "*") throw new Refusal("syntax", "Authentication cancelled.");
  if (line.length > saslLineBytesMax) throw new Refusal("tooLong", "Response too long.");
  if (line.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(line)) {
    throw new Refusal("syntax", "Response is not base64.");
  }
  return Buffer.from(line, "base64");
}
