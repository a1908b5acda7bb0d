import { Client } from "pg";
import { asBuffer } from "../../base/bytes.ts";
import type { Row } from "./rows.ts";
import { fromSqlText, toSqlText } from "./sql-text.ts";
import type { Statement } from "./statement.ts";

/** SQL's NULL is undefined; arrays are made by array-parameter.ts. */
export type Parameter = string | number | boolean | Uint8Array | undefined;

export interface ConnectionOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Statements that every new connection begins with. */
  readonly setUp?: readonly string[];
  readonly onNotification?: (payload: string) => void;
  /** Called once, when the connection is gone for whatever reason. */
  readonly onEnd?: () => void;
}

const connectMsMax = 5000;
/** A server that does not answer for so long is taken for gone. */
const answerMsMax = 60_000;

/**
 * One connection. Queries that are asked at once go to the server together and are answered in
 * order, in one round trip.
 */
export class Connection {
  readonly #client: Client;
  #inFlight = 0;
  #isLost = false;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** @throws whatever the server or the system says (see database-faults.ts). */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const client = new Client({
      connectionString: options.url,
      application_name: options.name,
      connectionTimeoutMillis: connectMsMax,
      query_timeout: answerMsMax,
      keepAlive: true,
      pipeline: true,
      types: { getTypeParser: (oid) => parsers.get(oid) ?? parseText },
    });
    const connection = new Connection(client);
    const onEnd = () => {
      if (connection.#isLost) return;
      connection.#isLost = true;
      options.onEnd?.();
    };
    // Queries are told of the error by their own promises.
    client.on("error", onEnd);
    client.on("end", onEnd);
    client.on("notification", ({ payload }) => options.onNotification?.(payload ?? ""));
    await client.connect();
    const { setUp = [] } = options;
    if (setUp.length > 0) await connection.run(setUp.join("; "));
    return connection;
  }

  /** Queries that are not answered yet. */
  get inFlight(): number {
    return this.#inFlight;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  async query(
    { name, text }: Statement,
    parameters: readonly Parameter[] = [],
  ): Promise<readonly Row[]> {
    return (await this.#send({ name, text, values: parameters.map(asValue) })).rows;
  }

  /** Statements without parameters. Returns what the last one was: "COMMIT", "ROLLBACK", … */
  async run(sql: string): Promise<string> {
    const result: unknown = await this.#send({ text: sql });
    const last: unknown = Array.isArray(result) ? result.at(-1) : result;
    return typeof last === "object" && last !== null && "command" in last
      ? String(last.command)
      : "";
  }

  /** Says goodbye after what was asked is answered. */
  async close(): Promise<void> {
    await this.#client.end().catch(ignoreLost);
  }

  /** Drops the connection at once: what was asked fails. */
  destroy(): void {
    this.#client.connection.stream.destroy();
  }

  async #send(query: { readonly name?: string; readonly text: string; values?: unknown[] }) {
    this.#inFlight++;
    try {
      return await this.#client.query<Row>(query);
    } finally {
      this.#inFlight--;
    }
  }
}

function asValue(parameter: Parameter): unknown {
  if (parameter instanceof Uint8Array) return asBuffer(parameter);
  return typeof parameter === "string" ? toSqlText(parameter) : parameter;
}

const parseNumbers = (text: string): readonly number[] => JSON.parse(`[${text.slice(1, -1)}]`);

/** By the numbers of types in PostgreSQL's pg_type.dat. */
const parsers = new Map<number, (text: string) => unknown>([
  [16, (text) => text === "t"],
  [17, (text) => Buffer.from(text.slice(2), "hex")],
  ...[20, 21, 23, 701, 1700].map((oid) => [oid, Number] as const),
  ...[1007, 1016, 1022].map((oid) => [oid, parseNumbers] as const),
]);

function parseText(text: string): string {
  return fromSqlText(text);
}

/** It was gone already. */
function ignoreLost(): void {}
