import { renameSync, writeFileSync } from "node:fs";

/** A listener that accepts connections. */
export interface ListenerFacts {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

/**
 * Writes which listeners accept and the process id, whole or not at all, for whoever started the
 * server and waits.
 */
export function writeReadyFile(path: string, listeners: readonly ListenerFacts[]): void {
  const text = JSON.stringify({ pid: process.pid, listeners }, undefined, 2);
  writeFileSync(`${path}.tmp`, `${text}\n`);
  renameSync(`${path}.tmp`, path);
}
