import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { parentPort, Worker, workerData } from "node:worker_threads";

import { openImap, openSmtp, sendMessage } from "../mail-talk.ts";
import type { Person } from "../server-process.ts";

export interface CanaryPlan {
  readonly smtpPort: number;
  readonly imapPort: number;
  readonly person: Person;
}

/** What the well-behaved client has met since it was last asked. */
export interface CanaryReport {
  readonly worstMs: number;
  /** Messages delivered, since the start. */
  readonly deliveredCount: number;
  /** Why it could not go on, if so. */
  readonly failure: string | undefined;
}

/** A well-behaved client in a thread of its own, so that only the server can make it wait. */
export interface Canary {
  /** @returns what it met since the last report, after at least one more round to the end. */
  report(): Promise<CanaryReport>;
  stop(): Promise<void>;
}

const pauseMs = 60;

export function startCanary(plan: CanaryPlan): Canary {
  const worker = new Worker(new URL(import.meta.url), { workerData: plan });
  return {
    report: () =>
      new Promise((resolve, reject) => {
        worker.once("error", reject);
        worker.once("message", (report: CanaryReport) => {
          worker.removeListener("error", reject);
          resolve(report);
        });
        worker.postMessage("report");
      }),
    stop: async () => void (await worker.terminate()),
  };
}

/** One delivery over a new connection and one NOOP, again and again, timed each. */
async function sing({ smtpPort, imapPort, person }: CanaryPlan): Promise<never> {
  let worstMs = 0;
  let deliveredCount = 0;
  let roundCount = 0;
  let failure: string | undefined;
  let wantedRound: number | undefined;
  parentPort?.on("message", () => {
    // The round at hand began before the question; the next one is wholly after it.
    wantedRound = roundCount + 2;
  });
  const timed = async <Value>(step: () => Promise<Value>): Promise<Value> => {
    const began = performance.now();
    const value = await step();
    worstMs = Math.max(worstMs, performance.now() - began);
    return value;
  };
  let imap = await openImap(imapPort, person);
  for (;;) {
    try {
      await timed(async () => {
        const smtp = await openSmtp(smtpPort);
        const envelope = { from: "canary@elsewhere.test", to: person.address };
        const message = `Subject: song ${deliveredCount}\r\n\r\nHello.`;
        assert.match(await sendMessage(smtp, envelope, message), /^250/);
        await smtp.send("QUIT\r\n");
        smtp.destroy();
      });
      deliveredCount++;
      assert.match(await timed(() => imap.imap("NOOP")), /^t OK/m);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      await wait(200);
      imap.destroy();
      imap = await openImap(imapPort, person).catch(() => imap);
    }
    roundCount++;
    if (wantedRound !== undefined && roundCount >= wantedRound) {
      wantedRound = undefined;
      const report: CanaryReport = { worstMs, deliveredCount, failure };
      parentPort?.postMessage(report);
      worstMs = 0;
      failure = undefined;
    }
    await wait(pauseMs);
  }
}

if (parentPort !== null) await sing(workerData);
