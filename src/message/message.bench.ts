import { buildMessage } from "./builder.ts";
import { digestMessage } from "./digest.ts";
import { foldText } from "./fold.ts";
import { scanStructure } from "./structure.ts";

/** One measured figure: what it is, its value, and in which unit. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const paragraph =
  "Poštovani, šaljem vam račun broj 123 za mjesec studeni. Molim da ga platite u roku.\r\n";
const asciiParagraph =
  "Dear colleagues, please find attached the invoice number 123 for November. Pay in time.\r\n";

/** Received, signature and client fields as a mail has them when it reaches us. */
const traceFields: readonly (readonly [string, string])[] = [
  [
    "Received",
    "from mail.primjer.hr (mail.primjer.hr [192.0.2.10]) by mx.golub.example with ESMTPS id 4XyZ for <ana@golub.example>; Mon, 23 Nov 2026 07:24:52 +0000",
  ],
  [
    "DKIM-Signature",
    `v=1; a=rsa-sha256; c=relaxed/relaxed; d=primjer.hr; s=mail; h=from:to:subject:date; bh=${"b".repeat(43)}=; b=${`${"c".repeat(68)} `.repeat(5)}`,
  ],
  ["User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Thunderbird/128.0"],
  ["Content-Language", "hr, en-GB"],
];

/** A message of about `sizeBytes` with the header that real mail has. */
export function sampleMessage(sizeBytes: number, kind: "ascii" | "utf8" | "mixed"): Uint8Array {
  const text = kind === "ascii" ? asciiParagraph : paragraph;
  const mailbox = (name: string, local: string) =>
    ({ kind: "mailbox", name, local, domain: "primjer.hr" }) as const;
  const textBytes = Math.max(200, sizeBytes - 1500);
  const copies = kind === "mixed" ? 0.35 : kind === "ascii" ? 1 : 0.85;
  const body = text.repeat(Math.max(1, Math.floor((textBytes * copies) / text.length)));
  return buildMessage(
    {
      from: [mailbox("Đorđe Šarić", "djordje.saric")],
      to: [mailbox("Ana Horvat", "ana"), mailbox("", "tajnica")],
      subject: "Re: Račun za studeni",
      references: ["1.abc@primjer.hr", "2.def@primjer.hr"],
      inReplyTo: "2.def@primjer.hr",
      headers: traceFields,
      text: body,
      ...(kind === "mixed" ? { html: `<html><body><p>${body}</p></body></html>` } : undefined),
    },
    { nowMs: 1_800_000_000_000, messageId: "3.ghi@primjer.hr", boundarySeed: "benchmark0000" },
  );
}

/** Times each reader with a clock in milliseconds, after a warm-up. */
export function measureMessage(monotonicMs: () => number): Figure[] {
  const figures: Figure[] = [];
  const time = (name: string, rounds: number, run: () => unknown): number => {
    for (let round = 0; round < rounds; round++) run();
    let best = Number.POSITIVE_INFINITY;
    for (let repeat = 0; repeat < 5; repeat++) {
      const start = monotonicMs();
      for (let round = 0; round < rounds; round++) run();
      best = Math.min(best, ((monotonicMs() - start) * 1000) / rounds);
    }
    figures.push({ name, value: Number(best.toFixed(2)), unit: "us" });
    return best;
  };
  for (const kind of ["ascii", "utf8", "mixed"] as const) {
    const small = sampleMessage(4096, kind);
    const large = sampleMessage(10_240, kind);
    time(`structure ${kind} ${large.length} B`, 2000, () => scanStructure(large));
    time(`digest ${kind} ${small.length} B`, 2000, () => digestMessage(small));
  }
  for (const [kind, text] of [
    ["utf8", paragraph],
    ["ascii", asciiParagraph],
  ] as const) {
    const long = [...text.repeat(10_000)].join("");
    const us = time(`fold ${kind}`, 5, () => foldText(long));
    const value = Number((Buffer.byteLength(long) / us).toFixed(0));
    figures.push({ name: `fold ${kind}`, value, unit: "MB/s" });
  }
  return figures;
}
