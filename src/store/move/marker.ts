import type { DumpChunk, DumpCursor } from "./dump.ts";

/** How much was copied, for the progress shown. */
export interface MoveWork {
  readonly accounts: number;
  /** Those still retained counted too. */
  readonly messages: number;
  readonly bodies: number;
  readonly bodyBytes: number;
}

/** What the target keeps of an unfinished move. */
export interface MoveMarker {
  /** Of the source as the move began (see `DumpSource.fingerprint`). */
  readonly fingerprint: string;
  /** Where the export goes on; absent before the first chunk. */
  readonly cursor?: DumpCursor;
  readonly done: MoveWork;
}

/** Changes with the meaning of records and cursors: a move goes on only under its own version. */
const version = 1;

export const noWork: MoveWork = { accounts: 0, messages: 0, bodies: 0, bodyBytes: 0 };

/** `done` with a chunk more. */
export function addWork(done: MoveWork, chunk: DumpChunk): MoveWork {
  let { accounts, messages, bodies, bodyBytes } = done;
  for (const record of chunk.records) {
    if (record.kind === "account") accounts++;
    else if (record.kind === "message") messages++;
    else if (record.kind === "body") {
      bodies++;
      bodyBytes += record.sizeBytes;
    }
  }
  return { accounts, messages, bodies, bodyBytes };
}

export function formatMarker(marker: MoveMarker): string {
  return JSON.stringify({ version, ...marker });
}

/** The marker that `formatMarker` wrote; undefined for one of another version of the program. */
export function parseMarker(text: string): MoveMarker | undefined {
  const parsed: MoveMarker & { readonly version: number } = JSON.parse(text);
  const { version: written, ...marker } = parsed;
  return written === version ? marker : undefined;
}
