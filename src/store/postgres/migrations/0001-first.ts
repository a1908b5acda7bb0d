/**
 * The first schema. Conventions: times are milliseconds since 1970; numbers of accounts, messages
 * and so on are those of base/ids.ts; text that is compared or sorted has the collation "C", which
 * is the order of code points. What one commit in two changes often (account, mailbox) leaves room
 * in its pages, so that a change stays in its page and touches no index.
 */
export const first = `
CREATE SEQUENCE account_number;
CREATE SEQUENCE queue_number;
CREATE SEQUENCE lease_number;
CREATE TABLE counter (name text COLLATE "C" PRIMARY KEY, value bigint NOT NULL);
INSERT INTO counter VALUES ('directory', 0);

-- Names of batches that were applied.
CREATE TABLE batch_key (key text COLLATE "C" PRIMARY KEY, at_ms double precision NOT NULL);
CREATE INDEX batch_key_age ON batch_key (at_ms);
-- Names of commits, so that one whose answer was lost is known by the next try. try: which it was.
CREATE TABLE commit_key (
  key text COLLATE "C" PRIMARY KEY, try integer NOT NULL, at_ms double precision NOT NULL);
CREATE INDEX commit_key_age ON commit_key (at_ms);

CREATE TABLE domain (
  name text COLLATE "C" PRIMARY KEY, created_at_ms double precision NOT NULL);
CREATE TABLE alias (
  address text COLLATE "C" PRIMARY KEY, domain text COLLATE "C" NOT NULL, targets text NOT NULL);
CREATE INDEX alias_domain ON alias (domain);

CREATE TABLE account (
  id bigint PRIMARY KEY,
  address text COLLATE "C" NOT NULL UNIQUE, domain text COLLATE "C" NOT NULL,
  display_name text NOT NULL, secret text NOT NULL, quota_bytes bigint NOT NULL,
  is_enabled boolean NOT NULL, created_at_ms double precision NOT NULL,
  mod_seq bigint NOT NULL, used_bytes bigint NOT NULL, message_count bigint NOT NULL,
  next_mailbox bigint NOT NULL, next_message bigint NOT NULL,
  last_uid_validity bigint NOT NULL) WITH (fillfactor = 50);
CREATE INDEX account_domain ON account (domain);
-- Accounts that were removed and whose rows are still to be freed.
CREATE TABLE removed_account (id bigint PRIMARY KEY);

CREATE TABLE mailbox (
  account bigint NOT NULL, id bigint NOT NULL, name text COLLATE "C" NOT NULL, role text,
  uid_validity bigint NOT NULL, uid_next bigint NOT NULL, mod_seq bigint NOT NULL,
  total_count bigint NOT NULL, unseen_count bigint NOT NULL, deleted_count bigint NOT NULL,
  size_bytes bigint NOT NULL,
  PRIMARY KEY (account, id)) WITH (fillfactor = 50);
CREATE TABLE subscription (
  account bigint NOT NULL, name text COLLATE "C" NOT NULL, PRIMARY KEY (account, name));

-- A message in a mailbox. keywords: separated by spaces.
CREATE TABLE copy (
  account bigint NOT NULL, mailbox bigint NOT NULL, uid bigint NOT NULL, message bigint NOT NULL,
  system_flags integer NOT NULL, keywords text NOT NULL, mod_seq bigint NOT NULL,
  size_bytes bigint NOT NULL, internal_date_ms double precision NOT NULL,
  saved_at_ms double precision NOT NULL,
  PRIMARY KEY (account, mailbox, uid)) WITH (fillfactor = 80);
-- Only messages whose number of copies is not 1.
CREATE TABLE copy_count (
  account bigint NOT NULL, message bigint NOT NULL, copies bigint NOT NULL,
  gone_at_ms double precision NOT NULL, PRIMARY KEY (account, message));
CREATE INDEX copy_count_gone ON copy_count (gone_at_ms) WHERE copies = 0;

CREATE TABLE message (
  account bigint NOT NULL, id bigint NOT NULL,
  thread bigint NOT NULL, blob bytea NOT NULL, body_bytes bigint NOT NULL,
  sent_at_ms double precision NOT NULL, has_attachment boolean NOT NULL,
  envelope text NOT NULL, prefix bytea NOT NULL, journey text, message_id_header text NOT NULL,
  base_subject text NOT NULL, reference_ids text NOT NULL, preview text NOT NULL,
  body_structure text NOT NULL, structure text NOT NULL, search_headers text NOT NULL,
  search_body text NOT NULL,
  PRIMARY KEY (account, id));
CREATE TABLE thread (
  account bigint NOT NULL, key bigint NOT NULL, thread bigint NOT NULL,
  PRIMARY KEY (account, key));

-- place: order of entries that share a number. mailbox: 0 for acts about none.
CREATE TABLE log (
  account bigint NOT NULL, mod_seq bigint NOT NULL, place integer NOT NULL,
  mailbox bigint NOT NULL, at_ms double precision NOT NULL, actor text NOT NULL,
  act text NOT NULL,
  PRIMARY KEY (account, mod_seq, place));

-- ref_count: messages and queue entries that use it.
CREATE TABLE blob (
  hash bytea PRIMARY KEY, size_bytes bigint NOT NULL, ref_count bigint NOT NULL,
  free_since_ms double precision NOT NULL);
CREATE INDEX blob_free ON blob (free_since_ms) WHERE ref_count = 0;
-- The bytes, in pieces of 256 KiB. Not compressed: reading a range then reads just that range.
CREATE TABLE blob_piece (
  hash bytea NOT NULL, place integer NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (hash, place));
ALTER TABLE blob_piece ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE queue (
  id bigint PRIMARY KEY, blob bytea NOT NULL, body_bytes bigint NOT NULL,
  queued_at_ms double precision NOT NULL, prefix bytea NOT NULL, message text NOT NULL);
-- owner: the server that has the lease; empty without one.
CREATE TABLE recipient (
  queue bigint NOT NULL, recipient integer NOT NULL, destination text COLLATE "C" NOT NULL,
  ready_at_ms double precision NOT NULL, is_held boolean NOT NULL, lease bigint NOT NULL,
  owner text COLLATE "C" NOT NULL, due_at_ms double precision NOT NULL, rest text NOT NULL,
  PRIMARY KEY (queue, recipient));
CREATE INDEX recipient_ready ON recipient (ready_at_ms, queue, recipient) WHERE NOT is_held;
CREATE INDEX recipient_owner ON recipient (owner) WHERE lease <> 0;

-- handles: hashes of the texts under which the part is found.
CREATE TABLE journey_part (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, journey text COLLATE "C" NOT NULL,
  at_ms double precision NOT NULL, handles bigint[] NOT NULL, part text NOT NULL);
CREATE INDEX journey_part_handles ON journey_part USING gin (handles)
  WITH (fastupdate = on, gin_pending_list_limit = 512);

CREATE TABLE keyed (
  key text COLLATE "C" PRIMARY KEY, value text NOT NULL, expires_at_ms double precision NOT NULL);
CREATE INDEX keyed_expiry ON keyed (expires_at_ms);

-- lz4 is read several times as fast as the default; a server built without it keeps that.
DO $$ BEGIN
  ALTER TABLE message ALTER COLUMN structure SET COMPRESSION lz4,
    ALTER COLUMN body_structure SET COMPRESSION lz4,
    ALTER COLUMN search_headers SET COMPRESSION lz4,
    ALTER COLUMN search_body SET COMPRESSION lz4;
  ALTER TABLE log ALTER COLUMN act SET COMPRESSION lz4;
  ALTER TABLE journey_part ALTER COLUMN part SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;
`;
