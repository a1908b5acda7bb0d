import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { append, openImap, openSmtp, sendMessage } from "../../mail-talk.ts";
import { until } from "../../world.ts";
import type { DurabilityCase, House } from "../durability-case.ts";
import { expectKept, nothingSent, startLoad } from "../load.ts";
import { readMailbox, tokensIn } from "../read-mailbox.ts";

const mebibyte = 2 ** 20;
const sizeMib = 48;
const fillerMib = 24;

/** With a reserve the server refuses in time; without one it meets the full disk itself. */
const plans = [
  { reserve: "8 MiB", bodyBytes: 20_000 },
  { reserve: "0 B", bodyBytes: 1_000 },
  { reserve: "0 B", bodyBytes: 100_000 },
];

export const diskFullCases: readonly DurabilityCase[] = plans.map(
  ({ reserve, bodyBytes }): DurabilityCase => ({
    name: `disk full: refuses for a time, loses nothing, resumes (reserve ${reserve}, ${bodyBytes} bytes)`,
    whySkipped: whyNoMount,
    async run(house) {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMib}m`, "tmpfs", house.data]);
      try {
        return await fillUp(house, { reserve, bodyBytes });
      } finally {
        await house.killAll();
        execFileSync("umount", [house.data]);
      }
    },
  }),
);

async function fillUp(
  house: House,
  plan: { readonly reserve: string; readonly bodyBytes: number },
): Promise<string> {
  const options = ["--set", `limits.diskReserve=${plan.reserve}`];
  const server = await house.start(options);
  const filler = join(house.data, "filler");
  writeFileSync(filler, Buffer.alloc(fillerMib * mebibyte));
  const sent = nothingSent();
  const to = house.ana.address;
  const load = startLoad(
    { port: server.port("smtp"), to, senderCount: 10, prefix: "a", bodyBytes: plan.bodyBytes },
    sent,
  );
  await until("a refusal", async () => (sent.refused.size >= 20 ? true : undefined), 40_000);
  load.stop();
  await load.done;
  for (const reply of sent.refused.values()) assert.match(reply, /^452 4\.3\.1/);
  const port = server.port("imap");
  const before = sent.refused.size;
  const imap = await openImap(port, house.ana);
  const big = `Subject: too much\r\n\r\n${"a".repeat(70)}\r\n`.repeat(plan.bodyBytes / 10);
  assert.match(await append(imap, "INBOX", big), /^t NO/);
  expectKept(sent, tokensIn(await readMailbox(port, house.ana)));
  const freeMib = (statfsSync(house.data).bfree * statfsSync(house.data).bsize) / mebibyte;

  rmSync(filler);
  const began = performance.now();
  const smtp = await openSmtp(server.port("smtp"));
  await until(
    "delivery after there was room",
    async () => {
      const envelope = { from: "a@elsewhere.test", to };
      const reply = await sendMessage(smtp, envelope, "Subject: token after end\r\n\r\nHello.");
      if (reply.startsWith("250")) return true;
      await smtp.ask("RSET");
      return undefined;
    },
    20_000,
  );
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  sent.acknowledged.add("after");
  for (const talk of [smtp, imap]) talk.destroy();
  await server.end("SIGKILL");
  const again = await house.start(options);
  const told = expectKept(sent, tokensIn(await readMailbox(again.port("imap"), house.ana)));
  return `${before} refused with ${freeMib.toFixed(1)} MiB free, resumed after ${seconds} s; ${told}`;
}

function whyNoMount(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can mount a small disk";
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "pipe" });
    return undefined;
  } catch {
    // In a container without the right to mount, for one.
    return "this machine does not let us mount a small disk";
  }
}
