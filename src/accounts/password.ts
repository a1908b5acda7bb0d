import { argon2, createHmac, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { Clock } from "../base/clock.ts";
import { Refusal } from "../base/faults.ts";
import type { Random } from "../base/random.ts";
import { deriveScramKeys } from "../protocol/sasl-keys.ts";
import type { Secret } from "../store/directory.ts";
import type { ScramHash, ScramSecret } from "./accounts.ts";
import { createTurns } from "./hash-turns.ts";
import type { ScramVerifier, SecretData } from "./secret-text.ts";
import { formatSecret, parseSecret } from "./secret-text.ts";

/** How much work a guess costs whoever has stolen the verifiers. */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly scramIterations: number;
}

/**
 * OWASP's second choice for argon2id (19 MiB, two passes, one lane): 41 ms. SCRAM's iterations are
 * paid by the client at each login, on a phone too, so they are few (RFC 7677 §4: at least 4,096).
 */
export const defaultPasswordCost: PasswordCost = {
  memoryKib: 19 * 1024,
  passes: 2,
  scramIterations: 16_384,
};

export interface PasswordOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Lower in tests; stored with each secret, so that old ones stay valid when it changes. */
  readonly cost?: PasswordCost;
}

/** Makes and checks the secrets of accounts. */
export interface Passwords {
  /** @throws Refusal `syntax` for a password that cannot be used, `unavailable`. */
  createSecret(password: string): Promise<Secret>;
  /**
   * Whether the password is right. Without a secret (unknown name) it costs the same and is not.
   * @throws Refusal `unavailable` when too many wait for their turn.
   */
  verify(secret: Secret | undefined, password: string): Promise<boolean>;
  /** What SCRAM needs, undefined when the secret has none for this hash. */
  findScram(secret: Secret, hash: ScramHash): ScramSecret | undefined;
  /** A secret that looks real, is always the same for a name, and that nothing proves. */
  inventScram(name: string, hash: ScramHash): ScramSecret;
}

/** Longest password, bytes. */
export const passwordBytesMax = 1_024;
/** How long a good password is remembered in memory as a keyed hash, milliseconds. */
const goodForMs = 300_000;
const goodCountMax = 10_000;
const saltBytes = 16;
const tagBytes = 32;

const hashArgon2 = promisify(argon2);

export function createPasswords(options: PasswordOptions): Passwords {
  const { clock, random, cost = defaultPasswordCost } = options;
  const processKey = Uint8Array.from(random.bytes(32));
  const turns = createTurns(clock);
  /** Keyed hash of secret and password → until when it counts. Oldest first. */
  const good = new Map<string, number>();
  /** Checks under way: the same question at the same time costs one hash. */
  const pending = new Map<string, Promise<boolean>>();
  const nobody: SecretData["argon2id"] = {
    memoryKib: cost.memoryKib,
    passes: cost.passes,
    salt: random.bytes(saltBytes),
    tag: random.bytes(tagBytes),
  };

  const keyed = (text: string): Buffer => createHmac("sha256", processKey).update(text).digest();

  const hash = (password: string, data: Omit<SecretData["argon2id"], "tag">): Promise<Buffer> =>
    turns.run(() =>
      hashArgon2("argon2id", {
        message: Buffer.from(password, "utf8"),
        nonce: data.salt,
        parallelism: 1,
        tagLength: tagBytes,
        memory: data.memoryKib,
        passes: data.passes,
      }),
    );

  const check = async (secret: Secret | undefined, password: string): Promise<boolean> => {
    const data = secret === undefined ? nobody : parseSecret(secret).argon2id;
    const tag = await hash(password, data);
    return timingSafeEqual(tag, data.tag) && secret !== undefined;
  };

  const remember = (key: string): void => {
    good.delete(key);
    good.set(key, clock.monotonicMs() + goodForMs);
    for (const oldest of good.keys()) {
      if (good.size <= goodCountMax) break;
      good.delete(oldest);
    }
  };

  return {
    async createSecret(text) {
      const password = preparePassword(text);
      refuseUnusable(password);
      const salt = random.bytes(saltBytes);
      const { memoryKib, passes, scramIterations: iterations } = cost;
      const tag = await hash(password, { memoryKib, passes, salt });
      const scram = async (name: ScramHash): Promise<ScramVerifier> => {
        const ownSalt = random.bytes(saltBytes);
        const keys = await turns.run(() => deriveScramKeys(name, password, ownSalt, iterations));
        const { storedKey, serverKey } = keys;
        return { salt: ownSalt, iterations, storedKey, serverKey };
      };
      const verifiers = { "SHA-1": await scram("SHA-1"), "SHA-256": await scram("SHA-256") };
      return formatSecret({ argon2id: { memoryKib, passes, salt, tag }, scram: verifiers });
    },
    async verify(secret, text) {
      const password = preparePassword(text);
      // The secret is part of the key, so that a changed password is forgotten at once.
      const key = keyed(`${secret ?? ""}\0${password}`).toString("base64");
      const goodUntilMs = good.get(key);
      if (goodUntilMs !== undefined && goodUntilMs > clock.monotonicMs()) return true;
      const running = pending.get(key);
      if (running !== undefined) return running;
      const checking = check(secret, password);
      pending.set(key, checking);
      try {
        const isRight = await checking;
        if (isRight) remember(key);
        return isRight;
      } finally {
        pending.delete(key);
      }
    },
    findScram: (secret, name) => parseSecret(secret).scram[name],
    inventScram(name, scramHash) {
      const bytes = scramHash === "SHA-1" ? 20 : 32;
      return {
        salt: keyed(`salt\0${scramHash}\0${name}`).subarray(0, saltBytes),
        iterations: cost.scramIterations,
        storedKey: keyed(`stored\0${scramHash}\0${name}`).subarray(0, bytes),
        serverKey: keyed(`server\0${scramHash}\0${name}`).subarray(0, bytes),
      };
    },
  };
}

/** RFC 8265 §4.2.2 (OpaqueString): other spaces become U+0020, then NFC. */
function preparePassword(text: string): string {
  return text.replace(/\p{Zs}/gu, " ").normalize("NFC");
}

function refuseUnusable(password: string): void {
  if (password === "")
    throw new Refusal("syntax", "The password is empty: give at least one character.");
  if (/\p{Cc}/u.test(password)) {
    throw new Refusal("syntax", "The password has a control character (such as a line end) in it.");
  }
  if (Buffer.byteLength(password) > passwordBytesMax) {
    throw new Refusal("tooLong", `The password is longer than ${passwordBytesMax} bytes.`);
  }
}
