import type { Login } from "../../accounts/accounts.ts";
import { sleep } from "../../base/clock.ts";
import type { Refusal } from "../../base/faults.ts";
import type { JourneyId } from "../../base/ids.ts";
import type { AcceptedRecipient } from "../../delivery/delivery.ts";
import { JourneyRecorder, newJourneyId } from "../../journey/recorder.ts";
import { isLoopback } from "../../net/networks.ts";
import type { Wire } from "../../protocol/wire.ts";
import type { Attributes } from "../grammar/attributes.ts";
import type { MailArgument } from "../grammar/envelope.ts";
import type { LineEndCheck } from "../grammar/line-ends.ts";
import { formatReply, type Reply, reply } from "../grammar/reply.ts";
import type { MessageBuffer } from "./message-buffer.ts";
import { replyTo } from "./replies.ts";
import type { SmtpServices } from "./services.ts";

/** How the client introduced itself. */
export interface Hello {
  readonly name: string;
  /** EHLO or LHLO: the client knows extensions. */
  readonly isExtended: boolean;
}

/** One message's envelope as it grows. */
export interface Transaction {
  readonly journey: JourneyId;
  readonly recorder: JourneyRecorder;
  readonly mail: MailArgument;
  /** Empty for the null sender. */
  readonly sender: string;
  readonly recipients: AcceptedRecipient[];
  readonly startedAtMs: number;
}

/** A message that comes in chunks (RFC 3030). */
export interface Chunks {
  readonly buffer: MessageBuffer;
  /** Absent for binary messages. */
  readonly lineEnds: LineEndCheck | undefined;
  readonly startedAtMs: number;
}

/** What exists depends on the phase, so that nothing can be touched out of its time. */
export type SessionState =
  | { readonly phase: "start" }
  | { readonly phase: "ready"; readonly hello: Hello }
  | { readonly phase: "mail"; readonly hello: Hello; readonly transaction: Transaction }
  | { readonly phase: "rcpt"; readonly hello: Hello; readonly transaction: Transaction }
  | {
      readonly phase: "chunks";
      readonly hello: Hello;
      readonly transaction: Transaction;
      readonly chunks: Chunks;
    }
  | { readonly phase: "over" };

/** Errors beyond the free ones that make the wait grow; later ones do not. */
const pauseStepsMax = 10;

/** One connection's conversation. Owns the message that is arriving in chunks, if any. */
export class SmtpSession {
  readonly wire: Wire;
  readonly services: SmtpServices;
  /** Facts of the connection; each message's record begins with them. */
  readonly recorder: JourneyRecorder;
  /** Names the connection in the log. */
  readonly id: string;
  login: Login | undefined;
  /** Whom a trusted peer speaks for (XCLIENT); the session is theirs then. */
  client: Attributes | undefined;
  /** Where the next messages came from, as a trusted peer says (XFORWARD): for the record. */
  origin: Attributes | undefined;
  loginErrorCount = 0;
  /** Recipients accepted and refused over the whole connection. */
  recipientCount = 0;
  recipientErrorCount = 0;
  recordedRecipientCount = 0;
  acceptedCount = 0;
  #state: SessionState = { phase: "start" };
  #errorCount = 0;
  #unsent: Promise<void> | undefined;

  constructor(wire: Wire, services: SmtpServices) {
    this.wire = wire;
    this.services = services;
    this.recorder = new JourneyRecorder(services.clock);
    this.id = newJourneyId(services.random);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Goes to another state and lets go of what only the old one had. */
  set state(next: SessionState) {
    const before = this.#state;
    this.#state = next;
    const isSameMessage = next.phase === "chunks" && before.phase === "chunks";
    if (before.phase === "chunks" && !(isSameMessage && next.chunks === before.chunks)) {
      before.chunks.buffer[Symbol.dispose]();
    }
  }

  /** Of the client; of whom a trusted peer speaks for, where it said so. */
  get remoteAddress(): string {
    return this.client?.address ?? this.wire.connection.remote.address;
  }

  /** Whether the connection comes from a proxy or filter that we trust. */
  get maySpeakForOthers(): boolean {
    return this.services.maySpeakForOthers?.(this.wire.connection.remote.address) ?? false;
  }

  /** TLS, or loopback where policy says that is as good. */
  get isPrivate(): boolean {
    if (this.wire.connection.tls !== undefined) return true;
    const { plainTextLogin } = this.services;
    if (plainTextLogin === "loopback") return isLoopback(this.remoteAddress);
    return plainTextLogin === "always";
  }

  /** Whether recipients elsewhere are accepted: for our users and trusted machines only. */
  get mayRelay(): boolean {
    if (this.services.role === "lmtp") return false;
    return this.login !== undefined || this.services.mayRelay(this.remoteAddress);
  }

  /** Whether VRFY and EXPN tell about addresses. */
  get mayVerify(): boolean {
    return this.services.showsAddresses === true && this.mayRelay;
  }

  answer(words: Reply): void {
    this.send(formatReply(words));
  }

  /** Adds text to the output. Whoever goes on waits for `caughtUp` first. */
  send(text: string): void {
    const pending = this.wire.write(text);
    if (pending === undefined) return;
    this.#unsent = pending;
    // The rejection is that of `caughtUp`; here it must only not be called unhandled.
    pending.catch(() => undefined);
  }

  /**
   * Waits until the client has taken what it was told: who sends commands and never reads answers
   * costs one buffer. @throws ConnectionLost.
   */
  async caughtUp(): Promise<void> {
    const pending = this.#unsent;
    this.#unsent = undefined;
    await pending;
  }

  /** A refusal in SMTP's words; for a bug of ours with a reference that the log has too. */
  answerRefusal(refusal: Refusal): void {
    if (refusal.reason !== "bug") return this.answer(replyTo(refusal));
    this.answer(reply(451, "4.3.0", `${refusal.text} (reference ${this.id})`));
  }

  ok(status: string, text: string): void {
    this.answer(reply(250, status, text));
  }

  /** Ends the transaction, keeps the greeting: RSET, the end of a message, STARTTLS excepted. */
  reset(): void {
    if (this.#state.phase === "start" || this.#state.phase === "over") return;
    this.state = { phase: "ready", hello: this.#state.hello };
  }

  /** How long the next answer waits, milliseconds: longer with each error beyond the free ones. */
  get pauseMs(): number {
    const { freeErrors, errorPauseMs } = this.services.limits;
    const costly = Math.min(this.#errorCount - freeErrors, pauseStepsMax);
    return costly <= 0 ? 0 : costly * errorPauseMs;
  }

  /** Lets time pass before the next answer; a shutdown cuts it short. */
  async pause(pauseMs: number): Promise<void> {
    if (pauseMs <= 0) return;
    const { clock, closing } = this.services;
    try {
      await sleep(clock, pauseMs, closing);
    } catch (error) {
      if (!closing.aborted) throw error;
    }
  }

  noteError(): void {
    this.#errorCount++;
  }

  /**
   * A message was accepted: what went wrong before it is forgiven, or a connection that carries
   * hundreds of them would slow down with each recipient that has left.
   */
  noteAccepted(): void {
    this.acceptedCount++;
    this.#errorCount = 0;
  }

  get isBehind(): boolean {
    return this.#unsent !== undefined;
  }

  /** Last words; nothing more is read. */
  hangUp(refusal: Refusal): void {
    this.answer(replyTo(refusal));
    this.state = { phase: "over" };
  }
}
