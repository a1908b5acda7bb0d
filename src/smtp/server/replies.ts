import type { Reason, Refusal } from "../../base/faults.ts";
import { SmtpRefusal } from "../grammar/refusals.ts";
import { type Reply, reply } from "../grammar/reply.ts";

/** Code of RFC 5321 §4.2 and status of RFC 3463 (with the registry of RFC 5248). */
type Code = readonly [code: number, status: string];

/** The whole list of reasons in SMTP's words; the compiler checks that none is missing. */
export const reasonCodes: Readonly<Record<Reason, Code>> = {
  syntax: [500, "5.5.2"],
  tooLong: [500, "5.5.2"],
  badState: [503, "5.5.1"],
  unsupported: [504, "5.5.4"],
  tlsRequired: [530, "5.7.0"],
  loginRequired: [530, "5.7.0"],
  loginFailed: [535, "5.7.8"],
  accountDisabled: [525, "5.7.13"],
  notPermitted: [550, "5.7.1"],
  noSuchUser: [550, "5.1.1"],
  relayDenied: [550, "5.7.1"],
  noSuchMailbox: [550, "5.2.0"],
  mailboxExists: [554, "5.2.0"],
  mailboxNameInvalid: [554, "5.2.0"],
  mailboxHasChildren: [554, "5.2.0"],
  noSuchMessage: [554, "5.2.0"],
  overQuota: [452, "4.2.2"],
  messageTooLarge: [552, "5.3.4"],
  tooManyRecipients: [452, "4.5.3"],
  tooManyErrors: [421, "4.7.0"],
  tooManyConnections: [421, "4.7.0"],
  tooManyHops: [554, "5.4.6"],
  rejectedContent: [554, "5.6.0"],
  inUse: [450, "4.2.0"],
  conflict: [451, "4.3.0"],
  limit: [452, "4.5.3"],
  diskFull: [452, "4.3.1"],
  unavailable: [451, "4.3.0"],
  timeout: [421, "4.4.2"],
  shuttingDown: [421, "4.3.2"],
  bug: [451, "4.3.0"],
};

/** The answer to a refusal: its own code where it has one, else the table's. */
export function replyTo(refusal: Refusal): Reply {
  if (refusal instanceof SmtpRefusal) return reply(refusal.code, refusal.status, refusal.text);
  const [code, status] = reasonCodes[refusal.reason];
  return reply(code, status, refusal.text);
}
