import { concat, fromUtf8, utf8 } from "../base/bytes.ts";
import { Refusal } from "../base/faults.ts";
import type { Random } from "../base/random.ts";
import { randomName } from "../base/random.ts";
import type { ScramHash } from "./sasl-keys.ts";
import { deriveScramKeys, saslPrep, scramHmac } from "./sasl-keys.ts";
import * as scram from "./sasl/scram.ts";

/** What a client proves itself with. */
export interface SaslCredentials {
  readonly name: string;
  readonly password: string;
}

/** One exchange of a mechanism, client side. */
export interface SaslClient {
  /** Mechanism's name as sent. */
  readonly name: string;
  /** The initial response; undefined for mechanisms in which the server speaks first. */
  readonly initial: Uint8Array | undefined;
  /** Answers a challenge. @throws Refusal `loginFailed` when the server cannot prove itself. */
  respond(challenge: Uint8Array): Promise<Uint8Array>;
  /** Whether the server has proven itself, or the mechanism has no such proof. */
  readonly isServerTrusted: boolean;
}

/** Iterations that a server may demand of us: more is an attack on our time. */
const iterationsMax = 1_000_000;
/** RFC 7677 §4: fewer make guessing too cheap for whoever plays the server. */
const iterationsMin = 4_096;

const empty = new Uint8Array(0);

/**
 * Begins the best mechanism of those that a server offers and we know.
 * @throws Refusal `unsupported` when there is none.
 */
export function startSaslClient(
  offered: readonly string[],
  credentials: SaslCredentials,
  facts: { readonly random: Random; readonly exporter?: Uint8Array | undefined },
): SaslClient {
  const names = new Set(offered.map((name) => name.toUpperCase()));
  const { random, exporter } = facts;
  if (names.has("SCRAM-SHA-256-PLUS") && exporter !== undefined) {
    return scramClient(credentials, { hash: "SHA-256", random, exporter });
  }
  if (names.has("SCRAM-SHA-256")) return scramClient(credentials, { hash: "SHA-256", random });
  if (names.has("SCRAM-SHA-1")) return scramClient(credentials, { hash: "SHA-1", random });
  if (names.has("PLAIN")) return plainClient(credentials);
  if (names.has("LOGIN")) return loginClient(credentials);
  throw new Refusal("unsupported", "The server offers no way to log in that we know.");
}

/** RFC 4616. */
export function plainClient({ name, password }: SaslCredentials): SaslClient {
  return {
    name: "PLAIN",
    initial: fromUtf8(`\0${name}\0${password}`),
    isServerTrusted: true,
    respond: async () => empty,
  };
}

/** Name, then password, whatever the server calls them. */
export function loginClient({ name, password }: SaslCredentials): SaslClient {
  const answers = [name, password];
  return {
    name: "LOGIN",
    initial: undefined,
    isServerTrusted: true,
    respond: async () => fromUtf8(answers.shift() ?? ""),
  };
}

export interface ScramClientOptions {
  readonly hash: ScramHash;
  readonly random: Random;
  /** Makes it the -PLUS variant, bound to the TLS connection (RFC 9266). */
  readonly exporter?: Uint8Array;
  /** The client's nonce, for test vectors. */
  readonly nonce?: string;
}

/** RFC 5802 §3 and RFC 7677, client side. */
export function scramClient(credentials: SaslCredentials, options: ScramClientOptions): SaslClient {
  const { hash, random, exporter } = options;
  const nonce = options.nonce ?? randomName(random, 24);
  const gs2Header = exporter === undefined ? "n,," : `p=${scram.channelBindingName},,`;
  const bare = `n=${scram.encodeName(saslPrep(credentials.name))},r=${nonce}`;
  const channel = concat([Buffer.from(gs2Header), exporter ?? empty]);
  let expected: Buffer | undefined;
  let isServerTrusted = false;

  const prove = async (serverFirst: string): Promise<Uint8Array> => {
    const [both = "", salt = "", count = ""] = scram.parseAttributes(serverFirst, "rsi");
    const iterations = /^\d{1,7}$/.test(count) ? Number(count) : 0;
    if (!both.startsWith(nonce) || both === nonce) throw scram.malformed();
    if (iterations < iterationsMin || iterations > iterationsMax) {
      throw new Refusal("loginFailed", "The server asks for an unsafe number of iterations.");
    }
    const keys = await deriveScramKeys(
      hash,
      credentials.password,
      Buffer.from(salt, "base64"),
      iterations,
    );
    const withoutProof = `c=${Buffer.from(channel).toString("base64")},r=${both}`;
    const authMessage = `${bare},${serverFirst},${withoutProof}`;
    const proof = scram.xor(keys.clientKey, scramHmac(hash, keys.storedKey, authMessage));
    expected = scramHmac(hash, keys.serverKey, authMessage);
    return fromUtf8(`${withoutProof},p=${Buffer.from(proof).toString("base64")}`);
  };

  return {
    name: `SCRAM-${hash}${exporter === undefined ? "" : "-PLUS"}`,
    initial: fromUtf8(gs2Header + bare),
    get isServerTrusted() {
      return isServerTrusted;
    },
    async respond(challenge) {
      const message = utf8(challenge);
      if (expected === undefined) return prove(message);
      const signature = message.startsWith("v=") ? Buffer.from(message.slice(2), "base64") : empty;
      if (!scram.isEqual(signature, expected)) {
        throw new Refusal("loginFailed", "The server could not prove that it knows the password.");
      }
      isServerTrusted = true;
      return empty;
    },
  };
}
