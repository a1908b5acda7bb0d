import { resolve } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { Refusal } from "../../base/faults.ts";
import type { Log } from "../../base/log.ts";
import { openEmbeddedSource } from "../../store/embedded/dump-source.ts";
import { openEmbeddedTarget } from "../../store/embedded/dump-target.ts";
import type { DumpSource, DumpTarget } from "../../store/move/dump.ts";
import { openPostgresSource } from "../../store/postgres/dump-source.ts";
import { openPostgresTarget } from "../../store/postgres/dump-target.ts";

/** What opening a store to copy needs. */
export interface DumpPorts {
  readonly clock: Clock;
  readonly log: Log;
}

/** A store as the command line names it, before it is opened. */
export interface DumpPlace {
  /** Without passwords; the same for the same store. */
  readonly name: string;
  openSource(ports: DumpPorts): Promise<DumpSource>;
  openTarget(ports: DumpPorts): Promise<DumpTarget>;
}

/**
 * The store that an option names.
 * @throws Refusal `syntax` for a text that names none.
 */
export function parseDumpPlace(option: string, text: string): DumpPlace {
  const folder = /^embedded:(.+)$/.exec(text)?.[1];
  if (folder !== undefined) return embeddedPlace(resolve(folder));
  if (/^postgres(ql)?:\/\//.test(text)) return postgresPlace(option, text);
  throw new Refusal(
    "syntax",
    `${option}: it must be embedded:FOLDER or postgres://user:password@host:port/database.`,
  );
}

function embeddedPlace(folder: string): DumpPlace {
  return {
    name: `embedded:${folder}`,
    openSource: () => sentenceOf(async () => openEmbeddedSource(folder)),
    openTarget: (ports) => sentenceOf(() => openEmbeddedTarget({ ...ports, folder })),
  };
}

function postgresPlace(option: string, text: string): DumpPlace {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw new Refusal("syntax", `${option} is not a PostgreSQL address.`);
  return {
    name: `postgres://${url.host}${url.pathname}`,
    openSource: () => sentenceOf(() => openPostgresSource(text)),
    openTarget: (ports) => sentenceOf(() => openPostgresTarget({ ...ports, url: text })),
  };
}

/** Engines say in a sentence why a store cannot be opened; the person needs no more. */
async function sentenceOf<Opened>(open: () => Promise<Opened>): Promise<Opened> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof Refusal || !(error instanceof Error)) throw error;
    throw new Refusal("unavailable", error.message, error.stack);
  }
}
