import { assert } from "../base/assert.ts";
import type { Secret } from "../store/directory.ts";
import type { ScramHash } from "./accounts.ts";

/** What a server keeps of a password for SCRAM: the same as ScramSecret, kept. */
export interface ScramVerifier {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** All that is kept of a password. */
export interface SecretData {
  readonly argon2id: {
    readonly memoryKib: number;
    readonly passes: number;
    readonly salt: Uint8Array;
    readonly tag: Uint8Array;
  };
  readonly scram: Partial<Readonly<Record<ScramHash, ScramVerifier>>>;
}

/** A device's own password, kept with that of its account. */
export interface DeviceSecret {
  /** Lower case, unique in its account. */
  readonly name: string;
  /** Beginning of its password, unique in its account. */
  readonly id: string;
  readonly createdAtMs: number;
  /** As of an account. */
  readonly secret: Secret;
}

/** Version of the text; another form gets another number, and this one stays readable. */
const version = 1;

/** As JSON with bytes in base64. */
export function formatSecret({ argon2id, scram }: SecretData): Secret {
  return JSON.stringify({
    version,
    argon2id: {
      memoryKib: argon2id.memoryKib,
      passes: argon2id.passes,
      salt: base64(argon2id.salt),
      tag: base64(argon2id.tag),
    },
    scram: Object.fromEntries(Object.entries(scram).map(([hash, it]) => [hash, packed(it)])),
  });
}

/** @throws InvariantError: the store holds a secret that we did not write. */
export function parseSecret(secret: Secret): SecretData {
  const text: unknown = parseJson(secret);
  assert(numberIn(text, "version") === version, "a secret of a known version");
  const argon2id = fieldOf(text, "argon2id");
  const sha1 = unpacked(fieldOf(fieldOf(text, "scram"), "SHA-1"));
  const sha256 = unpacked(fieldOf(fieldOf(text, "scram"), "SHA-256"));
  return {
    argon2id: {
      memoryKib: numberIn(argon2id, "memoryKib"),
      passes: numberIn(argon2id, "passes"),
      salt: bytesIn(argon2id, "salt"),
      tag: bytesIn(argon2id, "tag"),
    },
    scram: {
      ...(sha1 === undefined ? {} : { "SHA-1": sha1 }),
      ...(sha256 === undefined ? {} : { "SHA-256": sha256 }),
    },
  };
}

/** The devices that have passwords; none for a text that is not ours. */
export function findDevices(secret: Secret): readonly DeviceSecret[] {
  const devices = fieldOf(parseJson(secret), "devices");
  if (!Array.isArray(devices)) return [];
  return devices.map((device: unknown) => ({
    name: textIn(device, "name"),
    id: textIn(device, "id"),
    createdAtMs: numberIn(device, "createdAtMs"),
    secret: textIn(device, "secret"),
  }));
}

/** The same proof of the account's password with other devices. */
export function withDevices(secret: Secret, devices: readonly DeviceSecret[]): Secret {
  if (devices.length === 0 && findDevices(secret).length === 0) return secret;
  const text = parseJson(secret);
  assert(typeof text === "object" && text !== null, "a secret that can have devices");
  return JSON.stringify({ ...text, devices: devices.length === 0 ? undefined : devices });
}

function packed({ salt, iterations, storedKey, serverKey }: ScramVerifier) {
  return {
    salt: base64(salt),
    iterations,
    storedKey: base64(storedKey),
    serverKey: base64(serverKey),
  };
}

function unpacked(value: unknown): ScramVerifier | undefined {
  if (value === undefined) return undefined;
  return {
    salt: bytesIn(value, "salt"),
    iterations: numberIn(value, "iterations"),
    storedKey: bytesIn(value, "storedKey"),
    serverKey: bytesIn(value, "serverKey"),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The text is secret: the parser's words, which quote it, must not reach a log.
    return undefined;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function numberIn(value: unknown, name: string): number {
  const field = fieldOf(value, name);
  assert(typeof field === "number", `a secret with the number ${name}`);
  return field;
}

function textIn(value: unknown, name: string): string {
  const field = fieldOf(value, name);
  assert(typeof field === "string", `a secret with the text ${name}`);
  return field;
}

function bytesIn(value: unknown, name: string): Uint8Array {
  return Buffer.from(textIn(value, name), "base64");
}
