import { assert } from "../base/assert.ts";
import { fromLatin1, latin1, utf8 } from "../base/bytes.ts";
import { readHeader } from "../message/headers.ts";
import {
  findForgedResults,
  formatAuthenticationResults,
  parseAuthenticationResults,
} from "./authentication-results.ts";
import { parseDmarcRecord } from "./dmarc/record.ts";
import { findMtaStsId, formatMtaStsPolicy, parseMtaStsPolicy } from "./mta-sts.ts";
import { parseMacros } from "./spf/macros.ts";
import { parseSpfRecord } from "./spf/parse-record.ts";
import { readSender, rewriteSender } from "./srs.ts";
import { findTlsReportUris } from "./tls-rpt.ts";

export const seeds: readonly Uint8Array[] = [
  "v=spf1 a mx:%{d2}.example/24//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 ?exists:%{ir}.x.example -all",
  "v=spf1 redirect=_spf.example.com exp=%{s}.x.example unknown=%{l1r+-}",
  "v=DMARC1; p=reject; sp=none; np=quarantine; rua=mailto:a@a.example!10m,https://x; fo=1:d",
  "version: STSv1\nmode: enforce\nmx: *.a.example\nmax_age: 86400\n",
  "v=STSv1; id=20160831085700Z;",
  "v=TLSRPTv1; rua=mailto:a@a.example,https://r.example",
  ' mx.example (a (b)) 1; spf=pass reason="x" smtp.mailfrom=a@b; dkim/1 = fail policy . x = "y"',
  "SRS0=ABCDEFGH=AB=a.example=ana",
  "SRS1=ABCDEFGH=b.example==ABCDEFGH=AB=a.example=ana",
].map((text) => fromLatin1(text));

const srs = { secrets: [Buffer.from("0123456789abcdef")], domain: "golub.example" };

/** Records and fields of strangers are read or refused, and what is written reads back. */
export function fuzz(bytes: Uint8Array): void {
  const text = latin1(bytes);
  const spf = parseSpfRecord(text);
  if (spf.kind === "record") assert(/^[ -~]*$/.test(text.slice(6)), "a record is printable ASCII");
  parseMacros(text, true);
  const dmarc = parseDmarcRecord(text);
  assert((dmarc?.aggregateReportUris.length ?? 0) <= 10, "few URIs");
  findMtaStsId([text]);
  findTlsReportUris([text]);
  const policy = parseMtaStsPolicy(text);
  if (policy !== undefined) {
    assert(parseMtaStsPolicy(formatMtaStsPolicy(policy)) !== undefined, "a policy reads back");
  }
  checkResults(text);
  checkSender(utf8(bytes));
}

function checkResults(text: string): void {
  const parsed = parseAuthenticationResults(text);
  const header = readHeader(fromLatin1(`Authentication-Results: ${text.replace(/[\r\n]/g, " ")}`));
  if (parsed === undefined) return;
  const written = formatAuthenticationResults("mx.example", parsed.results);
  assert(readHeader(fromLatin1(written)).fields.length === 1, "one field");
  const again = parseAuthenticationResults(written.slice(written.indexOf(":") + 1));
  assert(again?.results.length === parsed.results.length, "as many results as before");
  findForgedResults(header, "mx.example");
}

function checkSender(text: string): void {
  const reading = readSender(text, 0, srs);
  assert(reading.kind !== "sender", "nobody guesses a signature");
  const rewritten = rewriteSender(`${text}@a.example`, 0, srs);
  if (!/^SRS0=[^@]*@golub\.example$/.test(rewritten) || /^SRS[01][=+-]/i.test(text)) return;
  const back = readSender(rewritten.slice(0, rewritten.lastIndexOf("@")), 0, srs);
  assert(back.kind === "sender" && back.address === `${text}@a.example`, "a sender comes back");
}
