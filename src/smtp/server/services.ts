import type { RowTable } from "../../protocol/rows.ts";
import type { SmtpLimits } from "../smtp-limits.ts";
import type { SmtpServerOptions } from "../smtp-server.ts";
import type { LoginGuard } from "../../protocol/login-guard.ts";
import type { Sessions } from "../../protocol/sessions.ts";
import type { SmtpSession } from "./session.ts";

/** What a session works with: the door's options with all limits filled in, and its commands. */
export interface SmtpServices extends Omit<SmtpServerOptions, "limits"> {
  readonly limits: SmtpLimits;
  readonly rows: RowTable<SmtpSession, string>;
  readonly guard: LoginGuard;
  readonly sessions: Sessions;
  /** Aborted when the server shuts down. */
  readonly closing: AbortSignal;
}
