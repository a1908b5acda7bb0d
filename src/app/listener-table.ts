/** The protocols that listeners speak. */
export type ListenerProtocol =
  | "smtp"
  | "smtp-alt"
  | "submission"
  | "submissions"
  | "lmtp"
  | "pop3"
  | "pop3s"
  | "imap"
  | "imaps"
  | "imaps-legacy"
  | "http"
  | "https";

/** Those that the doors speak: all but the web's. */
export type MailProtocol = Exclude<ListenerProtocol, "http" | "https">;

export interface ListenerRow {
  readonly protocol: ListenerProtocol;
  /** Standard port; the configured offset is added. */
  readonly port: number;
  /** TLS from the first byte. */
  readonly isImplicitTls: boolean;
  /** For people. */
  readonly about: string;
}

/** Every listener there is, in the order in which they are shown. */
export const listenerTable: readonly ListenerRow[] = [
  { protocol: "smtp", port: 25, isImplicitTls: false, about: "mail from other servers" },
  {
    protocol: "smtp-alt",
    port: 2525,
    isImplicitTls: false,
    about: "mail and sending, where 25 is blocked",
  },
  { protocol: "submission", port: 587, isImplicitTls: false, about: "sending, STARTTLS" },
  { protocol: "submissions", port: 465, isImplicitTls: true, about: "sending, TLS" },
  { protocol: "lmtp", port: 24, isImplicitTls: false, about: "local delivery" },
  { protocol: "pop3", port: 110, isImplicitTls: false, about: "fetching, STLS" },
  { protocol: "pop3s", port: 995, isImplicitTls: true, about: "fetching, TLS" },
  { protocol: "imap", port: 143, isImplicitTls: false, about: "reading, STARTTLS" },
  { protocol: "imaps", port: 993, isImplicitTls: true, about: "reading, TLS" },
  { protocol: "imaps-legacy", port: 585, isImplicitTls: true, about: "reading, TLS, old port" },
  { protocol: "http", port: 80, isImplicitTls: false, about: "web" },
  { protocol: "https", port: 443, isImplicitTls: true, about: "web, TLS" },
];
