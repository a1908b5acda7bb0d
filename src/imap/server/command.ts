import { Refusal } from "../../base/faults.ts";
import { defineRow, type Row, type RowNeeds } from "../../protocol/rows.ts";
import type { Scanner } from "../grammar/scanner.ts";
import { CodedRefusal, isPlainAnswer, sayRefusal, tagged, type Completion } from "./replies.ts";
import { tellNews } from "./notifying/tell-news.ts";
import type { LoggedInState, SelectedState, Session } from "./session.ts";
import { sendUpdates } from "./updates.ts";

export type ImapRow = Row<Session, Scanner>;

/**
 * One IMAP command. What is the same for all is done by the row that is made of it: untagged news
 * after it, its completion line, and a NO for each refusal that is no error of the client.
 */
export interface CommandDefinition<Args> extends RowNeeds {
  readonly verb: string;
  readonly rfc: string;
  readonly capabilities?: readonly string[];
  /**
   * RFC 9051 §7.5.1: "kept" while answering FETCH, STORE and SEARCH by sequence numbers; after
   * the others expunges are told.
   */
  readonly sequenceNumbers: "kept" | "mayChange";
  /** It expunges, and `sendUpdates` is how it answers: not even NOTIFY NONE keeps that away. */
  readonly expunges?: boolean;
  /** Its arguments or answers are sequence numbers: not possible with UIDONLY (RFC 9586 §3.2). */
  readonly usesNumbers?: boolean;
  parse(scanner: Scanner): Args;
  permit?(session: Session, args: Args): Refusal | undefined;
  /** Undefined when the command has answered in full itself. */
  run(session: Session, args: Args): Promise<Completion | undefined> | Completion | undefined;
}

export function defineCommand<Args>(definition: CommandDefinition<Args>): ImapRow {
  const { sequenceNumbers, usesNumbers, expunges = false, permit, run, ...rest } = definition;
  return defineRow<Session, Scanner, Args>({
    ...rest,
    permit(session, args) {
      if (usesNumbers === true && session.isUidOnly) return uidRequired();
      return permit?.(session, args);
    },
    async run(session, args) {
      let completion: Completion | undefined;
      let refusal: Refusal | undefined;
      try {
        completion = await run(session, args);
      } catch (error) {
        if (!(error instanceof Refusal) || !isPlainAnswer(error)) throw error;
        refusal = error;
      }
      sendUpdates(session, { expunge: sequenceNumbers === "mayChange", isOwnAct: expunges });
      await tellNews(session);
      if (completion !== undefined) tagged(session, "OK", completion);
      else if (refusal !== undefined) sayRefusal(session, refusal);
    },
  });
}

/** RFC 9586 §3. */
export function uidRequired(): Refusal {
  return new CodedRefusal("syntax", "UIDREQUIRED", "UIDONLY is on: use UIDs.");
}

/** Parses a command without arguments. */
export function parseNothing(scanner: Scanner): void {
  scanner.end();
}

/** The state of a session that is logged in; the rows' phases promise it. */
export function loggedIn(session: Session): LoggedInState {
  const { state } = session;
  if (state.phase === "authenticated" || state.phase === "selected") return state;
  throw new Refusal("loginRequired", "Log in first.");
}

export function selected(session: Session): SelectedState {
  const { state } = session;
  if (state.phase === "selected") return state;
  throw new Refusal("badState", "Select a mailbox first.");
}

export const anyPhase = ["notAuthenticated", "authenticated", "selected"] as const;
export const loggedInPhases = ["authenticated", "selected"] as const;

/** Refuses what would change a mailbox that was opened by EXAMINE. */
export function permitChange(session: Session): Refusal | undefined {
  return session.state.phase === "selected" && session.state.isReadOnly
    ? new Refusal("notPermitted", "The mailbox is open for reading only.")
    : undefined;
}
