import { Refusal } from "../base/faults.ts";
import type { AccountRow } from "../store/directory.ts";
import type { Destination, RecipientAnswer, Recipients } from "./accounts.ts";
import type { Address } from "./address.ts";
import { findAddress, findDomain } from "./address.ts";
import type { DirectoryLookups } from "./directory.ts";

export interface RecipientOptions {
  /** Separates a localpart from its detail (RFC 5233): "+" by default, "" switches it off. */
  readonly separator?: string;
}

/** Aliases that may lead to each other, one behind the other. */
const aliasDepthMax = 10;
/** Addresses that one address may lead to. */
const targetsMax = 100;

/** Names that every domain must accept (RFC 5321 §4.5.1, RFC 2142 §4). */
const mandatoryNames: ReadonlySet<string> = new Set(["postmaster", "abuse"]);

/** What an address is, one step on. */
type Step =
  | { readonly kind: "account"; readonly account: AccountRow; readonly detail: string }
  | { readonly kind: "alias"; readonly address: string; readonly targets: readonly string[] };

/** An expansion under way. */
interface Expansion {
  readonly found: Map<string, Destination>;
  /** Aliases between the first address and this one. */
  readonly path: readonly string[];
  visits: number;
}

export function createRecipients(
  directory: DirectoryLookups,
  options: RecipientOptions = {},
): Recipients {
  const { separator = "+" } = options;

  /** Exact alias, exact account, the same without detail, catch-all, mandatory name. */
  const stepFrom = async (address: Address): Promise<Step | undefined> => {
    const exact = await stepExactly(address.text, "");
    if (exact !== undefined) return exact;
    const at = separator === "" ? -1 : address.spelled.indexOf(separator, 1);
    if (at > 0) {
      const detail = address.spelled.slice(at + separator.length);
      const base = `${address.spelled.slice(0, at).toLowerCase()}@${address.domain}`;
      const step = await stepExactly(base, detail);
      if (step !== undefined) return step;
    }
    const catchAll = await directory.findAlias(`@${address.domain}`);
    if (catchAll === undefined && mandatoryNames.has(address.localpart)) {
      const account = await directory.findFirstAccount(address.domain);
      if (account !== undefined) return { kind: "account", account, detail: "" };
    }
    return catchAll && { kind: "alias", address: catchAll.address, targets: catchAll.targets };
  };

  const stepExactly = async (text: string, detail: string): Promise<Step | undefined> => {
    const alias = await directory.findAlias(text);
    if (alias !== undefined) return { kind: "alias", address: text, targets: alias.targets };
    const account = await directory.findAccount(text);
    return account && { kind: "account", account, detail };
  };

  const expand = async (address: Address, expansion: Expansion): Promise<void> => {
    const { found, path } = expansion;
    if (!(await directory.hasDomain(address.domain))) {
      const { text, domain } = address;
      found.set(text, { kind: "remote", address: text, domain });
      return;
    }
    const step = await stepFrom(address);
    if (step?.kind === "account") {
      const { account, detail } = step;
      found.set(`${account.id}+${detail}`, { kind: "account", account, detail });
    } else if (step?.kind === "alias") {
      if (path.includes(step.address)) throw loop(step.address);
      await expandAlias(step, expansion);
    }
  };

  const expandAlias = async (
    alias: Step & { kind: "alias" },
    expansion: Expansion,
  ): Promise<void> => {
    const path = [...expansion.path, alias.address];
    if (path.length > aliasDepthMax) throw loop(alias.address);
    for (const target of alias.targets) {
      expansion.visits++;
      if (expansion.visits > targetsMax) {
        throw new Refusal("limit", "The address leads to too many others.", alias.address);
      }
      const address = findAddress(target);
      if (address === undefined) continue;
      const inner: Expansion = { found: expansion.found, path, visits: expansion.visits };
      await expand(address, inner);
      expansion.visits = inner.visits;
    }
  };

  const resolve = async (text: string): Promise<RecipientAnswer> => {
    const address = findAddress(text.includes("@") ? text : await withFirstDomain(text));
    if (address === undefined) return { kind: "unknown" };
    if (!(await directory.hasDomain(address.domain))) {
      return { kind: "notLocal", domain: address.domain };
    }
    const expansion: Expansion = { found: new Map(), path: [], visits: 0 };
    await expand(address, expansion);
    const destinations = [...expansion.found.values()];
    return destinations.length === 0 ? { kind: "unknown" } : { kind: "destinations", destinations };
  };

  /** RFC 5321 §4.1.1.3: "postmaster" alone is an address; no other name is. */
  const withFirstDomain = async (text: string): Promise<string> => {
    const [first] = await directory.domains();
    const isPostmaster = text.toLowerCase() === "postmaster" && first !== undefined;
    return isPostmaster ? `postmaster@${first.name}` : "";
  };

  return {
    resolve,
    async isLocalDomain(domain) {
      const name = findDomain(domain);
      return name !== undefined && directory.hasDomain(name);
    },
    async maySendAs(account, address) {
      const answer = await resolve(address);
      if (answer.kind !== "destinations") return false;
      return answer.destinations.some(
        (destination) => destination.kind === "account" && destination.account.id === account,
      );
    },
  };
}

function loop(address: string): Refusal {
  return new Refusal("limit", "The address leads back to itself.", address);
}
