import {
  accountId,
  mailboxId,
  messageId,
  queueId,
  threadId,
  type AccountId,
  type QueueId,
} from "../../base/ids.ts";
import { byteas, int8s, texts } from "./array-parameter.ts";
import type { Connection, Parameter } from "./connection.ts";
import { GroupTables, type NumberPools } from "./group-tables.ts";
import type { CopiesNeeded, Needs } from "./needs.ts";
import {
  accountFrom,
  aliasFrom,
  copyFrom,
  domainFrom,
  hashBytes,
  hashFrom,
  mailboxFrom,
  queueFrom,
  recipientFrom,
} from "./record-rows.ts";
import { type Row, bytesOf, numberOf, optionalNumber, textOf } from "./rows.ts";
import { type Statement, statement } from "./statement.ts";

const sql = {
  findCommit: statement("findCommit", "SELECT try FROM commit_key WHERE key = $1"),
  keys: statement("keys", "SELECT key, at_ms FROM batch_key WHERE key = ANY($1::text[])"),
  lockDirectory: statement(
    "lockDirectory",
    "SELECT value FROM counter WHERE name = 'directory' FOR UPDATE",
  ),
  domains: statement("domainsOf", "SELECT * FROM domain WHERE name = ANY($1::text[])"),
  domainUses: statement(
    "domainUses",
    `SELECT name, (SELECT count(*) FROM account WHERE domain = name) +
       (SELECT count(*) FROM alias WHERE domain = name) AS uses FROM unnest($1::text[]) AS name`,
  ),
  aliases: statement("aliasesOf", "SELECT * FROM alias WHERE address = ANY($1::text[])"),
  // Not locked: the directory is, and with it who comes and goes.
  addresses: statement("addressesOf", "SELECT * FROM account WHERE address = ANY($1::text[])"),
  accounts: statement(
    "accountsOf",
    "SELECT * FROM account WHERE id = ANY($1::int8[]) ORDER BY id FOR NO KEY UPDATE",
  ),
  trees: statement("trees", "SELECT * FROM mailbox WHERE account = ANY($1::int8[])"),
  mailboxes: statement(
    "mailboxesOf",
    `SELECT mailbox.* FROM unnest($1::int8[], $2::int8[]) AS wanted (account, id)
       JOIN mailbox USING (account, id)`,
  ),
  subscriptions: statement(
    "subscriptionsOf",
    `SELECT account, name FROM unnest($1::int8[], $2::text[]) AS wanted (account, name)
       JOIN subscription USING (account, name)`,
  ),
  copies: statement(
    "copiesOf",
    `SELECT copy.*, copies, gone_at_ms
       FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[])
         AS wanted (account, mailbox, first, last)
       JOIN copy ON copy.account = wanted.account AND copy.mailbox = wanted.mailbox
         AND copy.uid BETWEEN first AND last
       LEFT JOIN copy_count ON copy_count.account = copy.account
         AND copy_count.message = copy.message`,
  ),
  messages: statement(
    "messagesOf",
    `SELECT message.account, id, octet_length(prefix) + body_bytes AS size_bytes, copies,
         gone_at_ms
       FROM unnest($1::int8[], $2::int8[]) AS wanted (account, id)
       JOIN message USING (account, id)
       LEFT JOIN copy_count ON copy_count.account = message.account
         AND copy_count.message = message.id`,
  ),
  threads: statement(
    "threadsOf",
    `SELECT account, key, thread FROM unnest($1::int8[], $2::int8[]) AS wanted (account, key)
       JOIN thread USING (account, key)`,
  ),
  blobs: statement(
    "blobsOf",
    "SELECT hash FROM blob WHERE hash = ANY($1::bytea[]) ORDER BY hash FOR KEY SHARE",
  ),
  // Whoever touches recipients has locked their message's row.
  dueQueues: statement(
    "dueQueues",
    `SELECT queue.id FROM recipient JOIN queue ON queue.id = recipient.queue
       WHERE NOT is_held AND ready_at_ms <= $1::float8 AND destination <> ALL($2::text[])
       ORDER BY ready_at_ms, queue, recipient LIMIT $3::int8 FOR UPDATE OF queue SKIP LOCKED`,
  ),
  queues: statement(
    "queuesOf",
    "SELECT * FROM queue WHERE id = ANY($1::int8[]) ORDER BY id FOR UPDATE",
  ),
  recipients: statement("recipientsOf", "SELECT * FROM recipient WHERE queue = ANY($1::int8[])"),
  accountNumbers: numbersOf("account"),
  queueNumbers: numbersOf("queue"),
  leaseNumbers: numbersOf("lease"),
} as const;

