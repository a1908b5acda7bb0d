import { concat, fromLatin1, utf8 } from "../base/bytes.ts";
import { journeyId, type QueueId } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import { seededRandom } from "../base/random.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { createMemoryStore, type MemoryStoreOptions } from "../store/memory/create-memory-store.ts";
import { MemoryDisk } from "../store/memory/memory-disk.ts";
import type { NewQueueRecipient, QueueMessage } from "../store/queue.ts";
import type { Consignment, Courier, RecipientOutcome } from "./courier.ts";
import type { Notice } from "./notice.ts";
import { createQueue, type Queue } from "./queue.ts";
import type { QueueSettings } from "./settings.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** One attempt as the courier saw it. */
export interface Carried {
  readonly atMs: number;
  readonly destination: string;
  readonly addresses: readonly string[];
  readonly content: string;
}

export type Answer = "ok" | "relayed" | "soft" | "hard" | "silent";
export type Behaviour = (consignment: Consignment, signal: AbortSignal) => Promise<Answer> | Answer;

export interface WorldOptions {
  readonly settings?: Partial<QueueSettings>;
  readonly store?: Partial<MemoryStoreOptions>;
}

/**
 * A queue with a courier that behaves as told. `open` starts another queue on the same disk, as
 * after a restart.
 */
export function createQueueWorld(options: WorldOptions = {}) {
  const clock = createVirtualClock();
  const disk = new MemoryDisk();
  const carried: Carried[] = [];
  const notices: Notice[] = [];
  const events: string[] = [];
  const log: Log = { write: (level, event) => level === "debug" || events.push(event) };
  const world = {
    clock,
    carried,
    notices,
    events,
    behave: ((): Answer => "ok") as Behaviour,
    /** Throws to play a notice that cannot be kept. */
    beforeNotice: (): void => undefined,
    startMs: clock.now(),
    open,
    add,
    /** The text of a notice. */
    textOf: (notice: Notice | undefined) => utf8(concat(notice?.parts ?? [])),
  };

  function open() {
    const store = createMemoryStore({ clock, disk, log, ...options.store });
    const queue: Queue = createQueue({
      store,
      courier: createScriptedCourier(),
      clock,
      random: seededRandom(3),
      log,
      hostName: "mail.golub.test",
      keepNotice: async (notice) => {
        world.beforeNotice();
        notices.push(notice);
        return [
          {
            kind: "journey.append",
            journey: notice.journey,
            steps: [{ atMs: clock.now(), kind: "test.noticeKept", facts: {} }],
          },
        ];
      },
      ...(options.settings && { settings: options.settings }),
    });
    return { store, queue };
  }

  function createScriptedCourier(): Courier {
    return {
      async carry(consignment, signal) {
        const parts: Uint8Array[] = [];
        for await (const part of consignment.content()) parts.push(part);
        const { destination, recipients } = consignment;
        const addresses = recipients.map(({ address }) => address);
        carried.push({ atMs: clock.now(), destination, addresses, content: utf8(concat(parts)) });
        const answer = await world.behave(consignment, signal);
        return recipients.map(({ recipient }) => outcomeOf(answer, recipient));
      },
      close: async () => undefined,
    };
  }

  async function add(
    store: ReturnType<typeof open>["store"],
    recipients: readonly (string | Partial<NewQueueRecipient>)[],
    message: Partial<QueueMessage> & { readonly content?: string } = {},
  ): Promise<QueueId | undefined> {
    const { content = "Subject: news\r\n\r\nBody of the message.\r\n", ...more } = message;
    const blob = await store.blobs.put([fromLatin1(content)]);
    const applied = await store.apply({
      actor: "test",
      atMs: clock.now(),
      changes: [
        {
          kind: "queue.add",
          blob,
          dueAtMs: clock.now(),
          recipients: recipients.map((one) => {
            const given = typeof one === "string" ? { address: one } : one;
            const address = given.address ?? "ana@remote.test";
            const destination = address.slice(address.lastIndexOf("@") + 1);
            return { notify: ["failure", "delay"], destination, ...given, address };
          }),
          message: {
            sender: "me@golub.test",
            returnContent: "full",
            needsSmtpUtf8: false,
            bodyKind: "7bit",
            prefix: fromLatin1("Received: by us\r\n"),
            expiresAtMs: clock.now() + 5 * day,
            journey: journeyId("journey-of-the-tests"),
            ...more,
          },
        },
      ],
    });
    const [result] = applied.results;
    return result?.kind === "queue.add" ? result.queue : undefined;
  }

  return world;
}

function outcomeOf(answer: Answer, recipient: number): RecipientOutcome {
  const spoken = { host: "mx.remote.test (192.0.2.1)", tls: "" };
  switch (answer) {
    case "ok":
    case "relayed": {
      const said = { ...spoken, code: 250, status: "2.0.0", text: "taken" };
      return { kind: "delivered", recipient, answer: said, canNotify: answer === "ok" };
    }
    case "soft":
      return {
        kind: "delayed",
        recipient,
        answer: { ...spoken, code: 450, status: "4.2.1", text: "Mailbox is busy" },
      };
    case "hard":
      return {
        kind: "failed",
        recipient,
        answer: { ...spoken, code: 550, status: "5.1.1", text: "No such user" },
      };
    case "silent":
      return {
        kind: "delayed",
        recipient,
        answer: { host: "", tls: "", code: 0, status: "4.4.1", text: "connection refused" },
      };
  }
}
