import type { Clock } from "../base/clock.ts";
import { Refusal } from "../base/faults.ts";
import type { Random } from "../base/random.ts";
import type { DnsMessage } from "./dns-codec.ts";
import { formatQuery, parseDnsMessage } from "./dns-codec.ts";
import type { DnsTransport } from "./dns-transport.ts";
import type { Endpoint } from "./network.ts";

export interface DnsExchangeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: DnsTransport;
  readonly servers: readonly Endpoint[];
  /** For one datagram, milliseconds. */
  readonly attemptMs: number;
  readonly attemptsMax: number;
}

/** Asks one question, and again over TCP when the answer did not fit. */
export type DnsExchange = (name: string, type: number, untilMs: number) => Promise<DnsMessage>;

/** RFC 1035 §4.1.1: codes that are an answer; with another one, the next server may do better. */
const answerCodes: ReadonlySet<number> = new Set([0, 3]);

/**
 * Asks the servers in turn until one answers.
 * @throws Refusal or ConnectionLost of the last attempt.
 */
export function createDnsExchange(options: DnsExchangeOptions): DnsExchange {
  const { clock, random, transport, servers, attemptMs, attemptsMax } = options;

  const askOne = async (
    server: Endpoint,
    name: string,
    type: number,
    timeoutMs: number,
  ): Promise<DnsMessage> => {
    const [high = 0, low = 0] = random.bytes(2);
    const id = high * 256 + low;
    const query = formatQuery(id, name, type);
    const isAnswer = (bytes: Uint8Array): boolean => isAnswerTo(bytes, id, name, type);
    const first = parseDnsMessage(await transport.askUdp(server, query, timeoutMs, isAnswer));
    if (!first.isTruncated) return first;
    const whole = await transport.askTcp(server, query, timeoutMs);
    if (!isAnswer(whole)) throw new Refusal("unavailable", "DNS answer to another question.");
    return parseDnsMessage(whole);
  };

  return async (name, type, untilMs) => {
    let failure: unknown = new Refusal("timeout", "No DNS server answered in time.");
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const server = servers[attempt % servers.length];
      const leftMs = untilMs - clock.monotonicMs();
      if (server === undefined || leftMs <= 0) break;
      try {
        const message = await askOne(server, name, type, Math.min(attemptMs, leftMs));
        if (answerCodes.has(message.responseCode)) return message;
        failure = new Refusal("unavailable", `DNS answer code ${message.responseCode}.`);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
}

/** RFC 5452 §9.1: number and question must be ours; what cannot be read is nobody's answer. */
function isAnswerTo(bytes: Uint8Array, id: number, name: string, type: number): boolean {
  try {
    const message = parseDnsMessage(bytes);
    const { question } = message;
    return (
      message.isResponse && message.id === id && question?.name === name && question.type === type
    );
  } catch {
    // Not a DNS message: a guess, or garbage. The real answer may still come.
    return false;
  }
}
