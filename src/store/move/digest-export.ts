import { type Hash, createHash, hash } from "node:crypto";
import { Refusal } from "../../base/faults.ts";
import { canonicalText } from "./canonical-text.ts";
import type { DumpBody, DumpChunk, DumpKind, DumpRecord } from "./dump.ts";

/** A part of a store that is compared as one: what belongs to no account, or an account. */
export interface ScopeDigest {
  /** "the directory", "account ana@example.org", … as the person reads it. */
  readonly scope: string;
  readonly counts: ReadonlyMap<DumpKind, number>;
  /** SHA-256 over the canonical form of all its records but bodies, hexadecimal. */
  readonly hash: string;
}

/** Kinds whose records come in an order that each engine chooses. */
const unorderedKinds: ReadonlySet<DumpKind> = new Set<DumpKind>(["batchKey"]);

const pendingCharsMax = 65_536;
const directoryScope = "the directory";
const lastScope = "queue, journeys and small state";

/**
 * Digests an export as it streams, scope by scope in their order. Bodies are examined where they
 * carry bytes, and belong to the scope that they come in only by their number.
 * @throws Refusal `unavailable` when a body is not what its name says.
 */
export async function* digestExport(
  chunks: AsyncIterable<DumpChunk>,
  onChunk: (chunk: DumpChunk) => void = () => undefined,
): AsyncIterable<ScopeDigest> {
  const digester = new ExportDigester();
  for await (const chunk of chunks) {
    yield* digester.add(chunk);
    onChunk(chunk);
  }
  yield digester.finish();
}

/** Digests an export that somebody else reads. */
export class ExportDigester {
  #scope = new ScopeDigester(directoryScope);

  /**
   * Returns the scopes that ended in the chunk.
   * @throws Refusal `unavailable` when a body is not what its name says.
   */
  add(chunk: DumpChunk): readonly ScopeDigest[] {
    const ended: ScopeDigest[] = [];
    for (const record of chunk.records) {
      const scope = scopeOf(record, this.#scope.scope);
      if (scope !== this.#scope.scope) {
        ended.push(this.#scope.finish());
        this.#scope = new ScopeDigester(scope);
      }
      this.#scope.add(record);
    }
    return ended;
  }

  /** The last scope. */
  finish(): ScopeDigest {
    return this.#scope.finish();
  }
}

/** @throws Refusal `unavailable` when the bytes are not those of the name. */
function checkBody({ hash: name, sizeBytes, parts }: DumpBody): void {
  const digest = createHash("sha256");
  let bytes = 0;
  for (const part of parts) {
    digest.update(part);
    bytes += part.length;
  }
  if (bytes === sizeBytes && digest.digest("hex") === name) return;
  throw new Refusal("unavailable", `The message body ${name} is damaged.`);
}

function scopeOf(record: DumpRecord, current: string): string {
  switch (record.kind) {
    case "account":
      return `account ${record.record.address}`;
    case "queue":
    case "journey":
    case "batchKey":
    case "keyed":
      return lastScope;
    default:
      return current;
  }
}

class ScopeDigester {
  readonly scope: string;
  readonly #counts = new Map<DumpKind, number>();
  readonly #ordered: Hash = createHash("sha256");
  /** Text that is not hashed yet: many small calls would cost more than the hashing. */
  #pending = "";
  /** Sums of eight words of each unordered record's hash: the same in any order. */
  readonly #unordered = new Uint32Array(8);

  constructor(scope: string) {
    this.scope = scope;
  }

  add(record: DumpRecord): void {
    this.#counts.set(record.kind, (this.#counts.get(record.kind) ?? 0) + 1);
    if (record.kind === "body") {
      if (record.parts.length > 0 || record.sizeBytes === 0) checkBody(record);
      return;
    }
    const text = `${canonicalText(record)}\n`;
    if (unorderedKinds.has(record.kind)) return this.#addUnordered(text);
    this.#pending += text;
    if (this.#pending.length >= pendingCharsMax) this.#flush();
  }

  finish(): ScopeDigest {
    this.#flush();
    this.#ordered.update(this.#unordered);
    return { scope: this.scope, counts: this.#counts, hash: this.#ordered.digest("hex") };
  }

  #flush(): void {
    this.#ordered.update(this.#pending);
    this.#pending = "";
  }

  #addUnordered(text: string): void {
    const words = hash("sha256", text, "buffer");
    for (let word = 0; word < 8; word++) {
      this.#unordered[word] = (this.#unordered[word] ?? 0) + words.readUInt32LE(word * 4);
    }
  }
}
