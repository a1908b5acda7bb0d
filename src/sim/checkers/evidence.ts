import type { RemoteArrival, Sending } from "../world/ledger.ts";
import { type Contents, readContents } from "../world/letters.ts";
import { leadsTo } from "../world/people.ts";
import type { FinishedWorld } from "./checker.ts";

/** Questions that several checkers ask. */

/** Recipients for whom the server said 250 to the end of the data. */
export function acknowledged({ attempts }: Sending): ReadonlySet<string> {
  const all = attempts.flatMap((fates) => [...fates]);
  return new Set(all.flatMap(([to, { kind }]) => (kind === "acknowledged" ? [to] : [])));
}

export function localsOf(recipients: Iterable<string>): ReadonlySet<string> {
  return new Set([...recipients].flatMap((recipient) => leadsTo(recipient).local));
}

export function remotesOf(recipients: Iterable<string>): ReadonlySet<string> {
  return new Set([...recipients].flatMap((recipient) => leadsTo(recipient).remote));
}

export type Notice = Extract<Contents, { kind: "notice" }> & { readonly to: string };

/** Notices wherever they arrived, each once. */
export function allNotices({ stored, ledger }: FinishedWorld): readonly Notice[] {
  const byId = new Map<string, Notice>();
  const note = (contents: Contents, to: string) => {
    if (contents.kind === "notice") byId.set(contents.messageId, { ...contents, to });
  };
  for (const { contents, account } of stored.arrivals) note(contents, account);
  for (const { bytes, to } of ledger.remoteArrivals) note(readContents(bytes), to);
  return [...byId.values()];
}

/** Letters that arrived at other servers, by "token address". */
export function lettersElsewhere({ ledger }: FinishedWorld): Map<string, RemoteArrival[]> {
  const found = new Map<string, RemoteArrival[]>();
  for (const arrival of ledger.remoteArrivals) {
    const contents = readContents(arrival.bytes);
    if (contents.kind !== "letter") continue;
    const key = `${contents.token} ${arrival.to}`;
    found.set(key, [...(found.get(key) ?? []), arrival]);
  }
  return found;
}

/**
 * Whether our server may not know that a remote took a message: it has not read the answer, or
 * stopped before it had written it down (the window that SMTP leaves open, RFC 5321 §4.5.4.1).
 */
export function isDoubtful(world: FinishedWorld, token: string, arrival: RemoteArrival): boolean {
  if (!arrival.isAnswerSeen) return true;
  const { stops, settlements } = world.ledger;
  const isWrittenBy = (atMs: number) =>
    settlements.some(
      (one) =>
        one.token === token &&
        one.address === arrival.to &&
        one.atMs >= arrival.atMs &&
        one.atMs <= atMs,
    );
  return stops.some((atMs) => atMs >= arrival.atMs && !isWrittenBy(atMs));
}

/** Whether the journey of any acceptance of a letter has a step of a kind about an address. */
export function hasStep(
  { disk }: FinishedWorld,
  { attempts }: Sending,
  kind: RegExp,
  address: string,
): boolean {
  const journeys = attempts.flatMap((fates) =>
    [...fates.values()].flatMap((fate) => (fate.kind === "acknowledged" ? [fate.journey] : [])),
  );
  return [...disk.journeys.values()].some(
    ({ journey, steps }) =>
      journeys.includes(journey) &&
      steps.some((step) => kind.test(step.kind) && JSON.stringify(step.facts).includes(address)),
  );
}
