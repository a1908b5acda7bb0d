import { assert } from "../../base/assert.ts";
import { concat } from "../../base/bytes.ts";
import type { BlobStore } from "../../store/blobs.ts";
import type { MessageBody } from "../../store/mail.ts";

/** Bytes `start` to `end` of a message, which is its prefix followed by its body. */
export async function readBody(
  blobs: BlobStore,
  body: MessageBody,
  start = 0,
  end = Infinity,
): Promise<Uint8Array> {
  const { head, from, to } = split(body, start, end);
  if (from >= to) return head;
  const rest = await blobs.read(body.hash, from, to);
  return head.length === 0 ? rest : concat([head, rest]);
}

/** The same in pieces, so that a large message is never held whole. */
export async function* streamBody(
  blobs: BlobStore,
  body: MessageBody,
  start = 0,
  end = Infinity,
): AsyncIterable<Uint8Array> {
  const { head, from, to } = split(body, start, end);
  if (head.length > 0) yield head;
  if (from < to) yield* blobs.stream(body.hash, from, to);
}

function split(body: MessageBody, start: number, end: number) {
  assert(start >= 0 && end >= start, "a range of a message is in order");
  const prefixBytes = body.prefix.length;
  return {
    head: body.prefix.subarray(Math.min(start, prefixBytes), Math.min(end, prefixBytes)),
    from: Math.max(0, start - prefixBytes),
    to: Math.min(body.bodyBytes, end - prefixBytes),
  };
}
