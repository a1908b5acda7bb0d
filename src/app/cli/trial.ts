import { randomName } from "../../base/random.ts";
import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { Network } from "../../net/network.ts";
import { Wire } from "../../protocol/wire.ts";
import type { Store } from "../../store/store.ts";
import type { RunningServer } from "../start-server.ts";
import type { AskedAccount } from "./options.ts";
import { welcomeMessage } from "./welcome-message.ts";

const trialDomain = "golub.test";

/**
 * The account that a trial makes by itself: only when none was asked for and none exists.
 * Its password is random, and shown once.
 */
export async function findTrialAccount(
  store: Store,
  facts: {
    readonly asked: readonly AskedAccount[];
    readonly domains: readonly string[];
    readonly random: Random;
  },
): Promise<AskedAccount | undefined> {
  if (facts.asked.length > 0 || (await store.directory.accounts()).length > 0) return undefined;
  const domain = facts.domains[0] ?? trialDomain;
  return { address: `ana@${domain}`, password: readablePassword(facts.random) };
}

/** Four groups of four letters and digits, without those that look alike: about 80 bits. */
function readablePassword(random: Random): string {
  const letters = randomName(random, 200).replaceAll(/[^a-km-zA-HJ-NP-Z2-9]/g, "");
  return [0, 4, 8, 12].map((at) => letters.slice(at, at + 4)).join("-");
}

/** Delivers the welcome message through the server's own SMTP listener, as anybody's mail comes. */
export async function sendWelcome(
  server: RunningServer,
  ports: { readonly network: Network; readonly clock: Clock; readonly random: Random },
  account: AskedAccount,
  command: (verb: string) => string,
): Promise<void> {
  const smtp = server.listeners.find(({ protocol }) => protocol === "smtp");
  if (smtp === undefined) return;
  const timeoutMs = 10_000;
  const host = smtp.address === "0.0.0.0" || smtp.address === "::" ? "127.0.0.1" : smtp.address;
  const connection = await ports.network.connect({ address: host, port: smtp.port, timeoutMs });
  const wire = new Wire(connection);
  const ask = async (text: string, code: string) => {
    if (text !== "") await wire.write(text);
    await wire.flush();
    for (;;) {
      const line = await wire.readLine({ bytesMax: 2_000, timeoutMs, allowBareLf: false });
      const words = Buffer.from(line ?? new Uint8Array()).toString("latin1");
      if (words[3] === "-") continue;
      if (words.startsWith(code)) return;
      throw new Error(`The welcome message was not taken: ${words || "connection ended"}`);
    }
  };
  const message = welcomeMessage({
    address: account.address,
    nowMs: ports.clock.now(),
    messageId: `${randomName(ports.random, 20)}@${server.hostName}`,
    command,
  });
  await ask("", "220");
  await ask(`EHLO ${server.hostName}\r\n`, "250");
  await ask(`MAIL FROM:<${account.address}> BODY=8BITMIME\r\n`, "250");
  await ask(`RCPT TO:<${account.address}>\r\n`, "250");
  await ask("DATA\r\n", "354");
  const stuffed = Buffer.from(message).toString("latin1").replaceAll(/^\./gm, "..");
  await ask(`${stuffed}.\r\n`, "250");
  await ask("QUIT\r\n", "221");
  await connection.end();
}
