import { readFileSync } from "node:fs";

/** What the kernel counts for a process (proc(5)). */
export interface Usage {
  /** In user and system mode together. */
  readonly cpuSeconds: number;
  readonly residentMib: number;
}

/** Kernel ticks per second; 100 on every Linux that Node.js runs on. */
const ticksPerSecond = 100;

export function readUsage(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The second field is the program's name in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentMib: Number(resident) / 1024,
  };
}
