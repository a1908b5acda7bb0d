import { tableOf, type Row, type RowTable } from "../../protocol/rows.ts";
import type { SmtpRole } from "../smtp-server.ts";
import { auth } from "./commands/auth.ts";
import { bdat } from "./commands/bdat.ts";
import { data } from "./commands/data.ts";
import { ehlo, helo, lhlo } from "./commands/hello.ts";
import { xclient, xforward } from "./commands/forwarding.ts";
import { mail } from "./commands/mail.ts";
import { help, noop, quit, rset } from "./commands/plain.ts";
import { rcpt } from "./commands/rcpt.ts";
import { starttls } from "./commands/starttls.ts";
import { expn, vrfy } from "./commands/verify.ts";
import type { SmtpSession } from "./session.ts";

type SmtpRow = Row<SmtpSession, string>;

const common: readonly SmtpRow[] = [
  mail,
  rcpt,
  data,
  bdat,
  rset,
  noop,
  quit,
  vrfy,
  expn,
  help,
  starttls,
];

/** RFC 2033 §4.1: LMTP has LHLO and must not know HELO and EHLO. Logging in is for submission. */
export function commandsFor(role: SmtpRole): RowTable<SmtpSession, string> {
  switch (role) {
    case "mx":
      return tableOf([helo, ehlo, ...common, xclient, xforward]);
    case "submission":
    case "both":
      return tableOf([helo, ehlo, ...common, auth, xclient, xforward]);
    case "lmtp":
      return tableOf([lhlo, ...common]);
  }
}
