import type { MailboxId } from "../../../base/ids.ts";
import { accountAnnotationOf } from "../../../mailbox/annotations.ts";
import { parentNames } from "../../../mailbox/names.ts";
import type { LogEntry, MailboxRow } from "../../../store/mail.ts";
import type { EventGroup, EventName } from "../../grammar/notify-arguments.ts";
import type { StatusItem } from "../../grammar/status-items.ts";
import { formatAstring } from "../../grammar/strings.ts";
import { loggedIn } from "../command.ts";
import { listAttributes } from "../listing/list-mailboxes.ts";
import { mailboxTest, type MailboxTest } from "../mailbox-filter.ts";
import { formatName } from "../names.ts";
import { untagged } from "../replies.ts";
import type { Session } from "../session.ts";
import { sendStatus } from "../status.ts";

/** Tells what happened outside of the selected mailbox, as far as it was asked for (RFC 5465 §5). */
export async function tellChanges(
  session: Session,
  groups: readonly EventGroup[],
  entries: readonly LogEntry[],
): Promise<void> {
  const { mail } = loggedIn(session);
  const asks = await wishes(session, groups);
  const rows = await mail.mailboxes();
  const byId = new Map(rows.map((row) => [row.id, row]));
  await tellMessages(session, asks, byId, entries);
  const names = affectedNames(asks, entries);
  const subscriptions = new Set(names.size > 0 ? await mail.subscriptions() : []);
  for (const [name, oldName] of names) {
    const row = rows.find((each) => each.name === name);
    const isParent = rows.some((each) => each.name.startsWith(`${name}/`));
    const attributes = [
      row === undefined
        ? `\\NonExistent \\${isParent ? "HasChildren" : "HasNoChildren"}`
        : listAttributes(row, rows),
      ...(subscriptions.has(name) ? ["\\Subscribed"] : []),
    ];
    const old = oldName === undefined ? "" : ` ("OLDNAME" (${formatName(session, oldName)}))`;
    untagged(session, `LIST (${attributes.join(" ")}) "/" ${formatName(session, name)}${old}`);
  }
  tellMetadata(session, asks, byId, entries);
}

/** STATUS of all mailboxes whose messages are watched (RFC 5465 §3.1, the STATUS indicator). */
export async function tellStatus(session: Session, groups: readonly EventGroup[]): Promise<void> {
  const { mail } = loggedIn(session);
  const asks = await wishes(session, groups);
  for (const row of await mail.mailboxes()) {
    const events = (["MessageNew", "FlagChange"] as const).filter((event) => asks(event, row));
    if (events.length === 0 || row.id === selectedId(session)) continue;
    await sendStatus(session, mail, row, statusItems(session, new Set(events), true), {
      isNews: true,
    });
  }
}

type Asks = (event: EventName, row: Pick<MailboxRow, "name">) => boolean;

async function wishes(session: Session, groups: readonly EventGroup[]): Promise<Asks> {
  const { mail } = loggedIn(session);
  const tests: (readonly [ReadonlySet<EventName>, MailboxTest])[] = [];
  for (const { events, filter } of groups) tests.push([events, await mailboxTest(mail, [filter])]);
  return (event, row) => tests.some(([events, test]) => events.has(event) && test(row));
}

function selectedId({ state }: Session): MailboxId | undefined {
  return state.phase === "selected" ? state.view.mailbox.id : undefined;
}

const eventOfAct: Readonly<Partial<Record<LogEntry["act"]["kind"], EventName>>> = {
  added: "MessageNew",
  expunged: "MessageExpunge",
  flagged: "FlagChange",
};

