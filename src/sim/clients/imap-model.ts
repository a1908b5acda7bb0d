/** What a client knows of one message. */
export interface ModelMessage {
  uid: number | undefined;
  flags: ReadonlySet<string> | undefined;
}

/** A FETCH answer as far as the model reads it. */
export interface FetchFacts {
  readonly seq: number;
  readonly uid: number | undefined;
  readonly flags: readonly string[] | undefined;
  readonly modSeq: number | undefined;
}

/**
 * A mailbox as a client sees it: nothing but what untagged answers said (RFC 9051 §7, RFC 7162
 * §3.2). Answers that contradict what was said before are complained about.
 */
export class ImapModel {
  readonly mailbox: string;
  readonly complain: (what: string) => void;
  messages: ModelMessage[] = [];
  uidValidity = 0;
  highestModSeq = 0;
  #selectedModSeq = 0;

  constructor(mailbox: string, complain: (what: string) => void) {
    this.mailbox = mailbox;
    this.complain = (what) => complain(`${mailbox}: ${what}`);
  }

  /** The mailbox is opened again; what is known of messages is kept only when `isKept`. */
  reopen(isKept: boolean): void {
    if (!isKept) this.messages = [];
  }

  /** Takes an untagged answer in, without its "* ". @returns the fetch, if it was one. */
  take(line: string): FetchFacts | undefined {
    const numbered = /^(\d+) (EXISTS|EXPUNGE|FETCH)(.*)$/s.exec(line);
    if (numbered !== null) {
      const [, number, verb, rest = ""] = numbered;
      if (verb === "EXISTS") this.#exists(Number(number));
      else if (verb === "EXPUNGE") this.#expunge(Number(number));
      else return this.#fetch(Number(number), rest);
      return undefined;
    }
    const vanished = /^VANISHED (\(EARLIER\) )?(\S+)$/.exec(line);
    if (vanished !== null) this.#vanish(vanished[2] ?? "", vanished[1] !== undefined);
    const validity = /^OK \[UIDVALIDITY (\d+)\]/.exec(line)?.[1];
    if (validity !== undefined) this.#setValidity(Number(validity));
    return undefined;
  }

  /** HIGHESTMODSEQ of SELECT: of the mailbox, so that it never falls. */
  noteSelected(modSeq: number): void {
    if (modSeq < this.#selectedModSeq) {
      this.complain(`HIGHESTMODSEQ fell from ${this.#selectedModSeq} to ${modSeq}`);
    }
    this.#selectedModSeq = modSeq;
    this.noteModSeq(modSeq);
  }

  /** Up to where the client knows everything (RFC 7162 §3.1.2.2). */
  noteModSeq(modSeq: number): void {
    this.highestModSeq = Math.max(this.highestModSeq, modSeq);
  }

  get knownUids(): number[] {
    return this.messages.flatMap(({ uid }) => uid ?? []);
  }

  #setValidity(uidValidity: number): void {
    if (this.uidValidity !== 0 && this.uidValidity !== uidValidity) {
      this.complain(`UIDVALIDITY changed from ${this.uidValidity} to ${uidValidity}`);
    }
    this.uidValidity = uidValidity;
  }

  #exists(count: number): void {
    if (count < this.messages.length) {
      this.complain(`EXISTS fell from ${this.messages.length} to ${count} without EXPUNGE`);
      this.messages.length = count;
    }
    while (this.messages.length < count) this.messages.push({ uid: undefined, flags: undefined });
  }

  #expunge(seq: number): void {
    if (seq < 1 || seq > this.messages.length) {
      this.complain(`EXPUNGE of ${seq} among ${this.messages.length}`);
    } else this.messages.splice(seq - 1, 1);
  }

  #vanish(set: string, isEarlier: boolean): void {
    for (const uid of expandSet(set)) {
      const at = this.messages.findIndex((message) => message.uid === uid);
      const unknownAt = this.#findUnknown(uid);
      if (at >= 0) this.messages.splice(at, 1);
      // Of messages that only EXISTS has told of, one is gone; which one does not matter.
      else if (!isEarlier && unknownAt >= 0) this.messages.splice(unknownAt, 1);
      else if (!isEarlier) this.complain(`VANISHED names UID ${uid}, which is not there`);
    }
  }

  /** A message that only EXISTS has told of, between whose neighbours a UID fits. */
  #findUnknown(uid: number): number {
    const next = this.messages.findIndex((message) => (message.uid ?? 0) > uid);
    const end = next < 0 ? this.messages.length : next;
    const isUnknown = end > 0 && this.messages[end - 1]?.uid === undefined;
    return isUnknown ? end - 1 : -1;
  }

  #fetch(seq: number, rest: string): FetchFacts | undefined {
    const message = this.messages[seq - 1];
    if (message === undefined) {
      this.complain(`FETCH of ${seq} among ${this.messages.length}`);
      return undefined;
    }
    const items = rest.replace(/\{\d+\}\r\n.*/s, "");
    const uidText = /\bUID (\d+)/.exec(items)?.[1];
    const flagText = /\bFLAGS \(([^)]*)\)/.exec(items)?.[1];
    const modSeqText = /\bMODSEQ \((\d+)\)/.exec(items)?.[1];
    const uid = uidText === undefined ? undefined : Number(uidText);
    if (uid !== undefined && message.uid !== undefined && message.uid !== uid) {
      this.complain(`message ${seq} was UID ${message.uid} and is UID ${uid}`);
    }
    message.uid = uid ?? message.uid;
    const flags = flagText?.split(" ").filter((flag) => flag !== "");
    if (flags !== undefined) message.flags = new Set(flags);
    const modSeq = modSeqText === undefined ? undefined : Number(modSeqText);
    return { seq, uid: message.uid, flags, modSeq };
  }
}

/** "1:3,7" as numbers. */
export function expandSet(set: string): number[] {
  return set.split(",").flatMap((range) => {
    const [first = "0", last = first] = range.split(":");
    const numbers: number[] = [];
    for (let number = Number(first); number <= Number(last); number++) numbers.push(number);
    return numbers;
  });
}
