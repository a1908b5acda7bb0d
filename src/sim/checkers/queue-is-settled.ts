import { leadsTo } from "../world/people.ts";
import type { Sending } from "../world/ledger.ts";
import type { Checker, FinishedWorld } from "./checker.ts";
import { acknowledged, allNotices, hasStep, isDoubtful, lettersElsewhere } from "./evidence.ts";

/** The queue is empty in the end, and each recipient elsewhere was delivered or bounced, once. */
export const queueIsSettled: Checker = {
  name: "every queued recipient is delivered or bounced",
  *check(world) {
    for (const { id, message } of world.disk.queue.values()) {
      yield `message ${id} from <${message.sender}> is still queued`;
    }
    const elsewhere = lettersElsewhere(world);
    const notices = allNotices(world);
    for (const sending of world.ledger.sendings.values()) {
      const { token } = sending;
      for (const recipient of acknowledged(sending)) {
        for (const address of leadsTo(recipient).remote) {
          const arrivals = elsewhere.get(`${token} ${address}`) ?? [];
          const bounces = notices.filter(
            (notice) =>
              notice.token === token &&
              notice.to === sending.sender &&
              notice.reports.some((one) => one.address === address && one.action === "failed"),
          );
          yield* judge(world, sending, address, {
            deliveries: arrivals.length,
            doubts: arrivals.filter((arrival) => isDoubtful(world, token, arrival)).length,
            bounces: bounces.length,
          });
        }
      }
    }
  },
};

function* judge(
  world: FinishedWorld,
  sending: Sending,
  address: string,
  { deliveries, doubts, bounces }: { deliveries: number; doubts: number; bounces: number },
): Iterable<string> {
  const { token, sender, notify } = sending;
  const leads = (recipient: string) => leadsTo(recipient).remote.includes(address);
  const accepted = world.ledger.acceptancesMax(sending, leads);
  if (deliveries === 0 && bounces === 0) {
    const mayBeSilent = sender === "" || notify === "NEVER";
    const isRecorded = hasStep(world, sending, /^queue\.(failed|expired)$/, address);
    if (!mayBeSilent || !isRecorded) yield `${token}: ${address} got nothing, and nobody was told`;
  }
  if (bounces > accepted) yield `${token}: ${bounces} bounces about ${address}`;
  if (deliveries > 0 && bounces > 0 && deliveries - doubts + bounces > accepted) {
    yield `${token}: ${address} got it, and it bounced too`;
  }
}
