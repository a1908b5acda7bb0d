import { type AccountId, type ModSeq, accountId, modSeq } from "../../base/ids.ts";
import type { Published } from "../rules/feed-hub.ts";

interface NoticeSpan {
  readonly account: AccountId;
  readonly first: ModSeq;
  readonly last: ModSeq;
}

export interface ParsedNotice {
  readonly origin: string;
  readonly spans: readonly NoticeSpan[];
  readonly isQueueTouched: boolean;
  readonly isDirectoryTouched: boolean;
}

/** PostgreSQL refuses a payload of 8,000 bytes; a span takes up to 50. */
const spansMax = 150;

/**
 * What one server tells the others after its commits: which entries of which logs are new, and
 * whether queue or directory changed. As text: the sender, "q" and "d" if so, and the spans:
 * `Ab3… qd 17:204-206 23:9-9`.
 */
export class Notice {
  readonly #origin: string;
  readonly #spans = new Map<AccountId, NoticeSpan>();
  #isQueueTouched = false;
  #isDirectoryTouched = false;

  constructor(origin: string) {
    this.#origin = origin;
  }

  get isEmpty(): boolean {
    return this.#spans.size === 0 && !this.#isQueueTouched && !this.#isDirectoryTouched;
  }

  add({ entries, isQueueTouched, isDirectoryTouched }: Published): void {
    for (const [account, own] of entries) {
      const first = own[0]?.modSeq;
      const last = own.at(-1)?.modSeq;
      if (first === undefined || last === undefined) continue;
      const known = this.#spans.get(account);
      this.#spans.set(account, { account, first: known?.first ?? first, last });
    }
    this.#isQueueTouched ||= isQueueTouched;
    this.#isDirectoryTouched ||= isDirectoryTouched;
  }

  /** As many payloads as it takes. */
  format(): readonly string[] {
    const touched = `${this.#isQueueTouched ? "q" : ""}${this.#isDirectoryTouched ? "d" : ""}`;
    const spans = Array.from(
      this.#spans.values(),
      ({ account, first, last }) => `${account}:${first}-${last}`,
    );
    const payloads: string[] = [];
    do {
      payloads.push([this.#origin, touched, ...spans.splice(0, spansMax)].join(" "));
    } while (spans.length > 0);
    return payloads;
  }

  /** What is not as `format` writes it tells nothing. */
  static parse(payload: string): ParsedNotice {
    const [origin = "", touched = "", ...rest] = payload.split(" ");
    const spans: NoticeSpan[] = [];
    for (const text of rest) {
      const [, account, first, last] = /^(\d+):(\d+)-(\d+)$/.exec(text) ?? [];
      if (account === undefined) continue;
      spans.push({
        account: accountId(Number(account)),
        first: modSeq(Number(first)),
        last: modSeq(Number(last)),
      });
    }
    return {
      origin,
      spans,
      isQueueTouched: touched.includes("q"),
      isDirectoryTouched: touched.includes("d"),
    };
  }
}
