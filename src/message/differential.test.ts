import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import PostalMime from "postal-mime";
import type { Address as PostalAddress } from "postal-mime";
import { parseAddressList } from "./addresses.ts";
import type { Address } from "./addresses.ts";
import { buildMessage } from "./builder.ts";
import { readCorpus } from "./corpus.ts";
import { digestMessage } from "./digest.ts";
import { findRawValue, readHeader } from "./headers.ts";
import { decodeTransfer } from "./transfer-encoding.ts";
import type { MessagePart } from "./structure.ts";
import { findFileName } from "./structure.ts";
import { fromLatin1, latin1 } from "../base/bytes.ts";

/** Messages where postal-mime reads something otherwise, and why we do not. */
const differences: Readonly<Record<string, readonly string[]>> = {
  "real/hr-dos-cp852": ["subject", "from"], // it has no cp852
  "real/jp-split-words": ["subject"], // it does not join characters cut in two
  "real/obsolete-forms": ["from", "to"], // it keeps blanks around dots, and source routes
  "real/sr-latin-utf7": ["subject", "from"], // it has no UTF-7
  "malformed/broken-encoded-words": ["subject"], // it looks for the next closing mark elsewhere
  "malformed/comment-flood": ["from"],
  "malformed/empty-address-fields": ["to", "cc"],
  "malformed/garbage-content-type": ["attachments"], // RFC 2045 §5.2: text/plain
  "malformed/nul-bytes": ["subject", "from"], // it keeps NUL
  "malformed/raw-latin1-header": ["subject", "from"], // it reads everything as UTF-8
  "malformed/unclosed-quotes": ["from", "to"],
};

function leaves(part: MessagePart): MessagePart[] {
  if (part.parts !== undefined) return part.parts.flatMap(leaves);
  return [part];
}

function flatten(addresses: readonly (Address | PostalAddress)[] | undefined): string[] {
  return (addresses ?? []).flatMap((each) => {
    if ("kind" in each) {
      if (each.kind === "group") return flatten(each.members);
      return [`${each.name}|${each.domain === "" ? each.local : `${each.local}@${each.domain}`}`];
    }
    if (each.group !== undefined) return flatten(each.group);
    return [`${each.name}|${each.address ?? ""}`];
  });
}

/** It normalises line ends; the comparison leaves them out. */
function sizeOf(content: Uint8Array): number {
  return latin1(content).replace(/[\r\n]/g, "").length;
}

for (const { name, bytes } of readCorpus()) {
  test(`postal-mime reads ${name} as we do`, async () => {
    const theirs = await PostalMime.parse(bytes, { forceRfc822Attachments: true });
    const ours = digestMessage(bytes);
    const header = readHeader(bytes);
    const list = (field: string) => {
      const raw = findRawValue(header, field);
      return raw === undefined ? [] : flatten(parseAddressList(fromLatin1(raw)));
    };
    const found = {
      subject: [ours.subject, theirs.subject ?? ""],
      messageId: [ours.messageId ?? "", theirs.messageId?.replace(/[<>]/g, "") ?? ""],
      from: [list("from"), flatten(theirs.from === undefined ? [] : [theirs.from])],
      to: [list("to"), flatten(theirs.to)],
      cc: [list("cc"), flatten(theirs.cc)],
      attachments: [
        leaves(ours.structure.root)
          .filter((part) => part.type !== "text" || part.disposition?.type === "attachment")
          .map((part) => [
            `${part.type}/${part.subtype}`,
            findFileName(part) ?? "",
            sizeOf(decodeTransfer(bytes.subarray(part.bodyStart, part.bodyEnd), part.encoding)),
          ]),
        theirs.attachments.map((each) => [
          each.mimeType,
          each.filename ?? "",
          typeof each.content === "string"
            ? each.content.length
            : sizeOf(new Uint8Array(each.content)),
        ]),
      ],
    };
    const known = differences[name] ?? [];
    const differing = Object.entries(found).filter(
      ([, [us, them]]) => !isDeepStrictEqual(us, them),
    );
    const report = differing.map(([what, pair]) => `${what}: ${JSON.stringify(pair)}`).join("\n");
    assert.deepEqual(differing.map(([what]) => what).toSorted(), [...known].toSorted(), report);
  });
}

test("postal-mime reads what we build as it was meant", async () => {
  const word = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
    .map((text) =>
      text
        .toWellFormed()
        .replace(/[\p{Cc}\p{Z}"\\]+/gu, " ")
        .trim(),
    )
    .filter((text) => text !== "" && !text.includes("=?"));
  const file = fc.record({ fileName: word, content: fc.uint8Array({ maxLength: 300 }) });
  const content = fc.record({
    subject: word,
    name: word,
    text: fc.array(word, { maxLength: 10 }).map((lines) => lines.join("\n")),
    html: fc.option(word, { nil: undefined }),
    attachments: fc.array(file, { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(content, async ({ name, html, ...rest }) => {
      const bytes = buildMessage(
        {
          ...rest,
          from: [{ kind: "mailbox", name, local: "a", domain: "primjer.hr" }],
          ...(html === undefined ? undefined : { html }),
        },
        { nowMs: 1_795_590_900_000, messageId: "1@x", boundarySeed: "seed0000seed" },
      );
      const theirs = await PostalMime.parse(bytes);
      assert.equal(theirs.subject, rest.subject);
      assert.equal(theirs.from?.name, name);
      assert.equal((theirs.text ?? "").replaceAll("\r", "").trimEnd(), rest.text.trimEnd());
      if (html !== undefined) assert.equal((theirs.html ?? "").trimEnd(), html);
      assert.deepEqual(
        theirs.attachments.map((each) => [each.filename, bytesOf(each.content)]),
        rest.attachments.map((each) => [each.fileName, [...each.content]]),
      );
    }),
    { numRuns: 150 },
  );
});

function bytesOf(content: string | ArrayBuffer | Uint8Array): number[] {
  return typeof content === "string" ? [...Buffer.from(content)] : [...new Uint8Array(content)];
}
