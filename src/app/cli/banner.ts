import { listenerTable } from "../listener-table.ts";
import type { Config } from "../config/schema.ts";
import type { ListenerFacts } from "../ready-file.ts";
import type { AskedAccount } from "./options.ts";

/** What `npm start` shows once everything listens: where, who, and three lines to try. */
export function trialBanner(facts: {
  readonly config: Config;
  readonly listeners: readonly ListenerFacts[];
  /** Accounts that were just made or asked for, whose passwords may be shown. */
  readonly accounts: readonly AskedAccount[];
  /** How the command is called from here, with what it needs to find the server. */
  readonly command: (verb: string) => string;
}): string {
  const { config, listeners, accounts, command } = facts;
  const [account] = accounts;
  const about = new Map<string, string>(listenerTable.map((row) => [row.protocol, row.about]));
  const rows = listeners.map(({ protocol, address, port }) => {
    const place = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    return `  ${protocol.padEnd(13)} ${place.padEnd(22)} ${about.get(protocol) ?? ""}`;
  });
  const port = (protocol: string) =>
    listeners.find((listener) => listener.protocol === protocol)?.port;
  const isEverywhere = config.listen.host === "0.0.0.0" || config.listen.host === "::";
  const address = isEverywhere ? "127.0.0.1" : config.listen.host;
  const host = address.includes(":") ? `[${address}]` : address;
  const login =
    account === undefined ? undefined : quoted(`${account.address}:${account.password}`);
  const tries =
    account === undefined || login === undefined
      ? [`  ${command("account list")}`]
      : [
          `  swaks --server ${host}:${port("smtp")} --to ${account.address} --from friend@example.net`,
          `  curl -s --user ${login} 'imap://${host}:${port("imap")}/INBOX;MAILINDEX=1'`,
          `  curl -s --user ${login} 'pop3://${host}:${port("pop3")}/1'`,
        ];
  const who =
    account === undefined
      ? [
          "Accounts: those made before, with their passwords. A new password for one:",
          `          ${command("account password NAME@DOMAIN")}`,
        ]
      : accounts.flatMap((each) => [`Account:  ${each.address}`, `Password: ${each.password}`]);
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

/** As one word of a shell, whatever the password has in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
