import assert from "node:assert/strict";
import { test } from "node:test";
import { InvariantError } from "../base/assert.ts";
import { Refusal } from "../base/faults.ts";
import { seededRandom } from "../base/random.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { cheapCost } from "./directory-fixture.ts";
import { createTurns } from "./hash-turns.ts";
import { createPasswords } from "./password.ts";
import { parseSecret } from "./secret-text.ts";

function fixture(cost = cheapCost) {
  const clock = createVirtualClock();
  return { clock, passwords: createPasswords({ clock, random: seededRandom(5), cost }) };
}

test("a secret does not hold the password, and two of one password differ", async () => {
  const { passwords } = fixture();
  const [one, two] = [await passwords.createSecret("tajna"), await passwords.createSecret("tajna")];
  assert.ok(!one.includes("tajna") && one !== two);
  assert.equal(await passwords.verify(one, "tajna"), true);
  assert.equal(await passwords.verify(one, "tajn"), false);
  assert.equal(await passwords.verify(undefined, "tajna"), false);
});

test("a secret made at another cost stays valid", async () => {
  const secret = await fixture({ ...cheapCost, memoryKib: 16, passes: 2 }).passwords.createSecret(
    "x",
  );
  assert.equal(await fixture().passwords.verify(secret, "x"), true);
});

test("a good password costs one hash, however often it comes in the next minutes", async () => {
  const { clock, passwords } = fixture({ ...cheapCost, memoryKib: 4096, passes: 4 });
  const secret = await passwords.createSecret("x");
  const startMs = performance.now();
  await Promise.all(Array.from({ length: 1_000 }, () => passwords.verify(secret, "x")));
  await Promise.all(Array.from({ length: 1_000 }, () => passwords.verify(secret, "x")));
  assert.ok(performance.now() - startMs < 1_000);
  await clock.advance(300_000);
  assert.equal(await passwords.verify(secret, "x"), true);
});

test("hashes run one at a time, and too many waiting are refused", async () => {
  const clock = createVirtualClock();
  const turns = createTurns(clock);
  const gate = Promise.withResolvers<void>();
  let running = 0;
  const work = async (): Promise<string> => {
    assert.equal(++running, 1);
    await gate.promise;
    running--;
    return "done";
  };
  const first = Array.from({ length: 65 }, () => turns.run(work));
  await clock.settle();
  await assert.rejects(turns.run(work), Refusal);
  gate.resolve();
  assert.deepEqual(new Set(await Promise.all(first)), new Set(["done"]));
});

test("a turn that does not come in time is refused, and lost for nobody else", async () => {
  const clock = createVirtualClock();
  const turns = createTurns(clock);
  const gate = Promise.withResolvers<void>();
  const first = turns.run(() => gate.promise);
  const late = assert.rejects(
    turns.run(async () => assert.fail("its time was over")),
    (error) => error instanceof Refusal && error.reason === "unavailable",
  );
  await clock.advance(10_000);
  await late;
  gate.resolve();
  await first;
  assert.equal(await turns.run(async () => "next"), "next");
});

test("a secret that we did not write is a bug, and its text stays out of the words", () => {
  for (const text of ["", "{", "hunter2", "{}", '{"version":2}', '{"version":1}', "null"]) {
    assert.throws(
      () => parseSecret(text),
      (error) => {
        return error instanceof InvariantError && !error.message.includes("hunter2");
      },
    );
  }
});