async function tellMessages(
  session: Session,
  asks: Asks,
  byId: ReadonlyMap<MailboxId, MailboxRow>,
  entries: readonly LogEntry[],
): Promise<void> {
  const found = new Map<MailboxRow, Set<EventName>>();
  for (const { act } of entries) {
    const event = eventOfAct[act.kind];
    const row = act.kind === "subscribed" ? undefined : byId.get(act.mailbox);
    if (event === undefined || row === undefined || !asks(event, row)) continue;
    if (row.id === selectedId(session)) continue;
    const events = found.get(row) ?? new Set();
    found.set(row, events.add(event));
  }
  for (const [row, events] of found) {
    await sendStatus(session, loggedIn(session).mail, row, statusItems(session, events, false), {
      isNews: true,
    });
  }
}

/** RFC 5465 §3.1, §5.1 to §5.3. */
function statusItems(
  session: Session,
  events: ReadonlySet<EventName>,
  isFirst: boolean,
): readonly StatusItem[] {
  const items = new Set<StatusItem>();
  if (events.has("MessageNew") || events.has("MessageExpunge")) {
    items.add("MESSAGES").add("UIDNEXT");
    if (isFirst) items.add("UIDVALIDITY");
  }
  if (events.has("FlagChange")) items.add("UIDVALIDITY").add("UNSEEN");
  if (session.hasCondstore || (isFirst && events.has("FlagChange"))) items.add("HIGHESTMODSEQ");
  return [...items];
}

/** Names to be listed, with the old name of those that were renamed (RFC 5465 §5.4, §5.5). */
function affectedNames(
  asks: Asks,
  entries: readonly LogEntry[],
): ReadonlyMap<string, string | undefined> {
  const names = new Map<string, string | undefined>();
  const add = (event: EventName, name: string, oldName?: string) => {
    if (asks(event, { name }) || (oldName !== undefined && asks(event, { name: oldName }))) {
      names.set(name, oldName);
    }
  };
  const renamed = entries.flatMap(({ act, modSeq }) =>
    act.kind === "mailboxRenamed" ? [{ modSeq, name: act.before }] : [],
  );
  for (const { act, modSeq } of entries) {
    if (act.kind === "subscribed") add("SubscriptionChange", act.name);
    else if (act.kind === "mailboxCreated" || act.kind === "mailboxDeleted") {
      const name = act.kind === "mailboxCreated" ? act.name : act.row.name;
      add("MailboxName", name);
      const parent = parentNames(name).at(-1);
      if (parent !== undefined) add("MailboxName", parent);
    } else if (act.kind === "mailboxRenamed") {
      // What lies below a renamed mailbox is not told.
      const isBelow = renamed.some(
        (other) => other.modSeq === modSeq && act.before.startsWith(`${other.name}/`),
      );
      if (!isBelow) add("MailboxName", act.after, act.before);
    }
  }
  return names;
}

/** RFC 5465 §5.6 and §5.7, RFC 5464 §4.4.2: names only. */
function tellMetadata(
  session: Session,
  asks: Asks,
  byId: ReadonlyMap<MailboxId, MailboxRow>,
  entries: readonly LogEntry[],
): void {
  const ofAccount = new Set<string>();
  const ofMailbox = new Map<string, Set<string>>();
  for (const { act } of entries) {
    const row = act.kind === "annotated" ? byId.get(act.mailbox) : undefined;
    if (act.kind !== "annotated" || row === undefined) continue;
    for (const stored of Object.keys({ ...act.before, ...act.after })) {
      const own = accountAnnotationOf(stored);
      if (own !== undefined) ofAccount.add(own);
      else ofMailbox.set(row.name, (ofMailbox.get(row.name) ?? new Set()).add(stored));
    }
  }
  const list = (names: ReadonlySet<string>) =>
    [...names].map((name) => formatAstring(name, false)).join(" ");
  for (const [name, changed] of ofMailbox) {
    if (!asks("MailboxMetadataChange", { name })) continue;
    untagged(session, `METADATA ${formatName(session, name)} ${list(changed)}`);
  }
  // An event of the account has no mailbox: whichever group names it wants it.
  if (ofAccount.size > 0 && asks("ServerMetadataChange", { name: "INBOX" })) {
    untagged(session, `METADATA "" ${list(ofAccount)}`);
  }
}
