import type { Destination } from "../../accounts/accounts.ts";
import { Refusal } from "../../base/faults.ts";
import { SmtpRefusal } from "../grammar/refusals.ts";
import type { SmtpServices } from "./services.ts";
import type { SmtpSession, Transaction } from "./session.ts";

/**
 * Where a recipient leads, or why not: unknown ones, full ones and those elsewhere are refused
 * here, before any data, so that no notice has to be sent to a forged sender later.
 */
export async function judgeRecipient(
  session: SmtpSession,
  transaction: Transaction,
  address: string,
): Promise<readonly Destination[] | Refusal> {
  const { services } = session;
  const answer = await services.recipients.resolve(address);
  switch (answer.kind) {
    case "unknown":
      return new Refusal("noSuchUser", `No such user here: ${address}`);
    case "notLocal":
      if (!session.mayRelay) return relayDenied(services, address);
      return [{ kind: "remote", address, domain: answer.domain }];
    case "destinations":
      return (await whyFull(services, answer.destinations, transaction)) ?? answer.destinations;
  }
}

function relayDenied(services: SmtpServices, address: string): Refusal {
  const advice = services.rows.has("AUTH") ? "log in to send there" : "we do not relay";
  return new Refusal("relayDenied", `${address} is not here; ${advice}.`);
}

/** A refusal when no destination can take the message; one that can is enough. */
async function whyFull(
  services: SmtpServices,
  destinations: readonly Destination[],
  transaction: Transaction,
): Promise<Refusal | undefined> {
  let refusal: Refusal | undefined;
  for (const destination of destinations) {
    if (destination.kind === "remote") return undefined;
    const { account } = destination;
    if (!account.isEnabled) {
      refusal ??= new SmtpRefusal("accountDisabled", 550, "5.2.1", "This mailbox is disabled.");
    } else if (account.quotaBytes === 0) return undefined;
    else {
      const { usedBytes } = await services.store.mail.account(account.id);
      // A size the client did not say counts as one byte: a mailbox at its limit is full.
      const sizeBytes = Math.max(transaction.mail.sizeBytes ?? 0, 1);
      if (usedBytes + sizeBytes <= account.quotaBytes) return undefined;
      refusal = new Refusal("overQuota", "This mailbox is full; try later.");
    }
  }
  return refusal;
}
