import assert from "node:assert/strict";

import { plainMessage, waitForMessage } from "./inbox.ts";
import type { InteropCase } from "./world.ts";

export const commandLineCases: readonly InteropCase[] = [
  {
    name: "golub: an account and an alias made while the server runs can be used at once",
    packages: ["swaks"],
    async run(world) {
      const address = `cvita@${world.domain}`;
      await world.golub(["account", "add", address, "--quota", "1 GiB"], "cvitina lozinka\n");
      await world.golub(["alias", "put", `info@${world.domain}`, address]);
      assert.match(await world.golub(["account", "list"]), /cvita@\S+ .*1\.0 GiB .*enabled/);
      const server = ["--server", `127.0.0.1:${world.port("smtp")}`];
      await world.run("swaks", [
        ...[...server, "--from", "a@elsewhere.test", "--to", `info@${world.domain}`],
        ...["--header", "Subject: za info"],
      ]);
      await waitForMessage(world, { address, password: "cvitina lozinka" }, "za info");
      await world.golub(["account", "disable", address]);
      const login = ["-s", "--user", `${address}:cvitina lozinka`];
      const imap = `imap://127.0.0.1:${world.port("imap")}/`;
      await world.run("curl", [...login, imap], { codes: [67] });
      const refused = await world.golub(["account", "add", address], "x y z 1 2\n", [1]);
      assert.match(refused, /exists already/);
    },
  },
  {
    name: "golub why: tells the way of a message by its Message-ID and by address",
    packages: ["swaks"],
    async run(world) {
      const id = `why-${Date.now()}@elsewhere.test`;
      await world.run("swaks", [
        ...["--server", `127.0.0.1:${world.port("smtp")}`, "--from", "a@elsewhere.test"],
        ...["--to", world.ana.address, "--header", `Message-Id: <${id}>`],
      ]);
      for (const handle of [id, world.ana.address]) {
        const told = await world.golub(["why", handle]);
        assert.match(told, new RegExp(`<${id}>`));
        assert.match(told, /127\.0\.0\.1/);
        assert.match(told, /INBOX/);
      }
      await world.golub(["why", "nothing@nowhere.test"], "", [1]);
    },
  },
  {
    name: "golub queue: a message that cannot go yet is seen, held, released and taken out",
    packages: ["swaks"],
    async run(world) {
      const to = "someone@unreachable.test";
      await world.run(
        "swaks",
        [
          ...["--server", `127.0.0.1:${world.port("submission")}`, "--tls", "--auth", "PLAIN"],
          ...["--au", world.ana.address, "--ap", world.ana.password],
          ...["--from", world.ana.address, "--to", to, "--data", "-"],
        ],
        { input: plainMessage(world, "ne može još") },
      );
      const list = await world.golub(["queue", "list"]);
      const id = /^(\d+) .*unreachable/m.exec(list)?.[1] ?? "";
      assert.notEqual(id, "", list);
      await world.golub(["queue", "hold", id]);
      assert.match(await world.golub(["queue", "show", id]), /held/);
      await world.golub(["queue", "release", id]);
      await world.golub(["queue", "remove", id, "--notice"]);
      assert.doesNotMatch(await world.golub(["queue", "list"]), /unreachable/);
      const notice = await waitForMessage(world, world.ana, "Undeliver");
      assert.match(notice, /someone@unreachable\.test/);
    },
  },
];
