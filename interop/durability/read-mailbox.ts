import { openImap } from "../mail-talk.ts";
import type { Person } from "../server-process.ts";

/** A mailbox as IMAP shows it. */
export interface MailboxView {
  readonly uidValidity: number;
  readonly uidNext: number;
  /** By UID, rising: subject and flags. */
  readonly messages: ReadonlyMap<number, { readonly subject: string; readonly flags: string }>;
}

/** @returns undefined when there is no such mailbox. */
export async function readMailbox(
  port: number,
  person: Person,
  mailbox = "INBOX",
): Promise<MailboxView | undefined> {
  const imap = await openImap(port, person);
  try {
    const selected = await imap.imap(`EXAMINE "${mailbox}"`);
    if (!/^t OK/m.test(selected)) return undefined;
    const answer = await imap.imap(
      "UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (Subject)])",
      60_000,
    );
    const messages = new Map<number, { subject: string; flags: string }>();
    for (const part of answer.split(/^\* (?=\d+ FETCH)/m).slice(1)) {
      const uid = Number(/UID (\d+)/.exec(part)?.[1]);
      const flags = /FLAGS \(([^)]*)\)/.exec(part)?.[1] ?? "";
      const subject = /^Subject: (.*)$/m.exec(part)?.[1] ?? "";
      messages.set(uid, { subject, flags });
    }
    return {
      uidValidity: Number(/UIDVALIDITY (\d+)/.exec(selected)?.[1]),
      uidNext: Number(/UIDNEXT (\d+)/.exec(selected)?.[1]),
      messages,
    };
  } finally {
    imap.destroy();
  }
}

/** Tokens of a load that are in the mailbox, with repetitions. */
export function tokensIn(view: MailboxView | undefined): readonly string[] {
  return [...(view?.messages.values() ?? [])].flatMap(({ subject }) => {
    const token = /^token (\S+) end/.exec(subject)?.[1];
    return token === undefined ? [] : [token];
  });
}

/** @throws Error when a UID stands for another message than before, or UIDVALIDITY differs. */
export function expectSameUids(before: MailboxView, after: MailboxView): void {
  if (before.uidValidity !== after.uidValidity) throw new Error("UIDVALIDITY changed");
  if (after.uidNext < before.uidNext) throw new Error("UIDNEXT went back");
  for (const [uid, { subject }] of before.messages) {
    const now = after.messages.get(uid);
    if (now?.subject !== subject) {
      throw new Error(`UID ${uid} was "${subject}" and is "${now?.subject}"`);
    }
  }
  for (const uid of after.messages.keys()) {
    if (!before.messages.has(uid) && uid < before.uidNext) throw new Error(`UID ${uid} is reused`);
  }
}
