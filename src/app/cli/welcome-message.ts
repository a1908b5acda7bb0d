import { fromUtf8 } from "../../base/bytes.ts";
import { formatDate } from "../../message/dates.ts";

/**
 * The first message of a trial mailbox. Its text goes as it is (8bit), since whoever looks at it
 * with curl shall be able to read it.
 */
export function welcomeMessage(facts: {
  readonly address: string;
  readonly nowMs: number;
  /** Without brackets. */
  readonly messageId: string;
  /** How the command is called from here, with what it needs to find the server. */
  readonly command: (verb: string) => string;
}): Uint8Array {
  const { address, nowMs, messageId, command } = facts;
  const domain = address.slice(address.lastIndexOf("@") + 1);
  const text = `From: Golub <${address}>
To: <${address}>
Subject: =?utf-8?Q?Dobro_do=C5=A1li!_Welcome_to_Golub?=
Date: ${formatDate(nowMs)}
Message-ID: <${messageId}>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Hello, and welcome.

This message came to ${address} the way every message does: by SMTP
to this server, through its checks, durably into the mailbox, and from there
by IMAP or POP3 to you.

What to try next:

 - Set up your mail program with the ports that the terminal shows.
 - Send a message to yourself, then ask where it went:
   ${command(`why ${address}`)}
 - Make another account:
   ${command(`account add boris@${domain}`)}

Hrvatski: Dobro došli! Ova je poruka stigla istim putem kao i svaka druga.
Polski: Witamy! Ta wiadomość dotarła tą samą drogą co każda inna.
Български: Добре дошли! Това съобщение пристигна по същия път като всяко друго.
Српски: Добро дошли! Ова порука је стигла истим путем као и свака друга.
`;
  return fromUtf8(text.replaceAll("\n", "\r\n"));
}
