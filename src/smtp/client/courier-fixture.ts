import { fromLatin1, utf8 } from "../../base/bytes.ts";
import { blobHash, journeyId, queueId } from "../../base/ids.ts";
import { silentLog } from "../../base/log.ts";
import { seededRandom } from "../../base/random.ts";
import { createMemoryNetwork, type Link } from "../../net/memory-network.ts";
import type { Endpoint } from "../../net/network.ts";
import { createVirtualClock } from "../../net/virtual-clock.ts";
import type { Consignment, RecipientOutcome } from "../../queue/courier.ts";
import type { QueueMessage, QueueRecipient } from "../../store/queue.ts";
import { createSmtpCourier, type SmtpCourierOptions } from "../smtp-courier.ts";
import { createFakeResolver, type FakeZone } from "./resolver-fixture.ts";
import { startScriptedRemote, type RemoteOptions } from "./remote-fixture.ts";

export interface WorldOptions {
  readonly zone?: FakeZone;
  readonly courier?: Partial<SmtpCourierOptions>;
  readonly link?: (from: Endpoint, to: Endpoint) => Link;
}

/** remote.test with one exchange at 192.0.2.1, and a courier that knows nobody else. */
const usualZone: FakeZone = {
  mx: { "remote.test": [{ preference: 10, exchange: "mx.remote.test" }] },
  a: { "mx.remote.test": ["192.0.2.1"] },
};

/** A courier at 203.0.113.9 in a network of its own, with time that passes only when needed. */
export function createCourierWorld(options: WorldOptions = {}) {
  const clock = createVirtualClock();
  const network = createMemoryNetwork({ clock, ...(options.link && { link: options.link }) });
  const courier = createSmtpCourier({
    network: network.host("203.0.113.9"),
    resolver: createFakeResolver(options.zone ?? usualZone),
    clock,
    random: seededRandom(7),
    log: silentLog,
    hostName: "mail.golub.test",
    ...options.courier,
  });
  return {
    clock,
    network,
    courier,
    remote: (address = "192.0.2.1", more: Omit<RemoteOptions, "network"> = {}) =>
      startScriptedRemote({ network: network.host(address), ...more }),
    carry: (consignment: Consignment, signal = new AbortController().signal) =>
      clock.run(courier.carry(consignment, signal)),
  };
}

export interface ConsignmentOptions {
  readonly to?: readonly (string | Partial<QueueRecipient>)[];
  readonly content?: string;
  readonly message?: Partial<QueueMessage>;
  readonly destination?: string;
}

export function createConsignment(options: ConsignmentOptions = {}): Consignment {
  const { to = ["ana@remote.test"], destination = "remote.test" } = options;
  const bytes = fromLatin1(options.content ?? "Subject: hello\r\n\r\nHi.\r\n");
  const recipients = to.map((one, recipient): QueueRecipient => ({
    queue: queueId(1),
    recipient,
    address: "ana@remote.test",
    destination,
    notify: ["failure", "delay"],
    attemptCount: 0,
    dueAtMs: 0,
    lastAnswer: "",
    isDelayNoticed: false,
    isHeld: false,
    ...(typeof one === "string" ? { address: one } : one),
  }));
  const message: QueueMessage = {
    sender: "me@golub.test",
    returnContent: "full",
    needsSmtpUtf8: false,
    bodyKind: "7bit",
    prefix: new Uint8Array(),
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    journey: journeyId("journey-of-the-tests"),
    ...options.message,
  };
  return {
    entry: {
      id: queueId(1),
      message,
      hash: blobHash("0".repeat(64)),
      bodyBytes: bytes.length,
      queuedAtMs: 0,
      recipients,
    },
    recipients,
    destination,
    contentBytes: bytes.length,
    async *content() {
      yield bytes;
    },
  };
}

/** "delayed 450 4.2.0 text" for a look at an outcome. */
export function show(outcome: RecipientOutcome | undefined): string {
  if (outcome === undefined) return "none";
  const { code, status, text } = outcome.answer;
  return `${outcome.kind} ${code} ${status} ${utf8(Buffer.from(text))}`;
}
