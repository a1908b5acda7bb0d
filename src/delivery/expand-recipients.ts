import type { AccountRow } from "../store/directory.ts";
import type { AcceptedRecipient } from "./delivery.ts";

/** An account that gets one copy, however many recipients lead to it. */
export interface LocalTarget {
  readonly account: AccountRow;
  /** The subaddress detail (RFC 5233) of the first recipient that led here. */
  readonly detail: string;
  /** Indexes of the recipients that lead here. */
  readonly recipients: number[];
}

/** An address elsewhere that gets one copy. */
export interface RemoteTarget {
  readonly address: string;
  readonly domain: string;
  /** Index of the first recipient that led here: its DSN wishes go along. */
  readonly recipient: number;
  /** The address here that forwards to it, lower case; undefined when it was asked for itself. */
  readonly forwardedBy: string | undefined;
}

export type Target = LocalTarget | RemoteTarget;

export interface Targets {
  readonly local: readonly LocalTarget[];
  readonly remote: readonly RemoteTarget[];
}

/** Who gets a copy, each once (RFC 5321 §4.1.1.3 lets duplicates be merged). */
export function expandRecipients(recipients: readonly AcceptedRecipient[]): Targets {
  const local = new Map<number, LocalTarget>();
  const remote = new Map<string, RemoteTarget>();
  for (const [index, recipient] of recipients.entries()) {
    for (const destination of recipient.destinations) {
      if (destination.kind === "account") {
        const { account, detail } = destination;
        const known = local.get(account.id);
        if (known === undefined) local.set(account.id, { account, detail, recipients: [index] });
        else known.recipients.push(index);
      } else if (!remote.has(destination.address)) {
        const { address, domain } = destination;
        const forwardedBy =
          address === recipient.address ? undefined : recipient.address.toLowerCase();
        remote.set(address, { address, domain, recipient: index, forwardedBy });
      }
    }
  }
  return { local: [...local.values()], remote: [...remote.values()] };
}
