import { tableOf } from "../../protocol/rows.ts";
import { auth, pass, stls, user, utf8 } from "./commands/authorization.ts";
import { capa, quit } from "./commands/general.ts";
import { lang } from "./commands/lang.ts";
import { dele, list, noop, rset, stat, uidl } from "./commands/listing.ts";
import { retr, top } from "./commands/reading.ts";

/** All commands. APOP is not among them: it needs passwords kept in the clear (RFC 1939 §13). */
export const commands = tableOf([
  user,
  pass,
  auth,
  stls,
  utf8,
  lang,
  capa,
  quit,
  stat,
  list,
  retr,
  dele,
  noop,
  rset,
  top,
  uidl,
]);
