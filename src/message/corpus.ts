import { readdirSync, readFileSync } from "node:fs";

/** A message of the corpus. */
export interface CorpusMessage {
  /** `real/…` or `malformed/…`, without `.eml`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const folder = new URL("corpus/", import.meta.url);

/** All messages of the corpus, for tests of this and other rooms. */
export function readCorpus(): CorpusMessage[] {
  return ["real", "malformed"].flatMap((kind) =>
    readdirSync(new URL(`${kind}/`, folder))
      .filter((file) => file.endsWith(".eml"))
      .toSorted()
      .map((file) => ({
        name: `${kind}/${file.slice(0, -4)}`,
        bytes: new Uint8Array(readFileSync(new URL(`${kind}/${file}`, folder))),
      })),
  );
}

/** Where the expected digest of a message of the corpus lies. */
export function goldenFile(name: string): URL {
  return new URL(`${name}.json`, folder);
}
