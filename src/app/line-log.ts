import type { Clock } from "../base/clock.ts";
import type { Level, Log, LogFacts } from "../base/log.ts";

const loudness: Readonly<Record<Level, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/**
 * A log of one line per event, as text for people or JSON for machines. Control characters in
 * facts are escaped, so that nobody outside can forge a line.
 */
export function createLineLog(options: {
  readonly clock: Clock;
  readonly level: Level;
  readonly format: "text" | "json";
  readonly writeLine: (line: string) => void;
}): Log {
  const limit = loudness[options.level];
  const format = options.format === "json" ? formatJson : formatText;
  return {
    write(level, event, facts = {}) {
      if (loudness[level] > limit) return;
      const time = new Date(options.clock.now()).toISOString();
      options.writeLine(format(time, level, event, facts));
    },
  };
}

function formatJson(time: string, level: Level, event: string, facts: LogFacts): string {
  return JSON.stringify({ time, level, event, ...facts });
}

function formatText(time: string, level: Level, event: string, facts: LogFacts): string {
  const cells = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${plain(value)}`);
  return [time, level.padEnd(5), event, ...cells].join(" ");
}

function plain(value: unknown): string {
  const text = String(value);
  return /^[\w.:@/+<>[\]-]+$/.test(text) ? text : JSON.stringify(text);
}
