/** Records as operations give them, as lines of a zone file (RFC 1035 §5.1) with comments. */
export function formatZone(result: unknown): string {
  const rows: readonly unknown[] = Array.isArray(result) ? result : [];
  return rows.map(formatRecord).join("\n");
}

function formatRecord(row: unknown): string {
  const { name, type, data, about } = Object.fromEntries(
    Object.entries(typeof row === "object" && row !== null ? row : {}),
  );
  return `; ${String(about)}\n${String(name)}. IN ${String(type)} ${String(data)}`;
}
