/** Our domain, and who lives in it. */
export const ourDomain = "golub.test";
export const ourAddress = "192.0.2.1";
export const ourHostName = "mail.golub.test";

export interface Person {
  readonly address: string;
  readonly password: string;
  readonly quotaBytes: number;
}

export const people: readonly [Person, ...Person[]] = [
  { address: "ana@golub.test", password: "ana's secret", quotaBytes: 0 },
  { address: "boris@golub.test", password: "boris' secret", quotaBytes: 0 },
  { address: "cvita@golub.test", password: "cvita's secret", quotaBytes: 50_000_000 },
  { address: "mali@golub.test", password: "mali's secret", quotaBytes: 60_000 },
];

/** Aliases; targets of our domain are accounts, so that they are expanded in one step. */
export const aliases: ReadonlyMap<string, readonly string[]> = new Map([
  ["all@golub.test", people.map(({ address }) => address)],
  ["sales@golub.test", ["ana@golub.test", "mali@golub.test"]],
  ["forward@golub.test", ["forwarded@good.test"]],
  ["both@golub.test", ["boris@golub.test", "copy@slow.test", "copy@grey.test"]],
  ["broken@golub.test", ["no-such@picky.test"]],
  ["@golub.test", ["cvita@golub.test"]],
]);

/** Where an address of ours leads: accounts here, and addresses elsewhere. */
export interface Leads {
  readonly local: readonly string[];
  readonly remote: readonly string[];
}

/** The rules of the directory, told once more and simply, for the checkers. */
export function leadsTo(recipient: string): Leads {
  const { address, domain } = withoutDetail(recipient);
  if (domain !== ourDomain) return { local: [], remote: [recipient] };
  if (people.some((person) => person.address === address)) return { local: [address], remote: [] };
  const targets = aliases.get(address) ?? aliases.get(`@${domain}`) ?? [];
  return {
    local: targets.filter((target) => target.endsWith(`@${ourDomain}`)),
    remote: targets.filter((target) => !target.endsWith(`@${ourDomain}`)),
  };
}

function withoutDetail(recipient: string): { address: string; domain: string } {
  const [local = "", domain = ""] = recipient.toLowerCase().split("@");
  const isOurs = domain === ourDomain;
  return { address: `${isOurs ? (local.split("+")[0] ?? "") : local}@${domain}`, domain };
}
