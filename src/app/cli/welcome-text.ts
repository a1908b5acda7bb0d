/** The first message in a trial mailbox. */
export function welcomeText(address: string): string {
  return `Hello, and welcome.

This message came to ${address} the way every message does: by SMTP
to this server, through its checks, durably into the mailbox, and from there
by IMAP, POP3 or the web to you.

What to try next:

 - Set up your mail program with the ports that the terminal shows.
 - Send a message to yourself, then ask where it went:  golub why ${address}
 - Make another account:  golub account add boris@${address.slice(address.lastIndexOf("@") + 1)}

Hrvatski: Dobro došli! Ova je poruka stigla istim putem kao i svaka druga.
Polski: Witamy! Ta wiadomość dotarła tą samą drogą co każda inna.
Български: Добре дошли! Това съобщение пристигна по същия път като всяко друго.
Српски: Добро дошли! Ова порука је стигла истим путем као и свака друга.
`;
}
