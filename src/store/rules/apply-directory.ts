import { Refusal } from "../../base/faults.ts";
import { accountId, modSeq } from "../../base/ids.ts";
import type { DirectoryChange, DirectoryResult } from "../directory.ts";
import type { LogAct } from "../mail.ts";
import { makeMailbox } from "./apply-mailbox.ts";
import { domainOf, inboxName } from "./names.ts";
import type { AccountRecord } from "./tables.ts";
import { type Work, getAccount, writeLog } from "./work.ts";

type ChangeOf<Kind extends DirectoryChange["kind"]> = Extract<DirectoryChange, { kind: Kind }>;

const done: DirectoryResult = { kind: "directory" };

export function applyDirectory(work: Work, change: DirectoryChange): DirectoryResult {
  const result = applyOne(work, change);
  work.tables.next("directory");
  work.isDirectoryTouched = true;
  return result;
}

function applyOne(work: Work, change: DirectoryChange): DirectoryResult {
  const { tables } = work;
  switch (change.kind) {
    case "directory.domainAdd":
      if (tables.findDomain(change.name) !== undefined) throw exists("domain");
      tables.addDomain({ name: change.name, createdAtMs: work.atMs });
      return done;
    case "directory.domainRemove":
      checkDomain(work, change.name);
      if (tables.isDomainUsed(change.name)) {
        throw new Refusal("conflict", "The domain still has accounts or aliases.");
      }
      tables.removeDomain(change.name);
      return done;
    case "directory.accountAdd":
      return addAccount(work, change);
    case "directory.accountUpdate":
      return updateAccount(work, change);
    case "directory.accountRemove":
      tables.removeAccount(getAccount(work, change.account).id);
      return done;
    case "directory.aliasPut":
      return putAlias(work, change);
    case "directory.aliasRemove":
      if (tables.findAlias(change.address) === undefined) throw missing("alias");
      tables.removeAlias(change.address);
      return done;
  }
}

function addAccount(work: Work, change: ChangeOf<"directory.accountAdd">): DirectoryResult {
  const { tables } = work;
  const { address, displayName, secret, quotaBytes, mailboxes } = change;
  checkAddressIsFree(work, address);
  if (!mailboxes.some((mailbox) => mailbox.name === inboxName)) {
    throw new Refusal("mailboxNameInvalid", "An account needs an INBOX.");
  }
  let account: AccountRecord = {
    id: accountId(tables.next("account")),
    address,
    displayName,
    secret,
    quotaBytes,
    isEnabled: true,
    createdAtMs: work.atMs,
    modSeq: modSeq(0),
    usedBytes: 0,
    messageCount: 0,
    nextMailbox: 1,
    nextMessage: 1,
    lastUidValidity: 0,
  };
  tables.putAccount(account);
  const acts: LogAct[] = [];
  for (const mailbox of mailboxes) {
    const made = makeMailbox(work, account, mailbox);
    account = { ...account, ...made.counters };
    tables.setSubscribed(account.id, mailbox.name, true);
    acts.push(made.act, {
      kind: "subscribed",
      name: mailbox.name,
      before: false,
      after: true,
    });
  }
  writeLog(work, account, acts);
  return { kind: "directory.accountAdd", account: account.id };
}

function updateAccount(work: Work, change: ChangeOf<"directory.accountUpdate">): DirectoryResult {
  const { kind: _, account: id, ...fields } = change;
  work.tables.putAccount({ ...getAccount(work, id), ...fields });
  return done;
}

function putAlias(work: Work, change: ChangeOf<"directory.aliasPut">): DirectoryResult {
  const { address, targets } = change;
  checkDomain(work, domainOf(address));
  if (work.tables.findAccountByAddress(address) !== undefined) throw exists("account");
  if (targets.length === 0) throw new Refusal("syntax", "An alias needs a target.");
  work.tables.putAlias({ address, targets });
  return done;
}

function checkAddressIsFree(work: Work, address: string): void {
  checkDomain(work, domainOf(address));
  if (work.tables.findAccountByAddress(address) !== undefined) throw exists("account");
  if (work.tables.findAlias(address) !== undefined) throw exists("alias");
}

function checkDomain(work: Work, name: string): void {
  if (work.tables.findDomain(name) === undefined) throw missing("domain");
}

function exists(what: string): Refusal {
  return new Refusal("conflict", `The ${what} exists already.`);
}

function missing(what: string): Refusal {
  return new Refusal("noSuchUser", `There is no such ${what}.`);
}
