/** Gathers lines of one turn of the event loop into one write, so that a busy log stays cheap. */
export function createLineWriter(write: (text: string) => void): {
  readonly writeLine: (line: string) => void;
  /** Writes what is gathered now: before the process ends. */
  flush(): void;
} {
  let lines: string[] = [];
  const flush = () => {
    if (lines.length === 0) return;
    const text = `${lines.join("\n")}\n`;
    lines = [];
    write(text);
  };
  return {
    writeLine(line) {
      if (lines.length === 0) setImmediate(flush);
      lines.push(line);
    },
    flush,
  };
}
