import { renameSync, rmSync, writeFileSync } from "node:fs";
import { Refusal } from "../base/faults.ts";

/** A listener that accepts connections. */
export interface ListenerFacts {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

/**
 * Writes which listeners accept and the process id, whole or not at all, for whoever started the
 * server and waits.
 * @throws Refusal naming the file when it cannot be written.
 */
export function writeReadyFile(path: string, listeners: readonly ListenerFacts[]): void {
  const text = JSON.stringify({ pid: process.pid, listeners }, undefined, 2);
  naming(path, () => {
    writeFileSync(`${path}.tmp`, `${text}\n`);
    renameSync(`${path}.tmp`, path);
  });
}

/** Takes away what an earlier run has left: whoever waits must not take it for this one's. */
export function clearReadyFile(path: string): void {
  naming(path, () => rmSync(path, { force: true }));
}

function naming(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal("unavailable", `--ready-file ${path}: it cannot be written (${why}).`);
  }
}
