/**
 * The first schema. Conventions: times are milliseconds since 1970; `message_key` is account
 * number × 2^32 + message number, so that a message is one integer and the messages of an account
 * lie together in order; tables that are read by ranges are clustered by what they are read by.
 */
export const first = `
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

-- Names of batches that were applied. In order of rowid they are nearly in order of time.
CREATE TABLE batch_key (
  number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, at_ms INTEGER NOT NULL);

CREATE TABLE domain (name TEXT PRIMARY KEY, created_at_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE alias (
  address TEXT PRIMARY KEY, domain TEXT NOT NULL, targets TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX alias_domain ON alias (domain);

CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  address TEXT NOT NULL UNIQUE, domain TEXT NOT NULL, display_name TEXT NOT NULL,
  secret TEXT NOT NULL, quota_bytes INTEGER NOT NULL, is_enabled INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  mod_seq INTEGER NOT NULL, used_bytes INTEGER NOT NULL, message_count INTEGER NOT NULL,
  next_mailbox INTEGER NOT NULL, next_message INTEGER NOT NULL,
  last_uid_validity INTEGER NOT NULL);
CREATE INDEX account_domain ON account (domain);
-- Accounts that were removed and whose rows are still to be freed.
CREATE TABLE removed_account (id INTEGER PRIMARY KEY);

CREATE TABLE mailbox (
  account INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, role TEXT,
  uid_validity INTEGER NOT NULL, uid_next INTEGER NOT NULL, mod_seq INTEGER NOT NULL,
  total_count INTEGER NOT NULL, unseen_count INTEGER NOT NULL, deleted_count INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  PRIMARY KEY (account, id)) WITHOUT ROWID;
CREATE TABLE subscription (
  account INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (account, name)) WITHOUT ROWID;
-- Sets of keywords that copies refer to by number, from 1; separated by spaces.
CREATE TABLE keyword_set (
  account INTEGER NOT NULL, number INTEGER NOT NULL, keywords TEXT NOT NULL,
  PRIMARY KEY (account, number)) WITHOUT ROWID;

-- A message in a mailbox. flags: system flags in the low 5 bits, number of keyword set above.
CREATE TABLE copy (
  account INTEGER NOT NULL, mailbox INTEGER NOT NULL, uid INTEGER NOT NULL,
  message INTEGER NOT NULL, flags INTEGER NOT NULL, mod_seq INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL, internal_date_ms INTEGER NOT NULL, saved_at_ms INTEGER NOT NULL,
  PRIMARY KEY (account, mailbox, uid)) WITHOUT ROWID;
-- Only messages whose number of copies is not 1.
CREATE TABLE copy_count (
  message_key INTEGER PRIMARY KEY, copies INTEGER NOT NULL, gone_at_ms INTEGER NOT NULL);
CREATE INDEX copy_count_gone ON copy_count (gone_at_ms) WHERE copies = 0;

-- What lists of messages ask for lies close together; the rest is read for one at a time.
CREATE TABLE message (
  message_key INTEGER PRIMARY KEY,
  thread INTEGER NOT NULL, blob INTEGER NOT NULL, body_bytes INTEGER NOT NULL,
  prefix_bytes INTEGER NOT NULL, sent_at_ms INTEGER NOT NULL, has_attachment INTEGER NOT NULL,
  envelope TEXT NOT NULL, journey TEXT, message_id_header TEXT NOT NULL,
  base_subject TEXT NOT NULL);
CREATE TABLE message_detail (
  message_key INTEGER PRIMARY KEY,
  prefix BLOB NOT NULL, reference_ids TEXT NOT NULL, preview TEXT NOT NULL,
  body_structure TEXT NOT NULL, structure TEXT NOT NULL, search_headers TEXT NOT NULL,
  search_body TEXT NOT NULL);
CREATE TABLE thread (
  account INTEGER NOT NULL, key INTEGER NOT NULL, thread INTEGER NOT NULL,
  PRIMARY KEY (account, key)) WITHOUT ROWID;

-- place: order of entries that share a number. mailbox: 0 for acts about none.
CREATE TABLE log (
  account INTEGER NOT NULL, mod_seq INTEGER NOT NULL, place INTEGER NOT NULL,
  mailbox INTEGER NOT NULL, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, act TEXT NOT NULL,
  PRIMARY KEY (account, mod_seq, place)) WITHOUT ROWID;

-- segment NULL: the bytes are in blob_body. ref_count: messages and queue entries that use it.
CREATE TABLE blob (
  id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, size_bytes INTEGER NOT NULL,
  ref_count INTEGER NOT NULL, free_since_ms INTEGER NOT NULL, added_at_ms INTEGER NOT NULL,
  segment INTEGER, position INTEGER);
CREATE INDEX blob_free ON blob (free_since_ms) WHERE ref_count = 0;
CREATE INDEX blob_segment ON blob (segment, position) WHERE segment IS NOT NULL;
-- live_bytes: of the bodies in a segment that rows name. Kept by the triggers alone.
CREATE TABLE segment (id INTEGER PRIMARY KEY, live_bytes INTEGER NOT NULL);
CREATE TRIGGER blob_left AFTER UPDATE OF segment ON blob WHEN old.segment IS NOT NULL BEGIN
  UPDATE segment SET live_bytes = live_bytes - old.size_bytes WHERE id = old.segment;
END;
CREATE TRIGGER blob_came AFTER UPDATE OF segment ON blob WHEN new.segment IS NOT NULL BEGIN
  INSERT INTO segment VALUES (new.segment, new.size_bytes)
    ON CONFLICT (id) DO UPDATE SET live_bytes = live_bytes + new.size_bytes;
END;
CREATE TRIGGER blob_gone AFTER DELETE ON blob WHEN old.segment IS NOT NULL BEGIN
  UPDATE segment SET live_bytes = live_bytes - old.size_bytes WHERE id = old.segment;
END;
CREATE TABLE blob_body (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

CREATE TABLE queue (
  id INTEGER PRIMARY KEY, blob INTEGER NOT NULL, body_bytes INTEGER NOT NULL,
  queued_at_ms INTEGER NOT NULL, prefix BLOB NOT NULL, message TEXT NOT NULL);
CREATE TABLE recipient (
  queue INTEGER NOT NULL, recipient INTEGER NOT NULL, destination TEXT NOT NULL,
  ready_at_ms INTEGER NOT NULL, is_held INTEGER NOT NULL, lease INTEGER NOT NULL,
  rest TEXT NOT NULL,
  PRIMARY KEY (queue, recipient)) WITHOUT ROWID;
CREATE INDEX recipient_ready ON recipient (ready_at_ms, queue, recipient, destination)
  WHERE is_held = 0;
CREATE INDEX recipient_leased ON recipient (lease) WHERE lease <> 0;

CREATE TABLE journey_part (
  number INTEGER PRIMARY KEY, journey TEXT NOT NULL, at_ms INTEGER NOT NULL, part TEXT NOT NULL);
-- Handles of the parts from first_number on, sorted (see journey-index.ts); the newest parts are
-- in no block yet.
CREATE TABLE journey_block (
  first_number INTEGER PRIMARY KEY, next_number INTEGER NOT NULL, entries BLOB NOT NULL);

CREATE TABLE keyed (
  key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX keyed_expiry ON keyed (expires_at_ms);
`;
