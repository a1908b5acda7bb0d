import type { Header, HeaderField } from "../message/headers.ts";
import { readHeader } from "../message/headers.ts";
import type { BodyHash, Canonicalization } from "./dkim/body-hash.ts";
import { hashBody } from "./dkim/body-hash.ts";

/** A message as the judges share it: its header is read once, its body hashed once for each way. */
export interface MessageView {
  readonly bytes: Uint8Array;
  readonly header: Header;
  /** All fields of a name (lower case), from the top. */
  fieldsNamed(name: string): readonly HeaderField[];
  /** A field from its first byte to its last, line end included, one character per byte. */
  fieldText(field: HeaderField): string;
  /**
   * Throws nothing; undefined when the body was hashed in so many other ways already that no honest
   * signer asks for this one: each costs a pass over the body.
   */
  findBodyHash(canonicalization: Canonicalization, lengthMax?: number): BodyHash | undefined;
  /**
   * Why its header proves nothing: some of it was not read, or is no field, so that others may read
   * it in another way (RFC 6376 §3.8, §8.11).
   */
  readonly headerFault: string | undefined;
}

/** Two canonical forms, whole or in part. */
const bodyHashesMax = 4;

export function viewMessage(bytes: Uint8Array, header: Header = readHeader(bytes)): MessageView {
  const byName = new Map<string, HeaderField[]>();
  for (const field of header.fields) {
    const same = byName.get(field.name);
    if (same === undefined) byName.set(field.name, [field]);
    else same.push(field);
  }
  const hashes = new Map<string, BodyHash>();
  return {
    bytes,
    header,
    fieldsNamed: (name) => byName.get(name) ?? [],
    fieldText: (field) => header.text.slice(field.start - header.start, field.end - header.start),
    findBodyHash(canonicalization, lengthMax) {
      const key = `${canonicalization} ${lengthMax ?? ""}`;
      const known = hashes.get(key);
      if (known !== undefined || hashes.size >= bodyHashesMax) return known;
      const hash = hashBody(bytes, header.bodyStart, canonicalization, lengthMax);
      hashes.set(key, hash);
      return hash;
    },
    headerFault: findFault(bytes, header),
  };
}

function findFault(bytes: Uint8Array, header: Header): string | undefined {
  if (header.isTruncated) return "the header is too large";
  let end = header.start;
  for (const field of header.fields) {
    if (field.start !== end) return "the header has a line that is no field";
    end = field.end;
  }
  const gap = header.bodyStart - end;
  const isEnded = gap > 0 || end === bytes.length;
  return isEnded && gap <= 2 ? undefined : "the header has a line that is no field";
}
