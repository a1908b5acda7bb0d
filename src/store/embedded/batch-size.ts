import type { Batch } from "../batch.ts";
import type { StagedBlob } from "../blobs.ts";
import type { MessageFacts } from "../mail-changes.ts";

/** About how many bytes a batch will add to the database, and whether it brings new mail. */
export function sizeOfBatch(batch: Batch): { readonly bytes: number; readonly isMail: boolean } {
  let bytes = 0;
  let isMail = false;
  for (const change of batch.changes) {
    if (change.kind === "mail.messageAdd") {
      isMail = true;
      const { blob, prefix, facts } = change.message;
      bytes += inlineBytes(blob) + prefix.length + sizeOfFacts(facts);
    } else if (change.kind === "queue.add") {
      isMail = true;
      bytes += inlineBytes(change.blob) + change.message.prefix.length;
    }
  }
  return { bytes, isMail };
}

function inlineBytes(blob: StagedBlob): number {
  return blob.inline?.length ?? 0;
}

function sizeOfFacts(facts: MessageFacts): number {
  const { envelope, bodyStructure, structure, preview, searchHeaders, searchBody } = facts;
  const texts = envelope.length + bodyStructure.length + structure.length + preview.length;
  return texts + searchHeaders.length + searchBody.length;
}
