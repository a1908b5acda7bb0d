import { openSmtp, sendMessage } from "../mail-talk.ts";
import type { Talk } from "../talk.ts";

/** What senders know about their messages, by token. */
export interface Sent {
  /** Answered with 250: must be there exactly once. */
  readonly acknowledged: Set<string>;
  /** Begun, but the answer was lost or a refusal: may be there once. */
  readonly unsettled: Set<string>;
  /** Answered with 4xx or 5xx: must not be there. */
  readonly refused: Map<string, string>;
}

export function nothingSent(): Sent {
  return { acknowledged: new Set(), unsettled: new Set(), refused: new Map() };
}

export interface LoadPlan {
  readonly port: number;
  readonly to: string;
  readonly senderCount: number;
  /** First words of each token, so that rounds differ. */
  readonly prefix: string;
  readonly bodyBytes?: number;
}

/** Senders that go on until told to stop or the server is gone. Nobody sends anything twice. */
export function startLoad(
  plan: LoadPlan,
  sent: Sent,
): { stop(): void; readonly done: Promise<void> } {
  let isStopped = false;
  const sender = async (name: number): Promise<void> => {
    let talk: Talk | undefined;
    try {
      for (let count = 0; !isStopped; count++) {
        // Both ways in which mail comes: connections kept open, and new ones.
        if (count % 5 === 0) talk?.destroy();
        if (talk === undefined || talk.isEnded || count % 5 === 0) talk = await openSmtp(plan.port);
        await sendOne(talk, `${plan.prefix}-${name}-${count}`, plan, sent);
      }
    } catch {
      // The server is gone, as it must be in the end; what is open then stays unsettled.
    } finally {
      talk?.destroy();
    }
  };
  const senders = Array.from({ length: plan.senderCount }, (_, index) => sender(index));
  return {
    stop() {
      isStopped = true;
    },
    done: Promise.all(senders).then(() => undefined),
  };
}

async function sendOne(talk: Talk, token: string, plan: LoadPlan, sent: Sent): Promise<void> {
  sent.unsettled.add(token);
  const body = "0123456789".repeat((plan.bodyBytes ?? 1000) / 10).replaceAll(/.{70}/g, "$&\r\n");
  const message = `Subject: token ${token} end\r\n\r\n${body}`;
  const reply = await sendMessage(talk, { from: "a@elsewhere.test", to: plan.to }, message);
  sent.unsettled.delete(token);
  if (reply.startsWith("250")) sent.acknowledged.add(token);
  else sent.refused.set(token, reply);
}

/** @throws Error naming what is lost, there twice, or there in spite of a refusal. */
export function expectKept(sent: Sent, found: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const token of found) counts.set(token, (counts.get(token) ?? 0) + 1);
  const lost = [...sent.acknowledged].filter((token) => !counts.has(token));
  const twice = [...counts].filter(([, count]) => count > 1).map(([token]) => token);
  const unwanted = [...sent.refused.keys()].filter((token) => counts.has(token));
  for (const [what, tokens] of Object.entries({ lost, twice, unwanted })) {
    if (tokens.length > 0) {
      throw new Error(`${tokens.length} ${what}: ${tokens.slice(0, 5).join(", ")}`);
    }
  }
  const lucky = [...sent.unsettled].filter((token) => counts.has(token)).length;
  return (
    `${sent.acknowledged.size} acknowledged, all there once; ` +
    `${sent.unsettled.size} without an answer, ${lucky} of them there`
  );
}
