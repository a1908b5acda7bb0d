import type { JourneyId, ThreadId } from "../../base/ids.ts";
import type { StagedBlob } from "../blobs.ts";
import type { MessageFacts } from "../mail-changes.ts";
import type { MessageFields } from "../mail.ts";

/** A message as an engine that keeps it whole has it. */
export interface KeptMessage {
  readonly blob: Pick<StagedBlob, "hash" | "sizeBytes">;
  readonly prefix: Uint8Array;
  readonly facts: MessageFacts;
  readonly journey?: JourneyId;
  readonly thread: ThreadId;
}

/** How each field that can be asked for comes from a whole message. */
const fieldReaders: {
  readonly [Field in keyof MessageFields]: (message: KeptMessage) => MessageFields[Field];
} = {
  envelope: ({ facts }) => facts.envelope,
  bodyStructure: ({ facts }) => facts.bodyStructure,
  structure: ({ facts }) => facts.structure,
  preview: ({ facts }) => facts.preview,
  body: ({ blob, prefix }) => ({ hash: blob.hash, prefix, bodyBytes: blob.sizeBytes }),
  thread: ({ thread }) => thread,
  messageIdHeader: ({ facts }) => facts.messageIdHeader,
  references: ({ facts }) => facts.references,
  sentAtMs: ({ facts }) => facts.sentAtMs,
  baseSubject: ({ facts }) => facts.baseSubject,
  hasAttachment: ({ facts }) => facts.hasAttachment,
  journey: ({ journey }) => journey,
  search: ({ facts }) => ({ headers: facts.searchHeaders, body: facts.searchBody }),
  searchHeaders: ({ facts }) => facts.searchHeaders,
};

export function pickFields<Field extends keyof MessageFields>(
  message: KeptMessage,
  fields: readonly Field[],
): Pick<MessageFields, Field> {
  const picked: Partial<MessageFields> = {};
  for (const field of fields) setField(picked, field, message);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every asked field was just set
  return picked as Pick<MessageFields, Field>; // every asked field was just set
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- ties the field to its reader
function setField<Field extends keyof MessageFields>(
  picked: Partial<MessageFields>,
  field: Field,
  message: KeptMessage,
): void {
  picked[field] = fieldReaders[field](message);
}
