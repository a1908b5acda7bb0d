import assert from "node:assert/strict";
import { test } from "node:test";
import { accountId } from "../base/ids.ts";
import type { LogFacts } from "../base/log.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { createMemoryStore } from "../store/memory/create-memory-store.ts";
import { SendingGuard } from "./sending-guard.ts";
import type { SendingLimits } from "./sending-limits.ts";

const hourMs = 3_600_000;
const ana = { account: accountId(1), address: "ana@golub.example", device: "" };
const boris = { account: accountId(2), address: "boris@golub.example", device: "" };

function createGuard(limits: Partial<SendingLimits>) {
  const clock = createVirtualClock();
  const store = createMemoryStore({ clock });
  const warnings: LogFacts[] = [];
  const guard = new SendingGuard({
    clock,
    keyed: store.keyed,
    log: { write: (_, __, facts = {}) => void warnings.push(facts) },
    limits: {
      ...{ messagesPerHourMax: 0, messagesPerDayMax: 0 },
      ...{ newRecipientsPerHourMax: 0, newRecipientsPerDayMax: 0 },
      ...limits,
    },
  });
  return { clock, guard, warnings };
}

test("an hour after its first message an account may send again, and a day after that of the day", async () => {
  const { clock, guard } = createGuard({ messagesPerHourMax: 2, messagesPerDayMax: 3 });
  const codes: (number | undefined)[] = [];
  for (const waitMs of [0, 0, 0, hourMs, 0, 23 * hourMs]) {
    await clock.advance(waitMs);
    codes.push((await guard.countMessage(ana))?.code);
  }
  assert.deepEqual(codes, [undefined, undefined, 450, undefined, 550, undefined]);
});

test("a limit that is reached is logged once, however often it is tried", async () => {
  const { guard, warnings } = createGuard({ messagesPerHourMax: 1 });
  await guard.countMessage(ana);
  assert.equal((await guard.judgeMessage(boris))?.code, undefined);
  for (let count = 0; count < 5; count++) {
    assert.equal((await guard.judgeMessage(ana))?.code, 450);
    assert.equal((await guard.countMessage(ana))?.code, 450);
  }
  assert.deepEqual(warnings, [{ account: ana.address, counts: "messages", per: "hour", max: 1 }]);
});

test("a recipient is known to the account that wrote to it, for as long as it does at times", async () => {
  const { clock, guard } = createGuard({ newRecipientsPerDayMax: 1 });
  const write = async (account: typeof ana, address: string) =>
    (await guard.countRecipient(account, address))?.code;
  assert.equal(await write(ana, "a@x.example"), undefined);
  assert.equal(await write(ana, "b@x.example"), 550);
  assert.equal(await write(boris, "a@x.example"), undefined);
  for (let month = 0; month < 12; month++) {
    await clock.advance(31 * 24 * hourMs);
    assert.equal(await write(ana, "b@x.example"), undefined);
    assert.equal(await write(ana, "A@x.example"), undefined);
  }
  await clock.advance(181 * 24 * hourMs);
  assert.equal(await write(ana, "c@x.example"), undefined);
  assert.equal(await write(ana, "a@x.example"), 550);
});
