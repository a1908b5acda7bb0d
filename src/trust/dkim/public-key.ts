import type { KeyObject } from "node:crypto";
import { createPublicKey, hash, verify } from "node:crypto";
import type { Resolver } from "../../net/resolver.ts";
import { dropFolds, parseBase64, parseTagList } from "../grammar/tag-list.ts";

/** A key record (RFC 6376 §3.6.1) that can be used. */
export interface DkimPublicKey {
  readonly type: "rsa" | "ed25519";
  readonly key: KeyObject;
  /** Of the modulus; 256 for Ed25519. */
  readonly bits: number;
  /** `t=y`: the owner is testing. */
  readonly isTesting: boolean;
  /** `t=s`: `i=` must have the very domain of `d=`. */
  readonly isStrict: boolean;
}

export type FoundKeys =
  | { readonly kind: "keys"; readonly keys: readonly DkimPublicKey[] }
  | { readonly kind: "none"; readonly result: KeyResult; readonly problem: string };

export type KeyResult = "temperror" | "permerror" | "policy";

type ParsedKey =
  | { readonly kind: "key"; readonly key: DkimPublicKey }
  | { readonly kind: "unusable"; readonly result: KeyResult; readonly problem: string };

/** RFC 8301 §3.2: at least 1024; and no key that makes verifying dear. */
const rsaBits = { min: 1024, max: 4096 };
const exponentMax = 2n ** 33n;
/** Records looked at where a selector has several (RFC 6376 §3.6.2.2 leaves it open). */
const recordsMax = 4;
const ed25519Prefix = Buffer.from("302a300506032b6570032100", "hex");

/** The keys of a selector, all that fit the type. Never throws. */
export async function findKeys(
  resolver: Resolver,
  selector: string,
  domain: string,
  type: "rsa" | "ed25519",
): Promise<FoundKeys> {
  const name = `${selector}._domainkey.${domain}`;
  const none = (result: KeyResult, problem: string) => ({ kind: "none", result, problem }) as const;
  const answer = await resolver.txt(name);
  if (answer.kind === "none") {
    if (answer.failure === "off") return none("temperror", "DNS is off");
    const isAbsent = answer.failure === "notFound" || answer.failure === "noData";
    if (isAbsent) return none("permerror", "no key for the signature");
    return none("temperror", `DNS gave no key: ${answer.failure}`);
  }
  const parsed = answer.records.slice(0, recordsMax).map((text) => parseKeyRecord(text, type));
  const keys = parsed.flatMap((one) => (one.kind === "key" ? [one.key] : []));
  if (keys.length > 0) return { kind: "keys", keys };
  const [first] = parsed;
  if (first?.kind === "unusable") return none(first.result, first.problem);
  return none("permerror", "no key for the signature");
}

/** Reads one key record (RFC 6376 §3.6.1, RFC 8463 §3). */
export function parseKeyRecord(text: string, type: "rsa" | "ed25519"): ParsedKey {
  const unusable = (problem: string, result: KeyResult = "permerror") =>
    ({ kind: "unusable", result, problem }) as const;
  const list = parseTagList(text);
  if (list === undefined) return unusable("the key record is malformed");
  const has = (tag: string, ...wanted: readonly string[]) => {
    const values = list.get(tag)?.split(":").map(dropFolds);
    return values === undefined || values.some((value) => wanted.includes(value.toLowerCase()));
  };
  if (list.has("v") && (list.get("v") !== "DKIM1" || [...list.keys()][0] !== "v")) {
    return unusable("the key record has another version");
  }
  if ((list.get("k") ?? "rsa").toLowerCase() !== type)
    return unusable("the key is of another type");
  if (!has("h", "sha256")) return unusable("the key is not for SHA-256");
  if (!has("s", "*", "email")) return unusable("the key is not for mail");
  const data = list.get("p");
  if (data === undefined) return unusable("the key record has no key");
  if (dropFolds(data) === "") return unusable("the key was revoked");
  const bytes = parseBase64(data);
  const key = bytes === undefined ? undefined : importKey(bytes, type);
  if (key === undefined) return unusable("the key cannot be read");
  const { modulusLength: bits = 256, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (type === "rsa" && bits < rsaBits.min) return unusable(`the key has ${bits} bits`, "policy");
  if (type === "rsa" && (bits > rsaBits.max || publicExponent > exponentMax)) {
    return unusable("the key is larger than any that is used", "policy");
  }
  const isTesting = list.has("t") && has("t", "y");
  return {
    kind: "key",
    key: { type, key, bits, isTesting, isStrict: list.has("t") && has("t", "s") },
  };
}

/** RSA as SubjectPublicKeyInfo, as all publish it, or as RSAPublicKey, as RFC 6376 §3.6.1 says. */
function importKey(bytes: Uint8Array, type: "rsa" | "ed25519"): KeyObject | undefined {
  const read = (key: Uint8Array, format: "spki" | "pkcs1") => {
    try {
      const found = createPublicKey({ key: Buffer.from(key), format: "der", type: format });
      return found.asymmetricKeyType === type ? found : undefined;
    } catch {
      // OpenSSL says of strangers' bytes that they are no key: that is the answer.
      return undefined;
    }
  };
  if (type === "ed25519") {
    if (bytes.length !== 32) return undefined;
    return read(Buffer.concat([ed25519Prefix, bytes]), "spki");
  }
  return read(bytes, "spki") ?? read(bytes, "pkcs1");
}

/** RFC 6376 §3.3.2, RFC 8463 §3: for Ed25519 the SHA-256 of the data is what is signed. */
export function verifiesWith(key: DkimPublicKey, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    if (key.type === "rsa") return verify("sha256", data, key.key, signature);
    return verify(undefined, hash("sha256", data, "buffer"), key.key, signature);
  } catch {
    // A signature that does not even have the form of one does not fit.
    return false;
  }
}
