import type { HeaderField } from "../../message/headers.ts";
import { rawValue } from "../../message/headers.ts";
import { parseTagList } from "../grammar/tag-list.ts";
import type { MessageView } from "../message-view.ts";

/** The three fields of one hop (RFC 8617 §4.1), whole fields as text. */
export interface ArcSet {
  readonly instance: number;
  readonly results: HeaderField;
  readonly signature: HeaderField;
  readonly seal: HeaderField;
}

export type ArcSets =
  | { readonly kind: "sets"; readonly sets: readonly ArcSet[] }
  | { readonly kind: "malformed"; readonly problem: string };

/** RFC 8617 §4.2.1. */
export const instancesMax = 50;

/** The sets of a message in the order they were added; each whole and none missing (§5.2 step 3). */
export function findArcSets(view: MessageView): ArcSets {
  const results = byInstance(view, "arc-authentication-results");
  const signatures = byInstance(view, "arc-message-signature");
  const seals = byInstance(view, "arc-seal");
  const malformed = (problem: string) => ({ kind: "malformed", problem }) as const;
  if (results === undefined || signatures === undefined || seals === undefined) {
    return malformed("an ARC field has no instance of its own");
  }
  const count = Math.max(results.size, signatures.size, seals.size);
  if (count > instancesMax) return malformed(`more than ${instancesMax} ARC sets`);
  const sets: ArcSet[] = [];
  for (let instance = 1; instance <= count; instance++) {
    const set = {
      results: results.get(instance),
      signature: signatures.get(instance),
      seal: seals.get(instance),
    };
    if (!isWhole(set)) return malformed(`ARC set ${instance} is not whole`);
    sets.push({ instance, ...set });
  }
  return { kind: "sets", sets };
}

function isWhole(set: {
  readonly results: HeaderField | undefined;
  readonly signature: HeaderField | undefined;
  readonly seal: HeaderField | undefined;
}): set is Omit<ArcSet, "instance"> {
  return set.results !== undefined && set.signature !== undefined && set.seal !== undefined;
}

/** Undefined when a field has no instance, or one that another has too. */
function byInstance(view: MessageView, name: string): Map<number, HeaderField> | undefined {
  const found = new Map<number, HeaderField>();
  for (const field of view.fieldsNamed(name)) {
    const value = rawValue(view.header, field);
    const text =
      name === "arc-authentication-results"
        ? /^\s*i\s*=\s*(\d{1,4})\s*;/.exec(value)?.[1]
        : parseTagList(value)?.get("i");
    const instance = /^\d{1,4}$/.test(text ?? "") ? Number(text) : 0;
    if (instance === 0 || found.has(instance)) return undefined;
    found.set(instance, field);
  }
  return found;
}
