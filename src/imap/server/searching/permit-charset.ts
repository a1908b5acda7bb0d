import { Refusal } from "../../../base/faults.ts";
import { hasKey, type SearchKey } from "../../grammar/search-keys.ts";
import { CodedRefusal } from "../replies.ts";
import type { Session } from "../session.ts";

/** Texts are read as UTF-8, which US-ASCII is too; RFC 9051 §6.4.4 asks for no more. */
export function permitCharset(charset: string | undefined): Refusal | undefined {
  return charset === undefined || charset === "UTF-8" || charset === "US-ASCII"
    ? undefined
    : new CodedRefusal("notPermitted", "BADCHARSET (US-ASCII UTF-8)", "Unknown charset.");
}

/** The same for SEARCH, where UTF8=ACCEPT makes the CHARSET an error. */
export function permitSearchCharset(
  session: Session,
  charset: string | undefined,
  key: SearchKey,
): Refusal | undefined {
  const refusal = permitCharset(charset);
  // RFC 5466 §3.1: with a filter, whose criteria are UTF-8, it is the client's error.
  if (refusal instanceof CodedRefusal && hasKey(key, "filter")) {
    return new CodedRefusal("syntax", refusal.code, refusal.text);
  }
  return session.hasUtf8 && charset !== undefined
    ? new Refusal("syntax", "No CHARSET after UTF8=ACCEPT was enabled (RFC 9755 §3).")
    : refusal;
}