function numbersOf(name: string): Statement {
  const text = `SELECT nextval('${name}_number') AS number FROM generate_series(1, $1::int8)`;
  return statement(`${name}Numbers`, text);
}

/** A lease takes all recipients of a message and destination: the search looks at some more. */
const recipientsPerLease = 8;

export interface LoadedGroup {
  readonly tables: GroupTables;
  /** The try that is in the database: its answer was lost, not the commit. */
  readonly committedTry: number | undefined;
}

/**
 * Begins a transaction, locks what it is about in an order that is the same for all, and loads
 * what its batches need. All questions go at once; leases need a second round. `doubtfulKey` names
 * an earlier try of which nobody knows whether it was committed.
 */
export async function loadGroup(
  connection: Connection,
  needs: Needs,
  pools: NumberPools,
  doubtfulKey: string | undefined,
): Promise<LoadedGroup> {
  const tables = new GroupTables(pools);
  const loads: Promise<unknown>[] = [connection.run("BEGIN")];
  const load: Load = (query, parameters, take) =>
    void loads.push(connection.query(query, parameters).then((rows) => rows.forEach(take)));
  let committedTry: number | undefined;
  if (needs.isDirectory) {
    load(sql.lockDirectory, [], (row) => {
      tables.directory.before = tables.directory.now = numberOf(row, "value");
    });
  }
  loadAccounts(load, needs, tables);
  if (needs.isDirectory) loadDirectory(load, needs, tables);
  loadQueues(load, [...needs.queues], tables);
  const due = new Set<number>();
  for (const { nowMs, limit, skipDestinations } of needs.leases) {
    const parameters = [nowMs, texts(skipDestinations), Math.max(0, limit) * recipientsPerLease];
    load(sql.dueQueues, parameters, (row) => due.add(numberOf(row, "id")));
  }
  loadIfAny(
    load,
    sql.blobs,
    [...needs.blobs],
    (hashes) => [byteas(hashes.map(hashBytes))],
    (row) => tables.storedBlobs.add(hashFrom(bytesOf(row, "hash"))),
  );
  loadNumbers(load, needs, pools);
  if (doubtfulKey !== undefined) {
    load(sql.findCommit, [doubtfulKey], (row) => (committedTry = numberOf(row, "try")));
  }
  loadIfAny(
    load,
    sql.keys,
    [...needs.keys],
    (keys) => [texts(keys)],
    (row) => tables.keys.load(textOf(row, "key"), numberOf(row, "at_ms")),
  );
  await Promise.all(loads.splice(0));
  loadQueues(load, [...due].map(queueId), tables);
  await Promise.all(loads);
  markAbsent(needs, tables);
  return { tables, committedTry };
}

type Take = (row: Row) => void;
type Load = (query: Statement, parameters: readonly Parameter[], take: Take) => void;

function loadIfAny<Item>(
  load: Load,
  query: Statement,
  items: readonly Item[],
  parametersOf: (items: readonly Item[]) => readonly Parameter[],
  take: Take,
): void {
  if (items.length > 0) load(query, parametersOf(items), take);
}

function loadDirectory(load: Load, needs: Needs, tables: GroupTables): void {
  load(sql.domains, [texts([...needs.domains])], (row) => {
    const domain = domainFrom(row);
    tables.domains.load(domain.name, domain);
  });
  load(sql.domainUses, [texts([...needs.domainUses])], (row) =>
    tables.domainUses.set(textOf(row, "name"), numberOf(row, "uses")),
  );
  load(sql.aliases, [texts([...needs.aliases])], (row) => {
    const alias = aliasFrom(row);
    tables.aliases.load(alias.address, alias);
  });
  // After the accounts: one that is locked is not replaced by what was read before.
  load(sql.addresses, [texts([...needs.addresses])], (row) => takeAccount(row, tables));
}

function takeAccount(row: Row, tables: GroupTables): void {
  const account = accountFrom(row);
  tables.accounts.load(account.id, account);
  tables.addresses.load(account.address, account.id);
  tables.account(account.id);
}

