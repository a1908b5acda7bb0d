import { statement } from "./statement.ts";

/** What a commit writes, a statement for each table and act; arrays have an element per row. */
export const sql = {
  addCommit: statement("addCommit", "INSERT INTO commit_key VALUES ($1, $2, $3)"),
  addKey: statement("addKey", "INSERT INTO batch_key VALUES ($1, $2)"),

  keepBlobs: statement(
    "keepBlobs",
    `INSERT INTO blob
       SELECT hash, size, keeps, 0 FROM unnest($1::bytea[], $2::int8[], $3::int8[])
         AS kept (hash, size, keeps)
       ON CONFLICT (hash) DO UPDATE SET ref_count = blob.ref_count + excluded.ref_count`,
  ),
  addSmallBodies: statement(
    "addSmallBodies",
    `INSERT INTO blob_piece
       SELECT hash, 0, bytes FROM unnest($1::bytea[], $2::bytea[]) AS body (hash, bytes)
       ON CONFLICT DO NOTHING`,
  ),
  releaseBlobs: statement(
    "releaseBlobs",
    `UPDATE blob SET ref_count = ref_count - released.count, free_since_ms = $3
       FROM unnest($1::bytea[], $2::int8[]) AS released (hash, count)
       WHERE blob.hash = released.hash`,
  ),

  setDirectory: statement("setDirectory", "UPDATE counter SET value = $1 WHERE name = 'directory'"),
  addDomain: statement("addDomain", "INSERT INTO domain VALUES ($1, $2)"),
  removeDomain: statement("removeDomain", "DELETE FROM domain WHERE name = $1"),
  putAlias: statement(
    "putAlias",
    `INSERT INTO alias VALUES ($1, $2, $3)
       ON CONFLICT (address) DO UPDATE SET targets = excluded.targets`,
  ),
  removeAlias: statement("removeAlias", "DELETE FROM alias WHERE address = $1"),
  putAccount: statement(
    "putAccount",
    `INSERT INTO account VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
       ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name,
         secret = excluded.secret, quota_bytes = excluded.quota_bytes,
         is_enabled = excluded.is_enabled, mod_seq = excluded.mod_seq,
         used_bytes = excluded.used_bytes, message_count = excluded.message_count,
         next_mailbox = excluded.next_mailbox, next_message = excluded.next_message,
         last_uid_validity = excluded.last_uid_validity`,
  ),
  countAccounts: statement(
    "countAccounts",
    `UPDATE account SET mod_seq = counted.mod_seq, used_bytes = counted.used_bytes,
         message_count = counted.message_count, next_mailbox = counted.next_mailbox,
         next_message = counted.next_message, last_uid_validity = counted.last_uid_validity
       FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[],
         $7::int8[]) AS counted (id, mod_seq, used_bytes, message_count, next_mailbox,
         next_message, last_uid_validity)
       WHERE account.id = counted.id`,
  ),
  removeAccount: statement(
    "removeAccount",
    `WITH gone AS (DELETE FROM account WHERE id = $1 RETURNING id)
       INSERT INTO removed_account SELECT id FROM gone`,
  ),

  putMailboxes: statement(
    "putMailboxes",
    `INSERT INTO mailbox
       SELECT * FROM unnest($1::int8[], $2::int8[], $3::text[], $4::text[], $5::int8[],
         $6::int8[], $7::int8[], $8::int8[], $9::int8[], $10::int8[], $11::int8[],
         $12::text[])
       ON CONFLICT (account, id) DO UPDATE SET name = excluded.name, role = excluded.role,
         uid_next = excluded.uid_next, mod_seq = excluded.mod_seq,
         total_count = excluded.total_count, unseen_count = excluded.unseen_count,
         deleted_count = excluded.deleted_count, size_bytes = excluded.size_bytes,
         annotations = excluded.annotations`,
  ),
  removeMailbox: statement(
    "removeMailbox",
    `WITH copies AS (DELETE FROM copy WHERE account = $1 AND mailbox = $2)
       DELETE FROM mailbox WHERE account = $1 AND id = $2`,
  ),
  subscribe: statement(
    "subscribe",
    "INSERT INTO subscription VALUES ($1, $2) ON CONFLICT DO NOTHING",
  ),
  unsubscribe: statement(
    "unsubscribe",
    "DELETE FROM subscription WHERE account = $1 AND name = $2",
  ),

  addCopies: statement(
    "addCopies",
    `INSERT INTO copy (account, mailbox, uid, system_flags, keywords, mod_seq, message,
         size_bytes, internal_date_ms, saved_at_ms)
       SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int4[], $5::text[],
         $6::int8[], $7::int8[], $8::int8[], $9::float8[], $10::float8[])`,
  ),
  flagCopies: statement(
    "flagCopies",
    `UPDATE copy SET system_flags = flagged.system_flags, keywords = flagged.keywords,
         mod_seq = flagged.mod_seq
       FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int4[], $5::text[], $6::int8[])
         AS flagged (account, mailbox, uid, system_flags, keywords, mod_seq)
       WHERE copy.account = flagged.account AND copy.mailbox = flagged.mailbox
         AND copy.uid = flagged.uid`,
  ),
  removeCopies: statement(
    "removeCopies",
    `DELETE FROM copy USING unnest($1::int8[], $2::int8[], $3::int8[])
         AS gone (account, mailbox, uid)
       WHERE copy.account = gone.account AND copy.mailbox = gone.mailbox
         AND copy.uid = gone.uid`,
  ),
  setCopyCounts: statement(
    "setCopyCounts",
    `INSERT INTO copy_count
       SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::float8[])
       ON CONFLICT (account, message) DO UPDATE SET copies = excluded.copies,
         gone_at_ms = excluded.gone_at_ms`,
  ),
  removeCopyCounts: statement(
    "removeCopyCounts",
    `DELETE FROM copy_count USING unnest($1::int8[], $2::int8[]) AS single (account, message)
       WHERE copy_count.account = single.account AND copy_count.message = single.message`,
  ),

  addMessages: statement(
    "addMessages",
    `INSERT INTO message
       SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::bytea[], $5::int8[],
         $6::float8[], $7::bool[], $8::text[], $9::bytea[], $10::text[], $11::text[],
         $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[],
         $18::text[])`,
  ),
  addThreads: statement(
    "addThreads",
    `INSERT INTO thread SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[])
       ON CONFLICT DO NOTHING`,
  ),
  addLog: statement(
    "addLog",
    `INSERT INTO log SELECT * FROM unnest($1::int8[], $2::int8[], $3::int4[], $4::int8[],
       $5::float8[], $6::text[], $7::text[])`,
  ),

  addQueue: statement("addQueue", "INSERT INTO queue VALUES ($1, $2, $3, $4, $5, $6)"),
  removeQueue: statement("removeQueue", "DELETE FROM queue WHERE id = $1"),
  putRecipients: statement(
    "putRecipients",
    `INSERT INTO recipient (queue, recipient, destination, ready_at_ms, is_held, lease, owner,
         due_at_ms, rest)
       SELECT queue, recipient, destination, ready_at_ms, is_held, lease,
         CASE lease WHEN 0 THEN '' ELSE $9::text END, due_at_ms, rest
       FROM unnest($1::int8[], $2::int4[], $3::text[], $4::float8[], $5::bool[], $6::int8[],
         $7::float8[], $8::text[])
         AS put (queue, recipient, destination, ready_at_ms, is_held, lease, due_at_ms, rest)
       ON CONFLICT (queue, recipient) DO UPDATE SET ready_at_ms = excluded.ready_at_ms,
         is_held = excluded.is_held, lease = excluded.lease, due_at_ms = excluded.due_at_ms,
         owner = CASE WHEN recipient.lease = excluded.lease THEN recipient.owner
           ELSE excluded.owner END,
         rest = excluded.rest`,
  ),
  removeRecipients: statement(
    "removeRecipients",
    `DELETE FROM recipient USING unnest($1::int8[], $2::int4[]) AS gone (queue, recipient)
       WHERE recipient.queue = gone.queue AND recipient.recipient = gone.recipient`,
  ),
  addJourneys: statement(
    "addJourneys",
    `INSERT INTO journey_part (journey, at_ms, handles, part)
       SELECT journey, at_ms, handles::int8[], part
       FROM unnest($1::text[], $2::float8[], $3::text[], $4::text[])
         WITH ORDINALITY AS added (journey, at_ms, handles, part, place) ORDER BY place`,
  ),
} as const;
