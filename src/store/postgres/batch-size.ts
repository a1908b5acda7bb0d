import type { Batch } from "../batch.ts";

/** About how many bytes a batch sends to the database. */
export function sizeOfBatch(batch: Batch): number {
  let bytes = 0;
  for (const change of batch.changes) {
    if (change.kind === "mail.messageAdd") {
      const { blob, prefix, facts } = change.message;
      bytes += (blob.inline?.length ?? 0) + prefix.length;
      bytes += facts.searchBody.length + facts.searchHeaders.length + facts.structure.length;
    } else if (change.kind === "queue.add") {
      bytes += (change.blob.inline?.length ?? 0) + change.message.prefix.length;
    }
  }
  return bytes;
}
