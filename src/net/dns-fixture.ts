import dgram from "node:dgram";
import type { DnsRecord } from "./dns-codec.ts";
import { dnsTypes, formatName, parseDnsMessage } from "./dns-codec.ts";
import type { Connection, Endpoint, Network } from "./network.ts";

/** A record to answer with; `rdata` is its wire form. */
export interface WireRecord extends Pick<DnsRecord, "name" | "ttlSeconds" | "type"> {
  readonly rdata: Uint8Array;
}

export interface WireAnswer {
  readonly code?: number;
  readonly isAuthentic?: boolean;
  readonly isTruncated?: boolean;
  readonly answers?: readonly WireRecord[];
  readonly authorities?: readonly WireRecord[];
}

const rdata: Readonly<Record<string, (value: string) => Uint8Array>> = {
  a: (value) => Uint8Array.from(value.split("."), Number),
  aaaa: (value) => Buffer.from(value, "hex"),
  cname: formatName,
  ptr: formatName,
  mx: (value) => Buffer.concat([Buffer.from([0, 10]), formatName(value)]),
  txt: (value) =>
    Buffer.concat(value.split("|").map((part) => Buffer.from([part.length, ...Buffer.from(part)]))),
  tlsa: (value) => Buffer.from(value, "hex"),
  soa: (value) => {
    const numbers = Buffer.alloc(20);
    numbers.writeUInt32BE(Number(value), 16);
    return Buffer.concat([formatName("ns.test"), formatName("who.test"), numbers]);
  },
};

/** A record with its data as text; TXT strings are separated by "|", TLSA and AAAA are hex. */
export function record(
  name: string,
  kind: keyof typeof dnsTypes,
  value: string,
  ttlSeconds = 300,
): WireRecord {
  return { name, type: dnsTypes[kind], ttlSeconds, rdata: rdata[kind]?.(value) ?? Buffer.alloc(0) };
}

/** The answer to a query as bytes. */
export function formatAnswer(query: Uint8Array, answer: WireAnswer): Uint8Array {
  const { id, question } = parseDnsMessage(query);
  const { answers = [], authorities = [] } = answer;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  const flags =
    (answer.isTruncated === true ? 0x0200 : 0) | (answer.isAuthentic === true ? 0x20 : 0);
  header.writeUInt16BE(0x8180 | flags | (answer.code ?? 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  header.writeUInt16BE(authorities.length, 8);
  const type = question?.type ?? 0;
  const asked = [formatName(question?.name ?? ""), Buffer.from([type >> 8, type & 255, 0, 1])];
  return Buffer.concat([header, ...asked, ...[...answers, ...authorities].map(formatRecord)]);
}

function formatRecord({ name, type, ttlSeconds, rdata: data }: WireRecord): Uint8Array {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(ttlSeconds, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([formatName(name), fixed, data]);
}

/** A DNS server of a test, on UDP and TCP of one port. */
export interface DnsFixture extends AsyncDisposable {
  readonly endpoint: Endpoint;
  /** Questions that came, "TYPE name", those over TCP with "tcp " in front. */
  readonly asked: string[];
}

/** `answer` gives one answer, raw bytes to send in order, or nothing at all. */
export async function dnsFixture(
  network: Network,
  answer: (name: string, type: number, isTcp: boolean) => WireAnswer | undefined,
  noise: (query: Uint8Array) => readonly Uint8Array[] = () => [],
): Promise<DnsFixture> {
  const asked: string[] = [];
  const reply = (query: Uint8Array, isTcp: boolean): Uint8Array | undefined => {
    const { question } = parseDnsMessage(query);
    if (question === undefined) return undefined;
    asked.push(`${isTcp ? "tcp " : ""}${question.type} ${question.name}`);
    const found = answer(question.name, question.type, isTcp);
    return found && formatAnswer(query, found);
  };
  const serve = async (connection: Connection): Promise<void> => {
    const query = await connection.read(1_000);
    const bytes = query && reply(query.subarray(2), true);
    if (bytes === undefined) return connection.destroy();
    const length = Buffer.from([bytes.length >> 8, bytes.length & 255]);
    // In two pieces, since a stream may split anywhere.
    await connection.write(Buffer.concat([length, bytes.subarray(0, 5)]));
    await connection.write(bytes.subarray(5));
    await connection.end();
  };
  const { socket, listener, port } = await bindBoth(
    network,
    (connection) => void serve(connection),
  );
  socket.on("message", (query, from) => {
    for (const bytes of noise(query)) socket.send(bytes, from.port, from.address);
    const bytes = reply(query, false);
    if (bytes !== undefined) socket.send(bytes, from.port, from.address);
  });
  return {
    endpoint: { address: "127.0.0.1", port },
    asked,
    async [Symbol.asyncDispose]() {
      socket.close();
      await listener.close();
    },
  };
}

/** One port of both kinds; the system may have given its twin to somebody else meanwhile. */
async function bindBoth(network: Network, accept: (connection: Connection) => void) {
  for (let attempt = 0; ; attempt++) {
    const listener = await network.listen({ address: "127.0.0.1", port: 0 }, accept);
    const { port } = listener.local;
    const socket = dgram.createSocket("udp4");
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once("error", reject);
        socket.bind(port, "127.0.0.1", resolve);
      });
      return { socket, listener, port };
    } catch (error) {
      socket.close();
      await listener.close();
      if (attempt === 10) throw error;
    }
  }
}
