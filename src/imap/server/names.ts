import { encodeMailboxName } from "../grammar/mailbox-name.ts";
import { formatAstring } from "../grammar/strings.ts";
import { speaksUtf8, type Session } from "./session.ts";

/** A mailbox name as this client is told it: UTF-8 if enabled, else modified UTF-7. */
export function formatName(session: Session, name: string): string {
  const isUtf8 = speaksUtf8(session);
  return formatAstring(encodeMailboxName(name, isUtf8), isUtf8);
}
