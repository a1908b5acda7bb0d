import { assert } from "../base/assert.ts";
import { concat, fromLatin1, latin1 } from "../base/bytes.ts";
import { readSeal } from "./arc.ts";
import { findArcSets } from "./arc/sets.ts";
import { canonicalField } from "./dkim/header-hash.ts";
import { parseKeyRecord } from "./dkim/public-key.ts";
import { parseSignature } from "./dkim/signature-tags.ts";
import { lines } from "./dkim-fixture.ts";
import { viewMessage } from "./message-view.ts";

const signature =
  "v=1; a=rsa-sha256; c=relaxed/simple; d=a.example; s=r1; i=x@y.a.example; t=1; x=2; l=3;\r\n" +
  " h=from:to : subject; q=dns/txt; bh=AAAA; b=AA\r\n\tAA==";

export const seeds: readonly Uint8Array[] = [
  concat([lines(`DKIM-Signature: ${signature}`, "From: a@a.example", ""), lines("a  b \t")]),
  fromLatin1(signature),
  fromLatin1("v=DKIM1; h=sha256:sha1; k=rsa; n=note; s=*:email; t=y:s; p=MIGfMA0GCSqG"),
  fromLatin1("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
  lines(
    "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=a.example; s=r1; b=AAAA",
    "ARC-Message-Signature: i=1; a=rsa-sha256; d=a.example; s=r1; h=from; bh=AAAA; b=AAAA",
    "ARC-Authentication-Results: i=1; a.example; none",
    "From: a@a.example",
    "",
  ),
  fromLatin1(`${"b=;".repeat(50)}  \r\n\t`),
];

/** Any bytes have canonical forms, are a signature or not, are a key or not. */
export function fuzz(bytes: Uint8Array): void {
  const text = latin1(bytes);
  for (const kind of ["dkim", "arc"] as const) {
    const parsed = parseSignature(text, kind);
    if (parsed.kind === "malformed") continue;
    assert(/^[\x21-\x7e]+$/.test(parsed.tags.domain), "a domain in A-labels");
    assert(parsed.tags.signatureText.length > 0, "a signature");
  }
  for (const type of ["rsa", "ed25519"] as const) parseKeyRecord(text, type);
  readSeal(text);
  const view = viewMessage(bytes);
  const arc = findArcSets(view);
  if (arc.kind === "sets") {
    arc.sets.forEach(({ instance }, at) => assert(instance === at + 1, "sets in order"));
  }
  for (const field of view.header.fields) {
    const relaxed = canonicalField(view.fieldText(field), "relaxed");
    assert(canonicalField(relaxed, "relaxed") === relaxed, "a canonical field stays as it is");
    assert(!/[\n\t]| {2}/.test(relaxed), "one line without runs of blanks");
  }
  const relaxed = view.findBodyHash("relaxed")?.canonicalBytes ?? 0;
  assert(relaxed <= bytes.length + 2, "a canonical body is no longer than the body and a line end");
  assert((view.findBodyHash("simple")?.canonicalBytes ?? 0) >= 2, "a simple body has a line end");
}
