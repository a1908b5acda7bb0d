import { createHash, createHmac, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";

/** The hashes of SCRAM-SHA-1 (RFC 5802) and SCRAM-SHA-256 (RFC 7677). */
export type ScramHash = "SHA-1" | "SHA-256";

/** Names of the hashes in node:crypto, and their length, bytes. */
const nodeHash = { "SHA-1": "sha1", "SHA-256": "sha256" } as const;
const hashBytes = { "SHA-1": 20, "SHA-256": 32 } as const;

/** What a password becomes: only the client may know the first, a server keeps the others. */
export interface ScramKeys {
  readonly clientKey: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

const derive = promisify(pbkdf2);

/** RFC 5802 §3. The work is done on one of the system's threads. */
export async function deriveScramKeys(
  hash: ScramHash,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<ScramKeys> {
  const length = hashBytes[hash];
  const salted = await derive(saslPrep(password), salt, iterations, length, nodeHash[hash]);
  const clientKey = scramHmac(hash, salted, "Client Key");
  return {
    clientKey,
    storedKey: scramDigest(hash, clientKey),
    serverKey: scramHmac(hash, salted, "Server Key"),
  };
}

export function scramHmac(hash: ScramHash, key: Uint8Array, text: string): Buffer {
  return createHmac(nodeHash[hash], key).update(text, "utf8").digest();
}

export function scramDigest(hash: ScramHash, bytes: Uint8Array): Buffer {
  return createHash(nodeHash[hash]).update(bytes).digest();
}

/**
 * SASLprep (RFC 4013 §2) without its tables of unassigned and bidirectional characters: spaces become
 * U+0020, characters "commonly mapped to nothing" vanish, then NFKC. This is what a SCRAM client
 * does to the password before hashing it, so verifiers are made of the same.
 */
export function saslPrep(text: string): string {
  return text.replace(otherSpaces, " ").replace(mappedToNothing, "").normalize("NFKC");
}

/** RFC 3454 §C.1.2. */
const otherSpaces = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;
/** RFC 3454 §B.1. */
const mappedToNothing =
  /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;
