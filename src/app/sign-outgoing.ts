import { findAddress } from "../accounts/address.ts";
import type { Login, Recipients } from "../accounts/accounts.ts";
import type { DirectoryLookups } from "../accounts/directory.ts";
import { fromLatin1 } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { SignOutgoing } from "../delivery/delivery.ts";
import { boundedFacts } from "../journey/recorder.ts";
import { decodeAddresses, flattenAddresses, parseAddressList } from "../message/addresses.ts";
import { rawValue } from "../message/headers.ts";
import { signDkim } from "../trust/dkim-sign.ts";
import { viewMessage } from "../trust/message-view.ts";
import type { MessageView } from "../trust/message-view.ts";
import type { DkimKeys } from "./dkim-keys.ts";

export interface OutgoingSignerOptions {
  readonly keys: DkimKeys;
  readonly directory: Pick<DirectoryLookups, "domains" | "hasDomain">;
  readonly recipients: Pick<Recipients, "maySendAs">;
  readonly clock: Clock;
  readonly log: Log;
  /** Our name, which our own notices come from. */
  readonly hostName: string;
}

/** The domain to sign for, or why there is none. */
type Signer = { readonly domain: string } | { readonly why: string };

/** More authors than any letter has; each one costs a look into the directory. */
const authorsMax = 20;

/**
 * Signs what leaves for the domain in From (RFC 6376 §5): that is what DMARC asks. A user's message
 * is signed for a domain of ours that is the user's own, or as whose address the user may write:
 * else one customer could write in the name of another, with our proof. Mail flows whatever fails.
 */
export function createOutgoingSigner(options: OutgoingSignerOptions): SignOutgoing {
  const { keys, clock, log } = options;
  return async ({ journey, login }, message) => {
    const step = (kind: string, facts: Readonly<Record<string, string | readonly string[]>>) => ({
      atMs: clock.now(),
      kind,
      facts: boundedFacts(facts),
    });
    try {
      const view = viewMessage(message);
      const signer = await findSigner(options, view, login);
      if ("why" in signer) return { fields: "", step: step("trust.notSigned", signer) };
      const { domain } = signer;
      const own = await keys.keysOf(domain);
      const fields = signDkim(view, own, { nowMs: clock.now() });
      const selectors = own.map(({ selector }) => selector);
      return { fields, step: step("trust.signed", { domain, selectors }) };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      log.write("error", "trust.signFailed", { journey, detail });
      return {
        fields: "",
        step: step("trust.notSigned", { why: "signing failed on this server" }),
      };
    }
  };
}

async function findSigner(
  options: OutgoingSignerOptions,
  view: MessageView,
  login: Login | undefined,
): Promise<Signer> {
  // Nobody would accept a signature over it (RFC 6376 §3.8).
  if (view.headerFault !== undefined) return { why: view.headerFault };
  return login === undefined ? findOwnDomain(options) : findAuthorDomain(options, view, login);
}

/** For notices: the domain of ours that our name is in, else the first one. */
async function findOwnDomain({ directory, hostName }: OutgoingSignerOptions): Promise<Signer> {
  const names = (await directory.domains()).map(({ name }) => name);
  const around = names
    .filter((name) => hostName === name || hostName.endsWith(`.${name}`))
    .toSorted((a, b) => b.length - a.length);
  const domain = around[0] ?? names[0];
  return domain === undefined ? { why: "this server has no domain yet" } : { domain };
}

async function findAuthorDomain(
  { directory, recipients }: OutgoingSignerOptions,
  view: MessageView,
  login: Login,
): Promise<Signer> {
  const [field, another] = view.fieldsNamed("from");
  if (field === undefined || another !== undefined) return { why: "there is not one From" };
  const list = parseAddressList(fromLatin1(rawValue(view.header, field)));
  const authors = flattenAddresses(decodeAddresses(list)).slice(0, authorsMax);
  const addresses = authors.map(({ local, domain }) => findAddress(`${local}@${domain}`));
  const domains = new Set(addresses.map((address) => address?.domain));
  const [domain] = domains;
  if (domains.size !== 1 || domain === undefined) return { why: "From has not one domain" };
  if (!(await directory.hasDomain(domain))) return { why: `${domain} is not a domain of ours` };
  if (findAddress(login.address)?.domain === domain) return { domain };
  for (const address of addresses) {
    if (address !== undefined && (await recipients.maySendAs(login.account, address.text)))
      continue;
    return { why: `${login.address} may not write as ${address?.text ?? "that author"}` };
  }
  return { domain };
}
