import { formatTable } from "./format.ts";

/** The devices of an account as a table, from the operation's answer. */
export function formatDevices(result: unknown): string {
  const rows: readonly unknown[] = Array.isArray(result) ? result : [];
  return formatTable(
    rows.map((row) => {
      const device = new Map<string, unknown>(
        Object.entries(typeof row === "object" && row !== null ? row : {}),
      );
      return {
        device: device.get("device"),
        created: formatTime(device.get("createdAtMs")),
        used: formatTime(device.get("lastUsedAtMs")),
      };
    }),
  );
}

function formatTime(ms: unknown): string {
  if (typeof ms !== "number") return "never";
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}
