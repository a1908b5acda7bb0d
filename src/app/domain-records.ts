import { parseOwnDomain } from "../accounts/address.ts";
import type { DirectoryLookups } from "../accounts/directory.ts";
import { Refusal } from "../base/faults.ts";
import { dkimRecord, formatTxtData } from "../trust/dkim-keys.ts";
import type { Config } from "./config/schema.ts";
import type { DkimKeys } from "./dkim-keys.ts";
import { listenerTable } from "./listener-table.ts";
import type { ListenerProtocol } from "./listener-table.ts";

/** A record to add to DNS. */
export interface DomainRecord {
  /** Without a final dot. */
  readonly name: string;
  readonly type: "MX" | "TXT" | "SRV";
  /** As a zone file has it (RFC 1035 §5.1): names with a final dot, TXT in quotes. */
  readonly data: string;
  /** What it is for, in a line. */
  readonly about: string;
}

export interface DomainRecordsOptions {
  readonly directory: Pick<DirectoryLookups, "hasDomain">;
  readonly hostName: string;
  readonly listen: Config["listen"];
  /** Undefined when nothing is signed. */
  readonly keys: DkimKeys | undefined;
}

/** Programs find these services by name (RFC 6186 §3.2, RFC 8314 §5.1); IMAP before POP3. */
const services: readonly { readonly protocol: ListenerProtocol; readonly priority: number }[] = [
  { protocol: "submissions", priority: 0 },
  { protocol: "imaps", priority: 0 },
  { protocol: "pop3s", priority: 10 },
];

/**
 * What DNS must say of one of our domains: where its mail goes, who sends for it, with which keys,
 * and where programs find their server.
 * @throws Refusal `syntax`, `noSuchUser` for a domain that is not ours, `unavailable` while the
 *   server has no name that others could find.
 */
export async function domainRecords(
  options: DomainRecordsOptions,
  text: string,
): Promise<readonly DomainRecord[]> {
  const { directory, hostName, keys } = options;
  const domain = parseOwnDomain(text);
  if (!(await directory.hasDomain(domain))) {
    throw new Refusal("noSuchUser", `The domain ${domain} is not ours: add it first.`);
  }
  if (!hostName.includes(".")) {
    const advice = "Set server.hostName and start the server again.";
    throw new Refusal("unavailable", `Others cannot find a server named ${hostName}. ${advice}`);
  }
  const own = (await keys?.keysOf(domain)) ?? [];
  return [
    { name: domain, type: "MX", data: `10 ${hostName}.`, about: "Mail comes here." },
    txt(
      domain,
      "v=spf1 mx -all",
      'Only this server sends. What else sends for you belongs before "-all".',
    ),
    // RFC 7208 §2.4: a notice has no sender, so that SPF looks at the server's own name.
    ...(hostName.endsWith(`.${domain}`)
      ? [txt(hostName, "v=spf1 a -all", "The same for its notices, which have no sender.")]
      : []),
    ...own.map((key) => {
      const { name, text: value } = dkimRecord(key);
      return txt(name, value, `The key that it signs with, ${key.algorithm}.`);
    }),
    txt(
      `_dmarc.${domain}`,
      "v=DMARC1; p=quarantine",
      "Mail in your name without that proof is suspicious. p=none only watches.",
    ),
    ...serviceRecords(domain, options),
  ];
}

function txt(name: string, text: string, about: string): DomainRecord {
  return { name, type: "TXT", data: formatTxtData(text), about };
}

function serviceRecords(
  domain: string,
  { listen, hostName }: DomainRecordsOptions,
): readonly DomainRecord[] {
  return services.flatMap(({ protocol, priority }) => {
    const row = listenerTable.find((each) => each.protocol === protocol);
    if (row === undefined || listen.off.includes(protocol)) return [];
    const name = `_${protocol}._tcp.${domain}`;
    const data = `${priority} 1 ${row.port + listen.portOffset} ${hostName}.`;
    return [{ name, type: "SRV", data, about: `Programs find it: ${row.about}.` }];
  });
}