function loadAccounts(load: Load, needs: Needs, tables: GroupTables): void {
  loadIfAny(
    load,
    sql.accounts,
    [...needs.accounts],
    (ids) => [int8s(ids)],
    (row) => takeAccount(row, tables),
  );
  const rowsOf = (row: Row) => tables.account(accountOf(row));
  const takeMailbox = (row: Row) => {
    const mailbox = mailboxFrom(row);
    rowsOf(row).mailboxes.load(mailbox.id, mailbox);
  };
  loadIfAny(load, sql.trees, [...needs.trees], (ids) => [int8s(ids)], takeMailbox);
  const byPair = pairsOf(needs.mailboxes);
  loadIfAny(load, sql.mailboxes, byPair, numberPairs, takeMailbox);
  loadIfAny(load, sql.subscriptions, pairsOf(needs.subscriptions), textPairs, (row) =>
    rowsOf(row).subscriptions.load(textOf(row, "name"), true),
  );
  loadIfAny(load, sql.threads, pairsOf(needs.threads), numberPairs, (row) =>
    rowsOf(row).threads.load(numberOf(row, "key"), threadId(numberOf(row, "thread"))),
  );
  loadIfAny(load, sql.messages, pairsOf(needs.messages), numberPairs, (row) =>
    takeMessage(row, "id", tables),
  );
  loadIfAny(load, sql.copies, needs.copies, copyRanges, (row) => {
    const copy = copyFrom(row);
    rowsOf(row)
      .copiesOf(mailboxId(numberOf(row, "mailbox")))
      .load(copy.uid, copy);
    takeMessage(row, "message", tables);
  });
}

function takeMessage(row: Row, column: string, tables: GroupTables): void {
  tables.account(accountOf(row)).messages.load(messageId(numberOf(row, column)), {
    sizeBytes: numberOf(row, "size_bytes"),
    copies: optionalNumber(row, "copies") ?? 1,
    goneAtMs: optionalNumber(row, "gone_at_ms") ?? 0,
  });
}

function loadQueues(load: Load, ids: readonly QueueId[], tables: GroupTables): void {
  loadIfAny(
    load,
    sql.queues,
    ids,
    (all) => [int8s(all)],
    (row) => {
      const record = queueFrom(row);
      tables.queues.load(record.id, record);
    },
  );
  loadIfAny(
    load,
    sql.recipients,
    ids,
    (all) => [int8s(all)],
    (row) => {
      const record = recipientFrom(row);
      tables.recipientRows(record.queue).load(record.recipient, record);
    },
  );
}

function loadNumbers(load: Load, needs: Needs, pools: NumberPools): void {
  const leases = needs.leases.reduce((sum, { limit }) => sum + Math.max(0, limit), 0);
  const wanted = [
    [sql.accountNumbers, pools.account, needs.newAccounts],
    [sql.queueNumbers, pools.queue, needs.newQueues],
    [sql.leaseNumbers, pools.lease, leases],
  ] as const;
  for (const [query, pool, count] of wanted) {
    if (count > pool.length) {
      load(query, [count - pool.length], (row) => pool.push(numberOf(row, "number")));
    }
  }
}

/** What was asked and not found does not exist. */
function markAbsent(needs: Needs, tables: GroupTables): void {
  for (const key of needs.keys) tables.keys.load(key, undefined);
  for (const name of needs.domains) tables.domains.load(name, undefined);
  for (const address of needs.aliases) tables.aliases.load(address, undefined);
  for (const address of needs.addresses) tables.addresses.load(address, undefined);
  for (const id of needs.queues) tables.queues.load(id, undefined);
  for (const id of needs.accounts) tables.accounts.load(id, undefined);
  for (const [id, rows] of tables.rowsOf) {
    if (needs.trees.has(id)) rows.mailboxes.completed();
    for (const one of needs.mailboxes.get(id) ?? []) rows.mailboxes.load(one, undefined);
    for (const one of needs.subscriptions.get(id) ?? []) rows.subscriptions.load(one, undefined);
    for (const one of needs.threads.get(id) ?? []) rows.threads.load(one, undefined);
    for (const one of needs.messages.get(id) ?? []) rows.messages.load(one, undefined);
  }
}

function accountOf(row: Row): AccountId {
  return accountId(numberOf(row, "account"));
}

function pairsOf<Item>(
  sets: ReadonlyMap<AccountId, ReadonlySet<Item>>,
): readonly (readonly [AccountId, Item])[] {
  return Array.from(sets).flatMap(([id, items]) =>
    Array.from(items, (item) => [id, item] as const),
  );
}

function numberPairs(pairs: readonly (readonly [number, number])[]): readonly Parameter[] {
  return [int8s(pairs.map(([first]) => first)), int8s(pairs.map(([, second]) => second))];
}

function textPairs(pairs: readonly (readonly [number, string])[]): readonly Parameter[] {
  return [int8s(pairs.map(([first]) => first)), texts(pairs.map(([, second]) => second))];
}

function copyRanges(ranges: readonly CopiesNeeded[]): readonly Parameter[] {
  return [
    int8s(ranges.map((range) => range.account)),
    int8s(ranges.map((range) => range.mailbox)),
    int8s(ranges.map((range) => range.first)),
    int8s(ranges.map((range) => range.last)),
  ];
}
