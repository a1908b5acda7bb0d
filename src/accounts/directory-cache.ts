import type { Clock } from "../base/clock.ts";
import type { AccountRow } from "../store/directory.ts";
import type { Store } from "../store/store.ts";
import type { DirectoryLookups } from "./directory.ts";

/** Answers kept at most of each kind; then the oldest go. */
const answersMax = 20_000;
/** A lost hint does no harm for longer than this, milliseconds. */
const revisionCheckMs = 1_000;

export interface DirectoryCache extends DirectoryLookups, Disposable {
  clear(): void;
}

/**
 * Lookups in the store's directory, each asked once until something changes. Hints empty the
 * cache at once; since one may be lost, the revision is compared every second as well.
 */
export function createDirectoryCache(store: Store, clock: Clock): DirectoryCache {
  const { directory, feed } = store;
  const kinds: { clear(): void }[] = [];
  let revision: number | undefined;
  let checkedMs = Number.NEGATIVE_INFINITY;
  /** Rises with every clearing: an answer asked for before it must not be kept after it. */
  let generation = 0;

  const clear = (): void => {
    for (const answers of kinds) answers.clear();
    generation++;
  };
  const watching = feed.watchDirectory(clear);

  const checkRevision = async (): Promise<void> => {
    if (clock.monotonicMs() - checkedMs < revisionCheckMs) return;
    checkedMs = clock.monotonicMs();
    const current = await directory.revision();
    if (revision !== undefined && current !== revision) clear();
    revision = current;
  };

  const cached = <Key, Answer>(ask: (key: Key) => Promise<Answer>) => {
    const answers = new Map<Key, { readonly answer: Answer }>();
    kinds.push(answers);
    return async (key: Key): Promise<Answer> => {
      await checkRevision();
      const known = answers.get(key);
      if (known !== undefined) return known.answer;
      const asked = generation;
      const answer = await ask(key);
      if (asked === generation) keep(answers, key, { answer });
      return answer;
    };
  };

  const domains = cached((_all: "all") => directory.domains());
  const domainNames = cached(async (all: "all") => {
    return new Set((await domains(all)).map((domain) => domain.name));
  });

  return {
    clear,
    domains: () => domains("all"),
    hasDomain: async (domain) => (await domainNames("all")).has(domain),
    findAccount: cached((address) => directory.findAccount(address)),
    findAccountById: cached((id) => directory.findAccountById(id)),
    findAlias: cached((address) => directory.findAlias(address)),
    findFirstAccount: cached(async (domain) => {
      const accounts = await directory.accounts();
      return (
        oldest(accounts.filter(({ address }) => address.endsWith(`@${domain}`))) ?? oldest(accounts)
      );
    }),
    [Symbol.dispose]: () => watching[Symbol.dispose](),
  };
}

function keep<Key, Value>(answers: Map<Key, Value>, key: Key, value: Value): void {
  answers.set(key, value);
  for (const oldestKey of answers.keys()) {
    if (answers.size <= answersMax) break;
    answers.delete(oldestKey);
  }
}

function oldest(accounts: readonly AccountRow[]): AccountRow | undefined {
  let first: AccountRow | undefined;
  for (const account of accounts) if (first === undefined || account.id < first.id) first = account;
  return first;
}
