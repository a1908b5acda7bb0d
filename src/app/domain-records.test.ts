import assert from "node:assert/strict";
import { test } from "node:test";
import { formatZone } from "./cli/format-zone.ts";
import { domainRecords } from "./domain-records.ts";
import type { DomainRecordsOptions } from "./domain-records.ts";

const options: DomainRecordsOptions = {
  directory: { hasDomain: async (domain) => domain.endsWith("example") },
  hostName: "mail.golub.example",
  listen: { host: "::", portOffset: 0, off: ["pop3s"], proxies: [] },
  keys: undefined,
};

async function linesFor(change: Partial<DomainRecordsOptions>, domain: string) {
  const zone = formatZone(await domainRecords({ ...options, ...change }, domain));
  return zone.split("\n").filter((line) => !line.startsWith(";"));
}

test("without signing and without POP3 the records say nothing of either", async () => {
  assert.deepEqual(await linesFor({}, "golub.example"), [
    "golub.example. IN MX 10 mail.golub.example.",
    'golub.example. IN TXT "v=spf1 mx -all"',
    'mail.golub.example. IN TXT "v=spf1 a -all"',
    '_dmarc.golub.example. IN TXT "v=DMARC1; p=quarantine"',
    "_submissions._tcp.golub.example. IN SRV 0 1 465 mail.golub.example.",
    "_imaps._tcp.golub.example. IN SRV 0 1 993 mail.golub.example.",
  ]);
});

test("a domain beside the server's own is told nothing of the server's name", async () => {
  const lines = await linesFor({}, "Čaj.Example");
  assert.equal(lines[0], "xn--aj-dma.example. IN MX 10 mail.golub.example.");
  assert.equal(lines.filter((line) => line.includes("TXT")).length, 2);
});

test("a domain that is not ours, and a server without a name, have no records", async () => {
  await assert.rejects(domainRecords(options, "elsewhere.net"), { reason: "noSuchUser" });
  await assert.rejects(domainRecords(options, "no domain"), { reason: "syntax" });
  const nameless = { ...options, hostName: "localhost" };
  await assert.rejects(domainRecords(nameless, "golub.example"), { reason: "unavailable" });
});
