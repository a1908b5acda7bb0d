import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromUtf8 } from "../base/bytes.ts";
import { digestMessage } from "../message/digest.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import type { MessageFields } from "../store/mail.ts";
import { sortRows, type SortKey } from "./sort.ts";
import { threadRows, type ThreadAlgorithm, type ThreadNode } from "./thread.ts";

interface Sample {
  readonly id?: string;
  readonly refs?: string;
  readonly subject?: string;
  /** Minutes after the start of 2026. */
  readonly sent?: number;
  readonly internal?: number;
  readonly header?: string;
}

function mailboxOf(samples: readonly Sample[]) {
  const digests = samples.map(({ id, refs, subject, sent, header }) => {
    const date = new Date(Date.UTC(2026, 0, 1) + (sent ?? 0) * 60_000).toUTCString();
    const fields = [
      `Date: ${date.replace("GMT", "+0000")}`,
      `Subject: ${subject ?? "x"}`,
      ...(id === undefined ? [] : [`Message-ID: <${id}>`]),
      ...(refs === undefined ? [] : [`References: ${refs.replace(/[^ ]+/g, "<$&>")}`]),
      ...(header === undefined ? [] : [header]),
    ];
    return digestMessage(fromUtf8(`${fields.join("\r\n")}\r\n\r\nHello.\r\n`));
  });
  const messages = {
    async messages<Field extends keyof MessageFields>(
      ids: readonly number[],
    ): Promise<readonly (Pick<MessageFields, Field> | undefined)[]> {
      return ids.map((each) => {
        const digest = digests[each - 1];
        const fields = {
          ...digest,
          sentAtMs: digest?.dateMs ?? 0,
          messageIdHeader: digest?.messageId ?? "",
        };
        return fields as never;
      });
    },
  };
  const numbers = samples.map((_, at) => at + 1);
  return {
    rows: Uint32Array.from(samples.keys()),
    columns: {
      messageIds: Uint32Array.from(numbers),
      sizes: Float64Array.from(numbers, (n) => (n * 7) % 5),
      internalDatesMs: Float64Array.from(samples, ({ internal, sent }) => internal ?? sent ?? 0),
    },
    messages,
    clock: createVirtualClock(),
  };
}

/** "1(2 3)(4)" is 1 with the children 2, which has 3, and 4; "." is a message not there. */
function show({ message, children }: ThreadNode): string {
  const own = message === undefined ? "." : String(message.row + 1);
  const [only] = children;
  if (children.length === 1 && only !== undefined) return `${own} ${show(only)}`;
  return own + children.map((child) => `(${show(child)})`).join("");
}

async function threads(algorithm: ThreadAlgorithm, samples: readonly Sample[]) {
  const roots = await threadRows({ ...mailboxOf(samples), algorithm });
  return roots.map(show).join(" | ");
}

const lines: readonly (readonly [string, ThreadAlgorithm, readonly Sample[], string])[] = [
  [
    "answers hang below what they answer, in the order of their dates",
    "references",
    [
      { id: "a", sent: 1 },
      { id: "c", refs: "a", sent: 3 },
      { id: "b", refs: "a", sent: 2 },
      { id: "d", refs: "a b", sent: 4 },
    ],
    "1(3 4)(2)",
  ],
  [
    "a message that is not there holds its answers together, one answer stands alone",
    "references",
    [
      { id: "a", refs: "gone", subject: "p", sent: 1 },
      { id: "b", refs: "gone", subject: "q", sent: 2 },
      { id: "c", refs: "missing also-missing", subject: "r", sent: 3 },
    ],
    ".(1)(2) | 3",
  ],
  [
    "circles are not closed, and an id that comes twice counts once",
    "references",
    [
      { id: "a", refs: "b", subject: "p", sent: 1 },
      { id: "b", refs: "a", subject: "q", sent: 2 },
      { id: "a", subject: "r", sent: 3 },
      { id: "c", refs: "c c", subject: "s", sent: 4 },
    ],
    "2 1 | 3 | 4",
  ],
  [
    "one subject is one conversation: an answer joins what it answers, equals get a frame",
    "references",
    [
      { id: "a", subject: "Kava", sent: 1 },
      { id: "b", subject: "Re: kava", sent: 2 },
      { id: "c", subject: "Čaj", sent: 3 },
      { id: "d", subject: "čaj", sent: 4 },
      { id: "e", subject: "", sent: 5 },
      { id: "f", subject: "", sent: 6 },
    ],
    "1 2 | .(3)(4) | 5 | 6",
  ],
  [
    "REFS (draft-ietf-morg-inthread) looks at no subject, and puts the conversation with the newest message last",
    "refs",
    [
      { id: "a", subject: "Kava", internal: 1 },
      { id: "b", subject: "Re: Kava", internal: 2 },
      { id: "c", refs: "a", subject: "other", internal: 3 },
    ],
    "2 | 1 3",
  ],
  [
    "ORDEREDSUBJECT has one level of answers, conversations by their first date",
    "orderedSubject",
    [
      { subject: "b", sent: 2 },
      { subject: "Re: a", sent: 3 },
      { subject: "a", sent: 1 },
      { subject: "[list] a", sent: 4 },
    ],
    "3(2)(4) | 1",
  ],
];

