import { until } from "./world.ts";
import type { Person, World } from "./world.ts";

/** Text of all messages in a mailbox whose subject contains `subject`, fetched with curl. */
export async function findMessages(
  world: World,
  person: Person,
  subject: string,
  mailbox = "INBOX",
): Promise<readonly string[]> {
  const base = `imap://127.0.0.1:${world.port("imap")}/${encodeURIComponent(mailbox)}`;
  const login = ["-s", "-S", "--user", `${person.address}:${person.password}`];
  const search = ["--request", `UID SEARCH SUBJECT "${subject}"`];
  const found = await world.run("curl", [...login, base, ...search]);
  const uids = /\* SEARCH([ 0-9]*)/.exec(found)?.[1]?.trim().split(" ").filter(Boolean) ?? [];
  const texts: string[] = [];
  for (const uid of uids) texts.push(await world.run("curl", [...login, `${base};UID=${uid}`]));
  return texts;
}

/** Waits for exactly one message with that subject. */
export async function waitForMessage(
  world: World,
  person: Person,
  subject: string,
  timeoutMs?: number,
): Promise<string> {
  const find = async () => (await findMessages(world, person, subject))[0];
  return until(`a message "${subject}" for ${person.address}`, find, timeoutMs);
}

/** A plain message as a program would be given it. */
export function plainMessage(
  world: World,
  subject: string,
  body = "Dobar dan!\nPozdrav.\n",
): string {
  return [
    `From: ${world.boris.address}`,
    `To: ${world.ana.address}`,
    `Subject: ${subject}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "",
    body,
  ].join("\n");
}
