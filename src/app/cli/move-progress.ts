import type { Clock } from "../../base/clock.ts";
import type { MoveProgress } from "../../store/move/move-store.ts";
import type { MoveWork } from "../../store/move/marker.ts";

export interface ProgressScreen {
  /** Whether a line can be written over. */
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
}

/** Milliseconds between two lines. */
const terminalMs = 200;
const fileMs = 5000;

/** Shows a move as it goes: in place on a terminal, a line every few seconds elsewhere. */
export function createProgressLine(clock: Clock, { isTerminal, write }: ProgressScreen) {
  let phase = "";
  let startMs = 0;
  let shownMs = -Infinity;
  const end = () => void (isTerminal && phase !== "" && write("\n"));
  return {
    show(progress: MoveProgress): void {
      const nowMs = clock.monotonicMs();
      if (progress.phase !== phase) {
        end();
        phase = progress.phase;
        startMs = nowMs;
        shownMs = -Infinity;
      }
      if (nowMs - shownMs < (isTerminal ? terminalMs : fileMs)) return;
      shownMs = nowMs;
      const line = formatProgress(progress, nowMs - startMs);
      write(isTerminal ? `\r${line}\u001b[K` : `${line}\n`);
    },
    end,
  };
}

/** One line about a move; `elapsedMs` is the time of its phase. */
export function formatProgress(progress: MoveProgress, elapsedMs: number): string {
  const { phase, done, totals, before } = progress;
  const seconds = elapsedMs / 1000;
  const share = weigh(done) - weigh(before);
  const left = Math.max(0, weigh(totals) - weigh(done));
  const rate = (done.messages - before.messages) / seconds;
  const parts = [
    `${formatCount(done.accounts)} of ${formatCount(totals.accounts)} accounts`,
    `${formatCount(done.messages)} of ${formatCount(totals.messages)} messages`,
    `${formatMib(done.bodyBytes)} of ${formatMib(totals.bodyBytes)} MiB`,
    ...(seconds >= 1 && rate >= 1 ? [`${formatCount(Math.round(rate))} messages/s`] : []),
    ...(seconds >= 1 && share > 0 ? [`${formatTime((left / share) * seconds)} left`] : []),
  ];
  return `${phase === "copy" ? "Copying" : "Verifying"}: ${parts.join(", ")}`;
}

/** Work in parts that take about the same time: a message's rows, a body, 16 KiB of bytes. */
function weigh({ messages, bodies, bodyBytes }: MoveWork): number {
  return messages * 2 + bodies + bodyBytes / 16_384;
}

export function formatCount(count: number): string {
  return count.toLocaleString("en");
}

export function formatMib(bytes: number): string {
  return (bytes / 1_048_576).toLocaleString("en", {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
}

/** "45 s", "12 min", "3 h 5 min". */
export function formatTime(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