for (const [name, algorithm, samples, expected] of lines) {
  test(`${name} (RFC 5256 §3)`, async () => {
    assert.equal(await threads(algorithm, samples), expected);
  });
}

test("every message is in exactly one place, whatever the references", async () => {
  const ids = fc.constantFrom("a", "b", "c", "d", "e", "f");
  const sample = fc.record({
    id: ids,
    refs: fc.array(ids, { maxLength: 4 }).map((refs) => refs.join(" ")),
    subject: fc.constantFrom("", "x", "Re: x", "y"),
    sent: fc.integer({ min: 0, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(sample, { maxLength: 12 }),
      fc.constantFrom<ThreadAlgorithm>("references", "refs", "orderedSubject"),
      async (samples, algorithm) => {
        const text = await threads(algorithm, samples);
        const places = (text.match(/\d+/g) ?? []).map(Number).sort((a, b) => a - b);
        assert.deepEqual(
          places,
          samples.map((_, at) => at + 1),
        );
      },
    ),
    { numRuns: 150 },
  );
});

test("a conversation of three thousand steps is linked in one go, from either end", async () => {
  const chain = Array.from({ length: 3000 }, (_, at) => ({
    id: `m${at}`,
    ...(at > 0 ? { refs: `m${at - 1}` } : {}),
    sent: 1,
  }));
  for (const samples of [chain, chain.toReversed()]) {
    let depth = 0;
    const roots = await threadRows({ ...mailboxOf(samples), algorithm: "refs" });
    for (let node = roots[0]; node !== undefined; node = node.children[0]) depth++;
    assert.equal(depth, 3000);
  }
});

const people = [
  { header: "From: Žarko <zarko@example.org>\r\nTo: =?utf-8?q?=C4=90uro?= <a@b.c>", sent: 3 },
  { header: "From: =?utf-8?q?=C4=8Cedo?= <x@example.org>\r\nTo: b@b.c", sent: 1 },
  { header: 'From: "Quoted \\" name" <Alan@example.org>\r\nCc: ana@x.y', sent: 2 },
  { header: "To: group: m@n.o;\r\nCc: =?utf-8?b?xIw=?= <bob@x.y>", sent: 2, subject: "Re: X" },
];

for (const [key, isReversed, expected] of [
  ["arrival", false, [2, 3, 4, 1]],
  ["arrival", true, [1, 3, 4, 2]],
  ["date", false, [2, 3, 4, 1]],
  ["size", false, [3, 1, 4, 2]],
  ["subject", false, [1, 2, 3, 4]],
  ["from", false, [4, 3, 2, 1]],
  ["to", false, [3, 1, 2, 4]],
  ["cc", false, [1, 2, 3, 4]],
  ["displayFrom", false, [4, 2, 3, 1]],
  ["displayTo", false, [3, 2, 1, 4]],
] as const satisfies readonly (readonly [SortKey, boolean, readonly number[]])[]) {
  test(`sorts by ${isReversed ? "reversed " : ""}${key} (RFC 5256 §3, RFC 5957 §3)`, async () => {
    const order = await sortRows({ ...mailboxOf(people), criteria: [{ key, isReversed }] });
    assert.deepEqual(
      [...order].map((row) => row + 1),
      expected,
    );
  });
}
