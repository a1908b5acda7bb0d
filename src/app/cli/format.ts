/** A row as operations give it: plain JSON. */
type Row = Readonly<Record<string, unknown>>;

/** A list of rows as aligned columns with their names on top. */
export function formatTable(result: unknown): string {
  const rows = rowsOf(result);
  if (rows.length === 0) return "None.";
  const names = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => names.map((name) => cellOf(row[name])));
  const lines = [names, ...cells];
  const widths = names.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? "").length)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function formatAccounts(result: unknown): string {
  return formatTable(
    rowsOf(result).map((row) => ({
      account: row["address"],
      name: row["name"] === "" ? "-" : row["name"],
      messages: row["messages"],
      used: formatBytes(Number(row["usedBytes"])),
      quota: row["quotaBytes"] === 0 ? "no limit" : formatBytes(Number(row["quotaBytes"])),
      state: row["isEnabled"] === true ? "enabled" : "disabled",
    })),
  );
}

export function formatQueue(result: unknown): string {
  const { messages, recipients, entries } = rowOf(result);
  if (messages === 0) return "The queue is empty.";
  const table = formatTable(
    rowsOf(entries).map((entry) => ({
      id: entry["id"],
      queued: formatTime(entry["queuedAtMs"]),
      size: formatBytes(Number(entry["sizeBytes"])),
      sender: entry["sender"] === "" ? "<>" : entry["sender"],
      "next try": nextTry(rowsOf(entry["recipients"])),
      recipients: rowsOf(entry["recipients"]).map((recipient) => recipient["address"]),
    })),
  );
  return `${table}\n\n${counted(messages, "message")} for ${counted(recipients, "recipient")}.`;
}

function nextTry(recipients: readonly Row[]): string {
  const due = recipients.filter((recipient) => recipient["isHeld"] !== true);
  if (due.length === 0) return "held";
  return formatTime(Math.min(...due.map((recipient) => Number(recipient["dueAtMs"]))));
}

function counted(count: unknown, noun: string): string {
  const plural = noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${cellOf(count)} ${count === 1 ? noun : plural}`;
}

export function formatQueueEntry(result: unknown): string {
  const entry = rowOf(result);
  const head = [
    `Message ${cellOf(entry["id"])} from <${cellOf(entry["sender"])}>, ${formatBytes(Number(entry["sizeBytes"]))}`,
    `  queued ${formatTime(entry["queuedAtMs"])}, goes back ${formatTime(entry["expiresAtMs"])}`,
    `  journey ${cellOf(entry["journey"])}`,
  ];
  const recipients = rowsOf(entry["recipients"]).map((recipient) => {
    const state =
      recipient["isHeld"] === true ? "held" : `next try ${formatTime(recipient["dueAtMs"])}`;
    const last = recipient["lastAnswer"] === "" ? "not tried yet" : cellOf(recipient["lastAnswer"]);
    return `  ${cellOf(recipient["address"])}: ${counted(recipient["attempts"], "try")}, ${state}\n    ${last}`;
  });
  return [...head, ...recipients].join("\n");
}

export function formatStatus(result: unknown): string {
  const status = rowOf(result);
  return [
    `Golub ${cellOf(status["version"])} on ${cellOf(status["hostName"])}, up ${cellOf(status["upSeconds"])} s`,
    `${counted(status["sessions"], "session")}, ${counted(status["deliveriesUnderWay"], "delivery")} under way`,
    "",
    formatTable(status["listeners"]),
  ].join("\n");
}

/** "4.2 MiB". */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

function formatTime(ms: unknown): string {
  return new Date(Number(ms)).toISOString().slice(0, 19).replace("T", " ");
}

function rowsOf(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value.map(rowOf) : [];
}

function rowOf(value: unknown): Row {
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function cellOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(cellOf).join(", ");
  if (typeof value === "string") return value;
  return value === undefined ? "" : JSON.stringify(value);
}
