import type { Refusal } from "../base/faults.ts";

/** What a command needs before it may run, and what it does to the order of things. */
export interface RowNeeds {
  /** Phases of the session in which it is allowed; others get `badState`. */
  readonly phases: readonly string[];
  /** `tlsRequired` is answered without TLS, unless the session's policy allows plain text. */
  readonly tls?: boolean;
  /** Commands behind it in the pipeline must wait until its answer is sent (RFC 2920 §3.1). */
  readonly endsPipeline?: boolean;
}

/**
 * A command of a protocol: one row has all that is known of it. `parse` is pure; `permit` answers
 * whether, `run` does it.
 */
export interface RowDefinition<Session, Input, Args> extends RowNeeds {
  /** Upper case. */
  readonly verb: string;
  /** "RFC 9051 §6.3.2". */
  readonly rfc: string;
  /** Capability words that exist because this row does. */
  readonly capabilities?: readonly string[];
  /** @throws Refusal `syntax` or `unsupported`. */
  parse(input: Input): Args;
  permit?(session: Session, args: Args): Refusal | undefined;
  /** Does it and writes the answers to the session's output. @throws Refusal. */
  run(session: Session, args: Args): Promise<void> | void;
}

/** A row whose argument type only itself knows. */
export interface Row<Session, Input> extends RowNeeds {
  readonly verb: string;
  readonly rfc: string;
  readonly capabilities: readonly string[];
  /** Parses, asks for permission, runs. @throws Refusal. */
  execute(session: Session, input: Input): Promise<void> | void;
}

export function defineRow<Session, Input, Args>(
  definition: RowDefinition<Session, Input, Args>,
): Row<Session, Input> {
  const { parse, permit, run, capabilities, ...facts } = definition;
  return {
    ...facts,
    capabilities: capabilities ?? [],
    execute(session, input) {
      const args = parse(input);
      const refusal = permit?.(session, args);
      if (refusal !== undefined) throw refusal;
      return run(session, args);
    },
  };
}

/** Rows by verb. Looking up is by Map only: a name from a client is never a property name. */
export type RowTable<Session, Input> = ReadonlyMap<string, Row<Session, Input>>;

export function tableOf<Session, Input>(
  rows: readonly Row<Session, Input>[],
): RowTable<Session, Input> {
  const table = new Map(rows.map((row) => [row.verb, row]));
  if (table.size !== rows.length) throw new Error("two rows with one verb");
  return table;
}
