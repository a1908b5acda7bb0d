import type { Clock } from "../../base/clock.ts";
import { asRefusal, Refusal } from "../../base/faults.ts";
import type { Log } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import { randomName } from "../../base/random.ts";
import type { MailService } from "../../mailbox/account-mail.ts";
import type { Removal } from "../../mailbox/fetch-preferences.ts";
import type { TlsServerContext } from "../../net/network.ts";
import { isLoopback } from "../../net/networks.ts";
import type { LoginGuard } from "../../protocol/login-guard.ts";
import type { RowTable } from "../../protocol/rows.ts";
import { mechanismsFor } from "../../protocol/sasl.ts";
import type { SaslAuthority } from "../../protocol/sasl.ts";
import type { Sessions } from "../../protocol/sessions.ts";
import type { Wire } from "../../protocol/wire.ts";
import type { Pop3Limits } from "../pop3-limits.ts";
import type { Maildrop } from "./maildrop.ts";
import type { MaildropLogin } from "./maildrop-authority.ts";
import type { ReadAhead } from "./read-ahead.ts";
import { english } from "./texts/english.ts";
import type { Texts } from "./texts/texts.ts";
import { formatOk, formatRefusal } from "./replies.ts";

/** What all sessions of a door share. */
export interface Pop3Services {
  readonly tls?: TlsServerContext;
  readonly plainTextLogin: "never" | "loopback" | "always";
  readonly limits: Pop3Limits;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly authority: SaslAuthority<MaildropLogin>;
  /** Whether fetching counts as reading for IMAP and the web, where the account has no wish. */
  readonly marksSeen: boolean;
  readonly removal: Removal;
  readonly mail: MailService;
  readonly guard: LoginGuard;
  readonly sessions: Sessions;
  readonly rows: RowTable<Pop3Session, string | undefined>;
  /** Aborted with a refusal when the door closes. */
  readonly closing: AbortSignal;
}

/** RFC 1939 §3: the states; UPDATE is the end of QUIT and no command is possible in it. */
export type SessionState =
  | { readonly phase: "authorization"; readonly user?: string }
  | {
      readonly phase: "transaction";
      readonly login: MaildropLogin;
      readonly drop: Maildrop;
      readonly reader: ReadAhead;
      readonly lock: Disposable;
    }
  | { readonly phase: "over" };

export type Transaction = Extract<SessionState, { readonly phase: "transaction" }>;

export class Pop3Session {
  readonly wire: Wire;
  readonly services: Pop3Services;
  /** Names the connection in the log. */
  readonly id: string;
  state: SessionState = { phase: "authorization" };
  /** RFC 6856 §2: the client reads UTF-8 in headers. */
  isUtf8 = false;
  /** RFC 6856 §3.1: what LANG chose. */
  texts: Texts = english;
  loginErrorCount = 0;
  retrievedCount = 0;
  /** Commands came before the answers to earlier ones were sent: they acknowledge nothing. */
  isPipelining = false;
  #leaving: Promise<void> = Promise.resolve();

  constructor(wire: Wire, services: Pop3Services) {
    this.wire = wire;
    this.services = services;
    this.id = randomName(services.random, 10);
  }

  /** The state of a row that is possible in it only. @throws Refusal `badState`. */
  get transaction(): Transaction {
    if (this.state.phase === "transaction") return this.state;
    throw new Refusal("badState", "Log in first.");
  }

  get remoteAddress(): string {
    return this.wire.connection.remote.address;
  }

  /** TLS, or loopback where policy says that is as good. */
  get isPrivate(): boolean {
    if (this.wire.connection.tls !== undefined) return true;
    const { plainTextLogin } = this.services;
    if (plainTextLogin === "loopback") return isLoopback(this.remoteAddress);
    return plainTextLogin === "always";
  }

  get mechanisms(): readonly string[] {
    const exporter = this.wire.connection.tls?.exporter;
    return mechanismsFor({ isPrivate: this.isPrivate, exporter });
  }

  get canStartTls(): boolean {
    return this.services.tls !== undefined && this.wire.connection.tls === undefined;
  }

  /** Output is gathered; who writes much waits for the result. */
  write(data: Uint8Array | string): Promise<void> | undefined {
    return this.wire.write(data);
  }

  ok(text: string): void {
    void this.wire.write(formatOk(text));
  }

  /** Says no, in the session's language. */
  refuse(refusal: Refusal): void {
    void this.wire.write(formatRefusal(refusal, this.texts.refused(refusal)));
  }

  hangUp(refusal: Refusal): void {
    this.end();
    this.refuse(refusal);
  }

  /** Ends the session without UPDATE. What the client has got is written down all the same. */
  end(): void {
    const { state } = this;
    this.state = { phase: "over" };
    if (state.phase !== "transaction") return;
    if (state.drop.unsavedCount === 0) state.lock[Symbol.dispose]();
    else this.#leaving = this.#leave(state);
  }

  /** Ends the session, and resolves when its maildrop is free. */
  async leave(): Promise<void> {
    this.end();
    await this.#leaving;
  }

  /** Writes down what the client has, where a failure must not change an answer. Never throws. */
  async saveFetched(drop: Maildrop): Promise<void> {
    try {
      await drop.saveFetched();
    } catch (error) {
      const { reason, detail } = asRefusal(error);
      const facts = { session: this.id, reason, detail };
      this.services.log.write("error", "pop3.fetchedNotSaved", facts);
    }
  }

  async #leave({ drop, lock }: Transaction): Promise<void> {
    await this.saveFetched(drop);
    lock[Symbol.dispose]();
  }
}
