import { readdirSync, readFileSync } from "node:fs";

const ticksPerSecond = 100;

interface ProcessFacts {
  readonly id: number;
  readonly parent: number;
  readonly cpuSeconds: number;
}

/** CPU seconds of the processes below `roots` (with what their ended children used). */
export function cpuSecondsOf(roots: readonly number[]): number {
  return treeOf(roots).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** Resident bytes, each shared page divided among those that share it (PSS of proc(5)). */
export function residentBytesOf(roots: readonly number[]): number {
  return treeOf(roots).reduce((sum, { id }) => sum + proportionalBytes(id), 0);
}

function proportionalBytes(id: number): number {
  try {
    const rollup = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
    return Number(/^Pss: +(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024;
  } catch {
    // It ended while we looked.
    return 0;
  }
}

function treeOf(roots: readonly number[]): readonly ProcessFacts[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const facts = all.map((name) => readFacts(Number(name))).filter((fact) => fact !== undefined);
  const chosen = new Set(roots);
  for (let grew = true; grew;) {
    grew = false;
    for (const { id, parent } of facts) {
      if (!chosen.has(parent) || chosen.has(id)) continue;
      chosen.add(id);
      grew = true;
    }
  }
  return facts.filter(({ id }) => chosen.has(id));
}

/** /proc/PID/stat, whose second field may hold spaces and parentheses. */
function readFacts(id: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, "utf8");
    const cells = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [, parent = 0] = cells;
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + (cells[index] ?? 0), 0);
    return { id, parent, cpuSeconds: ticks / ticksPerSecond };
  } catch {
    // The process ended while we looked: its parent has its time now.
    return undefined;
  }
}
