import { listenerTable } from "../listener-table.ts";
import type { Config } from "../config/schema.ts";
import type { ListenerFacts } from "../ready-file.ts";
import type { AskedAccount } from "./options.ts";

/** What `npm start` shows once everything listens: where, who, and three lines to try. */
export function trialBanner(facts: {
  readonly config: Config;
  readonly listeners: readonly ListenerFacts[];
  /** The account to show, with its password when it was just made or given. */
  readonly account: AskedAccount | undefined;
}): string {
  const { config, listeners, account } = facts;
  const about = new Map<string, string>(listenerTable.map((row) => [row.protocol, row.about]));
  const rows = listeners.map(({ protocol, address, port }) => {
    const place = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    return `  ${protocol.padEnd(13)} ${place.padEnd(22)} ${about.get(protocol) ?? ""}`;
  });
  const port = (protocol: string) =>
    listeners.find((listener) => listener.protocol === protocol)?.port;
  const host =
    config.listen.host === "0.0.0.0" || config.listen.host === "::"
      ? "127.0.0.1"
      : config.listen.host;
  const login = account === undefined ? undefined : `${account.address}:${account.password}`;
  const tries =
    account === undefined || login === undefined
      ? ["  golub account list"]
      : [
          `  swaks --server ${host}:${port("smtp")} --to ${account.address} --from friend@example.net`,
          `  curl -s --user '${login}' 'imap://${host}:${port("imap")}/INBOX;MAILINDEX=1'`,
          `  curl -s --user '${login}' 'pop3://${host}:${port("pop3")}/1'`,
        ];
  const who =
    account === undefined
      ? ["Accounts: those made before; golub account list shows them."]
      : [`Account:  ${account.address}`, `Password: ${account.password}`];
  return `
Golub listens:

${rows.join("\n")}

${who.join("\n")}
Data:     ${config.server.dataFolder}

To try:

${tries.join("\n")}

Ctrl-C stops it.
`;
}
