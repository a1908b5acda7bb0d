import type { Refusal } from "../../base/faults.ts";
import type { AccountId } from "../../base/ids.ts";
import type { Work } from "../rules/work.ts";

interface Group {
  /** What each job touched; undefined for one that may have touched anything. */
  readonly works: readonly (Work | undefined)[];
  readonly durable: PromiseWithResolvers<void>;
}

/**
 * What is committed and not yet known to be on the disk. Readers see it already, so those whom it
 * concerns wait: nobody is ever told of a UID that a power cut could take back.
 */
export class Unflushed {
  #group: Group | undefined;

  begin(works: readonly (Work | undefined)[]): void {
    this.#group = { works, durable: Promise.withResolvers() };
    // Mostly nobody waits, and then a failure has nobody to reach.
    this.#group.durable.promise.catch(() => undefined);
  }

  end(): void {
    this.#group?.durable.resolve();
    this.#group = undefined;
  }

  /** The flush failed: what the database shows may not be on the disk, so nobody reads it again. */
  fail(refusal: Refusal): void {
    const { promise, reject } = Promise.withResolvers<void>();
    this.#group?.durable.reject(refusal);
    promise.catch(() => undefined);
    reject(refusal);
    this.#group = { works: [undefined], durable: { promise, reject, resolve: () => undefined } };
  }

  /** Something to wait for before the mail of the account is read. */
  account(id: AccountId): Promise<void> | undefined {
    return this.#if((work) => work.entries.has(id) || work.isDirectoryTouched);
  }

  directory(): Promise<void> | undefined {
    return this.#if((work) => work.isDirectoryTouched);
  }

  queue(): Promise<void> | undefined {
    return this.#if((work) => work.isQueueTouched);
  }

  anything(): Promise<void> | undefined {
    return this.#if(() => true);
  }

  #if(isTouched: (work: Work) => boolean): Promise<void> | undefined {
    const group = this.#group;
    if (group === undefined) return undefined;
    const mustWait = group.works.some((work) => work === undefined || isTouched(work));
    return mustWait ? group.durable.promise : undefined;
  }
}
