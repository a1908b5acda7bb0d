import type { Pop3Session } from "./session.ts";

/**
 * RFC 2449 §6: what the session can do now, from the rows of its commands. Before the login the
 * list has what can be used on this connection, so that no client sends a password in the clear.
 */
export function capabilityLines(session: Pop3Session): string[] {
  const isLoggedIn = session.state.phase === "transaction";
  const words = [...session.services.rows.values()].flatMap((row) => row.capabilities);
  const lines = words.flatMap((word) => {
    switch (word) {
      case "USER":
        return isLoggedIn || session.isPrivate ? [word] : [];
      case "SASL":
        return session.mechanisms.length > 0 ? [`SASL ${session.mechanisms.join(" ")}`] : [];
      case "STLS":
        return !isLoggedIn && session.canStartTls ? [word] : [];
      default:
        return [word];
    }
  });
  return [...lines, ...doorCapabilities];
}

/** Not of a command, but of how all of them are answered. */
const doorCapabilities = [
  "RESP-CODES", // RFC 2449 §6.4
  "AUTH-RESP-CODE", // RFC 3206 §5
  "PIPELINING", // RFC 2449 §6.6
  "EXPIRE NEVER", // RFC 2449 §6.7: nothing is removed unless a client asks
  "IMPLEMENTATION Golub", // RFC 2449 §6.9
];
