import type { Token } from "./letters.ts";

/** How an attempt to hand a message to us ended for one recipient. */
export type Fate =
  | { readonly kind: "acknowledged"; readonly journey: string }
  /** Refused: 4xx or 5xx, at RCPT or after the data. */
  | { readonly kind: "refused"; readonly code: number }
  /** The end of the data was sent and no answer came: it may have been kept. */
  | { readonly kind: "unknown" };

export interface Sending {
  readonly token: Token;
  readonly via: "mx" | "submission" | "lmtp";
  /** Empty for the null sender. */
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly bytes: Uint8Array;
  /** NOTIFY of all recipients; undefined when none was given. */
  readonly notify: string | undefined;
  /** One for each attempt, by recipient. */
  readonly attempts: ReadonlyMap<string, Fate>[];
}

/** A message that a remote server has taken responsibility for, for one recipient. */
export interface RemoteArrival {
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
  readonly atMs: number;
  /** Whether our server went on talking, so that it has certainly read the answer. */
  isAnswerSeen: boolean;
}

export interface Settlement {
  readonly token: Token;
  readonly address: string;
  readonly atMs: number;
}

/** A message put into a mailbox by a client. */
export interface Appending {
  readonly token: Token;
  readonly account: string;
  readonly mailbox: string;
  readonly bytes: Uint8Array;
  /** Absent when the client has not been told. */
  uid?: number;
}

export interface FlagWish {
  readonly account: string;
  readonly mailbox: string;
  readonly uid: number;
  readonly mode: "+" | "-" | "";
  readonly flags: readonly string[];
  readonly unchangedSince: number | undefined;
  readonly startedAtMs: number;
  /** What the untagged answer said; absent when it was not said or the command failed. */
  answer?: { readonly modSeq: number; readonly flags: readonly string[] };
}

export interface Copying {
  readonly account: string;
  readonly from: string;
  readonly to: string;
  readonly isMove: boolean;
  readonly fromUids: readonly number[];
  readonly toUids: readonly number[];
}

/** What a client saw a message to be. */
export interface Sighting {
  readonly account: string;
  readonly mailbox: string;
  readonly uidValidity: number;
  readonly uid: number;
  readonly token: Token;
}

export interface FinalView {
  readonly client: string;
  readonly account: string;
  readonly mailbox: string;
  readonly uidValidity: number;
  readonly messages: readonly { readonly uid: number; readonly flags: readonly string[] }[];
}

/** What the actors know and did: the truth that the store is held against after a run. */
export class Ledger {
  readonly sendings = new Map<Token, Sending>();
  readonly remoteArrivals: RemoteArrival[] = [];
  readonly appendings: Appending[] = [];
  readonly flagWishes: FlagWish[] = [];
  readonly copyings: Copying[] = [];
  readonly sightings: Sighting[] = [];
  readonly finalViews: FinalView[] = [];
  readonly settlements: Settlement[] = [];
  /** "account uid" in INBOX of messages that a POP3 client marked before it said QUIT. */
  readonly popDeletions = new Set<string>();
  /** The same, where +OK to QUIT said that they are gone. */
  readonly popRemoved = new Set<string>();
  /** "account mailbox uid" of messages that an IMAP client wanted to flag \Deleted. */
  readonly deletedWishes = new Set<string>();
  /** "account mailbox uid" of messages whose expunge was acknowledged. */
  readonly expunged = new Set<string>();
  /** Commits whose answer was lost, by the token of the message that they kept. */
  readonly lostCommits = new Map<Token, number>();
  /** When the server stopped, by a crash or politely. */
  readonly stops: number[] = [];
  /** What actors found wrong by themselves: protocol answers that cannot be. */
  readonly complaints: string[] = [];
  /** Events of the server that name a bug. */
  readonly bugs: string[] = [];

  complain(who: string, what: string): void {
    this.complaints.push(`${who}: ${what}`);
  }

  /** How often the server may have accepted a message that led somewhere, seen from outside. */
  acceptancesMax({ token, attempts }: Sending, leads: (recipient: string) => boolean): number {
    const possible = attempts.filter((fates) =>
      [...fates].some(([recipient, fate]) => fate.kind !== "refused" && leads(recipient)),
    );
    return possible.length + (this.lostCommits.get(token) ?? 0);
  }
}
