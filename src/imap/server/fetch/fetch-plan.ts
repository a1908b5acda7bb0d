import type { MessageFields } from "../../../store/mail.ts";
import type { FetchItem, SimpleItem } from "../../grammar/fetch-attributes.ts";

/** An item that is answered with bytes of the message. */
export type BodyItem = Exclude<FetchItem, { readonly kind: "simple" }>;

/** What answering a FETCH needs, found once for all its messages. */
export interface FetchPlan {
  readonly simple: readonly SimpleItem[];
  readonly bodies: readonly BodyItem[];
  /** Columns of the store to read for each message. */
  readonly fields: readonly (keyof MessageFields)[];
  readonly setsSeen: boolean;
  /** Something may have to be decoded, and so held whole: then one message at a time. */
  readonly decodes: boolean;
}

const fieldOf: Readonly<Partial<Record<SimpleItem, keyof MessageFields>>> = {
  ENVELOPE: "envelope",
  BODYSTRUCTURE: "bodyStructure",
  BODY: "structure",
  THREADID: "thread",
  PREVIEW: "preview",
};

export function planFetch(
  items: readonly FetchItem[],
  options: { readonly withUid: boolean; readonly withModSeq: boolean },
): FetchPlan {
  const names = items.flatMap((item) => (item.kind === "simple" ? [item.name] : []));
  // UID FETCH always answers the UID (RFC 9051 §6.4.9), CHANGEDSINCE the MODSEQ (RFC 7162 §3.1.4.1).
  const first: SimpleItem[] = options.withUid ? ["UID"] : [];
  const last: SimpleItem[] = options.withModSeq ? ["MODSEQ"] : [];
  const simple = [...new Set([...first, ...names, ...last])];
  const bodies = items.filter((item) => item.kind !== "simple");
  const fields = new Set<keyof MessageFields>();
  for (const name of simple) {
    const field = fieldOf[name];
    if (field !== undefined) fields.add(field);
  }
  if (bodies.length > 0) fields.add("body");
  if (bodies.some(needsStructure)) fields.add("structure");
  const setsSeen = bodies.some((item) => item.kind === "section" && !item.isPeek);
  const decodes = bodies.some((item) => item.kind === "binarySize" || item.isBinary);
  return { simple, bodies, fields: [...fields], setsSeen, decodes };
}

/** Only the whole message can be sent without knowing its parts. */
function needsStructure(item: BodyItem): boolean {
  if (item.kind === "binarySize") return true;
  return item.section.part.length > 0 || item.section.text.kind !== "all";
}
