import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../tree.ts";

/** Starts the fixture through the launcher; `act` gets both process ids when it is up. */
async function launch(isBelowNpm: boolean, act: (launcher: number, program: number) => void) {
  const { npm_package_json: _, ...env } = process.env;
  if (isBelowNpm) env["npm_package_json"] = join(root, "package.json");
  const launcher = spawn(process.execPath, ["bin/run.mjs", "tools/testing/stopping-fixture.ts"], {
    cwd: root,
    env,
    detached: true, // a process group of its own, as a terminal makes for a command
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  launcher.stdout.setEncoding("utf8").on("data", (part: string) => {
    const isFirst = text === "";
    text += part;
    if (isFirst) act(launcher.pid ?? 0, Number(/ready (\d+)/.exec(text)?.[1]));
  });
  const exit = new Promise<number | null>((resolve) => launcher.on("exit", resolve));
  // The output ends when the program has: it outlives a launcher that is killed.
  await new Promise((resolve) => launcher.stdout.on("close", resolve));
  return { signals: text.trim().split("\n").slice(1), code: await exit };
}

describe("the launcher", { concurrency: true }, () => {
  for (const isBelowNpm of [true, false]) {
    const where = isBelowNpm ? "below npm" : "without npm";

    test(`${where}: Ctrl-C to the whole group, which npm repeats, is one stop`, async () => {
      const ended = await launch(isBelowNpm, (launcher) => {
        process.kill(-launcher, "SIGINT");
        if (isBelowNpm) process.kill(launcher, "SIGINT");
      });
      assert.deepEqual(ended, { signals: ["SIGINT"], code: 7 });
    });

    test(`${where}: SIGTERM is one stop, and the exit code comes through`, async () => {
      const ended = await launch(isBelowNpm, (launcher) => process.kill(launcher, "SIGTERM"));
      assert.deepEqual(ended, { signals: ["SIGTERM"], code: 7 });
    });
  }

  test("when it is killed, the program stops", async () => {
    const { signals } = await launch(true, (launcher) => process.kill(launcher, "SIGKILL"));
    assert.deepEqual(signals, ["SIGTERM"]);
  });

  test("when the program is killed, it ends with 128 and the signal's number", async () => {
    const { code } = await launch(true, (_, program) => process.kill(program, "SIGKILL"));
    assert.equal(code, 137);
  });
});
