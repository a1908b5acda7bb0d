import type { AccountId } from "../base/ids.ts";

/** What proves an account's password, as text that only the accounts room reads (never plain). */
export type Secret = string;

export interface DomainRow {
  /** Lower-case A-label form. */
  readonly name: string;
  readonly createdAtMs: number;
}

export interface AccountRow {
  readonly id: AccountId;
  /** Login name and main address, `localpart@domain`, lower case. */
  readonly address: string;
  readonly displayName: string;
  readonly secret: Secret;
  /** Bytes of mail that the account may hold; 0 is without limit. */
  readonly quotaBytes: number;
  readonly isEnabled: boolean;
  readonly createdAtMs: number;
}

/** Where mail for an address goes. A catch-all is the address `@domain`. */
export interface AliasRow {
  readonly address: string;
  /** Addresses, here or elsewhere; at least one. */
  readonly targets: readonly string[];
}

export interface NewMailbox {
  readonly name: string;
  readonly role?: MailboxRole;
}

/** RFC 6154 §2 special uses, without the backslash and in lower case, and the inbox. */
export type MailboxRole = "inbox" | "archive" | "drafts" | "flagged" | "junk" | "sent" | "trash";

export type DirectoryChange =
  | { readonly kind: "directory.domainAdd"; readonly name: string }
  | { readonly kind: "directory.domainRemove"; readonly name: string }
  | {
      readonly kind: "directory.accountAdd";
      readonly address: string;
      readonly displayName: string;
      readonly secret: Secret;
      readonly quotaBytes: number;
      /** Made with the account, all subscribed. INBOX must be among them. */
      readonly mailboxes: readonly NewMailbox[];
    }
  | {
      readonly kind: "directory.accountUpdate";
      readonly account: AccountId;
      readonly displayName?: string;
      readonly secret?: Secret;
      readonly quotaBytes?: number;
      readonly isEnabled?: boolean;
    }
  | { readonly kind: "directory.accountRemove"; readonly account: AccountId }
  | {
      readonly kind: "directory.aliasPut";
      readonly address: string;
      readonly targets: readonly string[];
    }
  | { readonly kind: "directory.aliasRemove"; readonly address: string };

export type DirectoryResult =
  | { readonly kind: "directory" }
  | { readonly kind: "directory.accountAdd"; readonly account: AccountId };

/**
 * Who and what exists here. Adding what exists is refused with `conflict`, naming what does not
 * exist with `noSuchUser`; a domain with accounts or aliases cannot be removed (`conflict`).
 */
export interface DirectoryReader {
  domains(): Promise<readonly DomainRow[]>;
  accounts(): Promise<readonly AccountRow[]>;
  aliases(): Promise<readonly AliasRow[]>;
  findAccount(address: string): Promise<AccountRow | undefined>;
  findAccountById(id: AccountId): Promise<AccountRow | undefined>;
  findAlias(address: string): Promise<AliasRow | undefined>;
  /** Rises with every directory change: a cache made at another revision is stale. */
  revision(): Promise<number>;
}
