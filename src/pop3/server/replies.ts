import { fromUtf8 } from "../../base/bytes.ts";
import type { Reason, Refusal } from "../../base/faults.ts";

/** RFC 2449 §8.1.1, RFC 3206 §4: response codes in use here. */
export type ResponseCode = "AUTH" | "IN-USE" | "SYS/TEMP" | "SYS/PERM";

/** The code for each reason; without one only the words tell. */
const responseCodes: Record<Reason, ResponseCode | undefined> = {
  syntax: undefined,
  tooLong: undefined,
  badState: undefined,
  unsupported: undefined,
  tlsRequired: undefined,
  loginRequired: undefined,
  loginFailed: "AUTH",
  accountDisabled: "AUTH",
  notPermitted: "AUTH",
  noSuchUser: "AUTH",
  relayDenied: undefined,
  noSuchMailbox: "SYS/PERM",
  mailboxExists: undefined,
  mailboxNameInvalid: undefined,
  mailboxHasChildren: undefined,
  noSuchMessage: undefined,
  overQuota: "SYS/TEMP",
  messageTooLarge: undefined,
  tooManyRecipients: undefined,
  tooManyErrors: undefined,
  tooManyConnections: "SYS/TEMP",
  tooManyHops: undefined,
  rejectedContent: undefined,
  inUse: "IN-USE",
  conflict: "SYS/TEMP",
  limit: undefined,
  diskFull: "SYS/TEMP",
  unavailable: "SYS/TEMP",
  timeout: "SYS/TEMP",
  shuttingDown: "SYS/TEMP",
  bug: "SYS/TEMP",
};

/** RFC 1939 §3: the line that refuses, with its CRLF. */
export function formatRefusal(refusal: Refusal, text = refusal.text): Uint8Array {
  const code = responseCodes[refusal.reason];
  return fromUtf8(code === undefined ? `-ERR ${text}\r\n` : `-ERR [${code}] ${text}\r\n`);
}

/** RFC 1939 §3: the line that says yes, with its CRLF; RFC 6856 §3.1: in UTF-8. */
export function formatOk(text: string): Uint8Array {
  return fromUtf8(`+OK ${text}\r\n`);
}
