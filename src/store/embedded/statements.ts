import type { DatabaseSync, StatementSync } from "node:sqlite";

const text = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  savepoint: "SAVEPOINT batch",
  release: "RELEASE batch",
  rollbackTo: "ROLLBACK TO batch",

  nextCounter: `INSERT INTO counter VALUES (?, 1)
    ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value`,
  counter: "SELECT value FROM counter WHERE name = ?",
  findKey: "SELECT 1 FROM batch_key WHERE key = ?",
  addKey: "INSERT INTO batch_key (key, at_ms) VALUES (?, ?)",

  domains: "SELECT name, created_at_ms FROM domain ORDER BY name",
  findDomain: "SELECT name, created_at_ms FROM domain WHERE name = ?",
  addDomain: "INSERT INTO domain VALUES (?, ?)",
  removeDomain: "DELETE FROM domain WHERE name = ?",
  isDomainUsed: `SELECT EXISTS (SELECT 1 FROM account WHERE domain = ?1)
    OR EXISTS (SELECT 1 FROM alias WHERE domain = ?1) AS used`,
  aliases: "SELECT address, targets FROM alias ORDER BY address",
  findAlias: "SELECT address, targets FROM alias WHERE address = ?",
  putAlias: "INSERT OR REPLACE INTO alias VALUES (?, ?, ?)",
  removeAlias: "DELETE FROM alias WHERE address = ?",

  accounts: "SELECT * FROM account ORDER BY address",
  findAccount: "SELECT * FROM account WHERE id = ?",
  findAccountByAddress: "SELECT * FROM account WHERE address = ?",
  putAccount: `INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name,
      secret = excluded.secret, quota_bytes = excluded.quota_bytes,
      is_enabled = excluded.is_enabled, mod_seq = excluded.mod_seq,
      used_bytes = excluded.used_bytes, message_count = excluded.message_count,
      next_mailbox = excluded.next_mailbox, next_message = excluded.next_message,
      last_uid_validity = excluded.last_uid_validity`,
  countAccount: `UPDATE account SET mod_seq = ?, used_bytes = ?, message_count = ?,
    next_message = ? WHERE id = ?`,
  removeAccount: "DELETE FROM account WHERE id = ?",
  markRemoved: "INSERT INTO removed_account VALUES (?)",

  mailboxes: "SELECT * FROM mailbox WHERE account = ?",
  putMailbox: "INSERT OR REPLACE INTO mailbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  removeMailbox: "DELETE FROM mailbox WHERE account = ? AND id = ?",
  removeAllCopies: "DELETE FROM copy WHERE account = ? AND mailbox = ?",
  subscriptions: "SELECT name FROM subscription WHERE account = ? ORDER BY name",
  isSubscribed: "SELECT 1 FROM subscription WHERE account = ? AND name = ?",
  subscribe: "INSERT OR IGNORE INTO subscription VALUES (?, ?)",
  unsubscribe: "DELETE FROM subscription WHERE account = ? AND name = ?",
  keywordSets: "SELECT keywords FROM keyword_set WHERE account = ? ORDER BY number",
  addKeywordSet: "INSERT INTO keyword_set VALUES (?, ?, ?)",

  addCopy: "INSERT INTO copy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
  setFlags: `UPDATE copy SET flags = ?, mod_seq = ?
    WHERE account = ? AND mailbox = ? AND uid BETWEEN ? AND ?`,
  removeCopies: "DELETE FROM copy WHERE account = ? AND mailbox = ? AND uid BETWEEN ? AND ?",
  copyCount: "SELECT copies FROM copy_count WHERE message_key = ?",
  setCopyCount: "INSERT OR REPLACE INTO copy_count VALUES (?, ?, ?)",
  removeCopyCount: "DELETE FROM copy_count WHERE message_key = ?",

  addMessage: "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  addDetail: "INSERT INTO message_detail VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  messageSize: `SELECT prefix_bytes + body_bytes AS size_bytes FROM message
    WHERE message_key = ?`,
  findThread: "SELECT thread FROM thread WHERE account = ? AND key = ?",
  addThread: "INSERT OR IGNORE INTO thread VALUES (?, ?, ?)",
  addLog: "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)",

  keepBlob: `INSERT INTO blob (hash, size_bytes, ref_count, free_since_ms, added_at_ms)
    VALUES (?, ?, 1, 0, ?)
    ON CONFLICT (hash) DO UPDATE SET ref_count = ref_count + 1 RETURNING id, segment`,
  addBody: "INSERT OR IGNORE INTO blob_body VALUES (?, ?)",
  hasBody: "SELECT 1 FROM blob_body WHERE id = ?",
  placeBlob: "UPDATE blob SET segment = ?, position = ? WHERE id = ?",
  releaseBlob: `UPDATE blob SET ref_count = ref_count - 1, free_since_ms = ? WHERE id = ?
    RETURNING ref_count`,
  findBlob: "SELECT id, size_bytes, segment, position FROM blob WHERE hash = ?",
  blobHash: "SELECT hash FROM blob WHERE id = ?",
  readBody: "SELECT bytes FROM blob_body WHERE id = ?",

  queueIds: "SELECT id FROM queue WHERE id > ? ORDER BY id LIMIT ?",
  findQueue: `SELECT queue.id, body_bytes, queued_at_ms, prefix, message, hash
    FROM queue JOIN blob ON blob.id = queue.blob WHERE queue.id = ?`,
  addQueue: "INSERT INTO queue VALUES (?, ?, ?, ?, ?, ?)",
  removeQueue: "DELETE FROM queue WHERE id = ? RETURNING blob",
  removeRecipients: "DELETE FROM recipient WHERE queue = ?",
  recipients: "SELECT * FROM recipient WHERE queue = ? ORDER BY recipient",
  findRecipient: "SELECT * FROM recipient WHERE queue = ? AND recipient = ?",
  putRecipient: "INSERT OR REPLACE INTO recipient VALUES (?, ?, ?, ?, ?, ?, ?)",
  removeRecipient: "DELETE FROM recipient WHERE queue = ? AND recipient = ?",
  readyRecipients: `SELECT queue, recipient FROM recipient
    WHERE is_held = 0 AND ready_at_ms <= ?
      AND destination NOT IN (SELECT value FROM json_each(?))
    ORDER BY ready_at_ms, queue, recipient`,
  nextReady: "SELECT min(ready_at_ms) AS next FROM recipient WHERE is_held = 0",
  queueCounts: `SELECT (SELECT count(*) FROM queue) AS messages,
    (SELECT count(*) FROM recipient) AS recipients`,
  leasedRecipients: "SELECT * FROM recipient WHERE lease <> 0",

  addPart: "INSERT INTO journey_part VALUES (?, ?, ?, ?)",
  journeyPart: "SELECT journey, part FROM journey_part WHERE number = ?",
  partsFrom: "SELECT number, journey, part FROM journey_part WHERE number >= ? ORDER BY number",
  addBlock: "INSERT INTO journey_block VALUES (?, ?, ?)",
  lastBlock: "SELECT max(next_number) AS next FROM journey_block",
  blocks: "SELECT first_number, entries FROM journey_block ORDER BY first_number DESC",

  keyed: "SELECT value, expires_at_ms FROM keyed WHERE key = ?",
  setKeyed: "INSERT OR REPLACE INTO keyed VALUES (?, ?, ?)",
  removeKeyed: "DELETE FROM keyed WHERE key = ?",
} as const;

/** The room's fixed statements, each prepared once. */
export type Statements = Readonly<Record<keyof typeof text, StatementSync>>;

export function prepareStatements(database: DatabaseSync): Statements {
  const prepared: Record<string, StatementSync> = {};
  for (const [name, sql] of Object.entries(text)) prepared[name] = database.prepare(sql);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one for each key of `text`
  return prepared as Statements; // one for each key of `text`, as just made
}
