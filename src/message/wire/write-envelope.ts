import type { Address, MailboxAddress } from "../addresses.ts";
import { parseRawAddresses } from "../grammar/address-list.ts";
import { rawValue } from "../headers.ts";
import type { Header } from "../headers.ts";
import type { MessageLimits } from "../limits.ts";
import { imapNString, imapString } from "./imap-strings.ts";

/** The fields that an envelope is made of, undecoded. */
export interface EnvelopeFields {
  date?: string;
  subject?: string;
  messageId?: string;
  inReplyTo?: string;
  from?: Address[];
  sender?: Address[];
  replyTo?: Address[];
  to?: Address[];
  cc?: Address[];
  bcc?: Address[];
}

export interface WrittenEnvelope {
  readonly text: string;
  readonly fields: EnvelopeFields;
  readonly steps: number;
  readonly isTruncated: boolean;
}

type TextField = "date" | "subject" | "messageId" | "inReplyTo";
type AddressField = "from" | "sender" | "replyTo" | "to" | "cc" | "bcc";

const textFields: ReadonlyMap<string, TextField> = new Map([
  ["date", "date"],
  ["subject", "subject"],
  ["message-id", "messageId"],
  ["in-reply-to", "inReplyTo"],
]);
const addressFields: ReadonlyMap<string, AddressField> = new Map([
  ["from", "from"],
  ["sender", "sender"],
  ["reply-to", "replyTo"],
  ["to", "to"],
  ["cc", "cc"],
  ["bcc", "bcc"],
]);
const NAME_LENGTH_MAX = 11;

/** Reads the envelope's fields and writes them (see `formatEnvelope`). */
export function writeEnvelope(header: Header, limits: MessageLimits): WrittenEnvelope {
  const fields: EnvelopeFields = {};
  let steps = header.fields.length;
  let isTruncated = false;
  for (const field of header.fields) {
    if (field.name.length > NAME_LENGTH_MAX) continue;
    const addressField = addressFields.get(field.name);
    if (addressField !== undefined) {
      const list = parseRawAddresses(rawValue(header, field), limits.addressesMax);
      steps += list.steps;
      if (list.isTruncated) isTruncated = true;
      fields[addressField] = fields[addressField]?.concat(list.addresses) ?? list.addresses;
      continue;
    }
    const textField = textFields.get(field.name);
    if (textField !== undefined) fields[textField] ??= rawValue(header, field);
  }
  return { text: formatFields(fields), fields, steps, isTruncated };
}

function formatFields(fields: EnvelopeFields): string {
  const from = formatAddresses(fields.from);
  const sender = formatAddresses(fields.sender);
  const replyTo = formatAddresses(fields.replyTo);
  return `(${imapNString(fields.date)} ${imapNString(fields.subject)} ${from} ${
    sender === "NIL" ? from : sender
  } ${replyTo === "NIL" ? from : replyTo} ${formatAddresses(fields.to)} ${formatAddresses(
    fields.cc,
  )} ${formatAddresses(fields.bcc)} ${imapNString(fields.inReplyTo)} ${imapNString(
    fields.messageId,
  )})`;
}

function formatAddresses(addresses: readonly Address[] | undefined): string {
  if (addresses === undefined || addresses.length === 0) return "NIL";
  let formatted = "(";
  for (const address of addresses) {
    if (address.kind === "mailbox") formatted += formatMailbox(address);
    else {
      // RFC 9051 §7.5.2: a group is framed by entries without a host name.
      formatted += `(NIL NIL ${imapString(address.name)} NIL)`;
      for (const member of address.members) formatted += formatMailbox(member);
      formatted += "(NIL NIL NIL NIL)";
    }
  }
  return `${formatted})`;
}

function formatMailbox({ name, local, domain }: MailboxAddress): string {
  const personal = name === "" ? "NIL" : imapString(name);
  return `(${personal} NIL ${imapString(local)} ${imapString(domain)})`;
}
