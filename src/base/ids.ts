declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Number of an account, from 1, never reused. */
export type AccountId = Branded<number, "AccountId">;
/** Number of a mailbox within its account, from 1, never reused. */
export type MailboxId = Branded<number, "MailboxId">;
/** Number of a message within its account (whatever mailboxes hold it), from 1, never reused. */
export type MessageId = Branded<number, "MessageId">;
/** Number of a conversation within its account: the MessageId of its first message. */
export type ThreadId = Branded<number, "ThreadId">;
/** RFC 9051 §2.3.1.1: 1 to 4294967295, rising within a mailbox, never reused. */
export type Uid = Branded<number, "Uid">;
/** RFC 9051 §2.3.1.2: place of a message in a session's view of a mailbox, from 1. */
export type SeqNo = Branded<number, "SeqNo">;
/** Number of a change in an account's log, from 1, below 2^53 (RFC 7162 allows 2^63). */
export type ModSeq = Branded<number, "ModSeq">;
/** SHA-256 of a body, 64 lower-case hexadecimal digits. */
export type BlobHash = Branded<string, "BlobHash">;
/** Names one message's way through the server, from its first SMTP byte: 20 URL-safe characters. */
export type JourneyId = Branded<string, "JourneyId">;
/** Number of a message in the outbound queue. */
export type QueueId = Branded<number, "QueueId">;

/** Typed views of plain numbers and strings that were just proved or just made. */
export const accountId = (value: number): AccountId => value as AccountId;
export const mailboxId = (value: number): MailboxId => value as MailboxId;
export const messageId = (value: number): MessageId => value as MessageId;
export const threadId = (value: number): ThreadId => value as ThreadId;
export const uid = (value: number): Uid => value as Uid;
export const seqNo = (value: number): SeqNo => value as SeqNo;
export const modSeq = (value: number): ModSeq => value as ModSeq;
export const blobHash = (value: string): BlobHash => value as BlobHash;
export const journeyId = (value: string): JourneyId => value as JourneyId;
export const queueId = (value: number): QueueId => value as QueueId;
