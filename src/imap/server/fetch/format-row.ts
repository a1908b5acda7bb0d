import { assert } from "../../../base/assert.ts";
import { formatBodyStructure } from "../../../message/body-structure.ts";
import type { MessageStructure } from "../../../message/structure.ts";
import type { View } from "../../../mailbox/view.ts";
import type { MessageFields } from "../../../store/mail.ts";
import { dateTimeFormatter } from "../../grammar/dates.ts";
import type { SimpleItem } from "../../grammar/fetch-attributes.ts";
import { formatText } from "../../grammar/strings.ts";
import { flagWords } from "../flag-words.ts";

/** The fields that were read for a message, as far as the plan asked for them. */
export type FetchedFields = Partial<MessageFields>;

/** "NAME value" of one item for one row. */
type RowFormat = (row: number, fields: FetchedFields) => string;

/** RFC 8970 §3: at most 256 characters; longer previews end at a whole character. */
const previewCharsMax = 256;

/** Formats a row's simple items, separated by spaces; good until the view's next sync. */
export function rowFormatter(view: View, items: readonly SimpleItem[]): RowFormat {
  const formats = items.map((item) => formatOf(view, item));
  const [first, second, third] = formats;
  if (first === undefined) return () => "";
  if (second === undefined) return first;
  if (third === undefined) return (row, fields) => `${first(row, fields)} ${second(row, fields)}`;
  return (row, fields) => {
    let text = first(row, fields);
    for (let at = 1; at < formats.length; at++) text += ` ${formats[at]?.(row, fields)}`;
    return text;
  };
}

function formatOf(view: View, item: SimpleItem): RowFormat {
  const { columns } = view;
  switch (item) {
    case "UID":
      return (row) => `UID ${columns.uids[row]}`;
    case "FLAGS": {
      const words = flagWords(view);
      return (row) => `FLAGS (${words(row)})`;
    }
    case "INTERNALDATE": {
      const format = dateTimeFormatter();
      return (row) => `INTERNALDATE ${format(columns.internalDatesMs[row] ?? 0)}`;
    }
    case "SAVEDATE": {
      const format = dateTimeFormatter();
      return (row) => `SAVEDATE ${format(columns.savedAtMs[row] ?? 0)}`;
    }
    case "RFC822.SIZE":
      return (row) => `RFC822.SIZE ${columns.sizes[row]}`;
    case "MODSEQ":
      return (row) => `MODSEQ (${columns.modSeqs[row]})`;
    case "EMAILID":
      return (row) => `EMAILID (M${columns.messageIds[row]})`;
    case "THREADID":
      return (_, { thread }) => `THREADID (T${thread})`;
    case "ENVELOPE":
      return (_, { envelope }) => `ENVELOPE ${envelope}`;
    case "BODYSTRUCTURE":
      return (_, { bodyStructure }) => `BODYSTRUCTURE ${bodyStructure}`;
    case "BODY":
      return (_, { structure }) => `BODY ${formatBodyStructure(parseStructure(structure), false)}`;
    case "PREVIEW":
      return (_, { preview }) => `PREVIEW ${formatText(shorten(preview ?? ""))}`;
  }
}

/** Reads back what the message room wrote when the message arrived. */
export function parseStructure(json: string | undefined): MessageStructure {
  assert(json !== undefined, "the structure was asked for");
  const structure: MessageStructure = JSON.parse(json);
  return structure;
}

function shorten(text: string): string {
  return text.length <= previewCharsMax ? text : [...text].slice(0, previewCharsMax).join("");
}
