import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { plainMessage, waitForMessage } from "../inbox.ts";
import type { InteropCase, World } from "../world.ts";

const body = "Prvi red\n.skrivena točka\n..\nposljednji\n";

async function swaks(world: World, subject: string, args: readonly string[]): Promise<string> {
  return world.run("swaks", [
    ...["--from", world.boris.address, "--to", world.ana.address],
    ...["--header", `Subject: ${subject}`, "--body", body, ...args],
  ]);
}

const login = (world: World) => ["--au", world.boris.address, "--ap", world.boris.password];

export const sendingCases: readonly InteropCase[] = [
  {
    name: "swaks: mail from another server to a local account",
    packages: ["swaks"],
    async run(world) {
      await swaks(world, "swaks mx", [
        ...["--server", `127.0.0.1:${world.port("smtp")}`, "--from", "someone@elsewhere.test"],
      ]);
      const text = await waitForMessage(world, world.ana, "swaks mx");
      assert.match(text, /\r?\n\.skrivena točka\r?\n\.\.\r?\nposljednji/);
      assert.match(text, /^Return-Path: <someone@elsewhere\.test>/);
      assert.match(text, /^Received: from .+\r?\n\s+by .+ with ESMTP /m);
    },
  },
  {
    name: "swaks: no relay without login, and an unknown recipient is refused",
    packages: ["swaks"],
    async run(world) {
      const server = ["--server", `127.0.0.1:${world.port("smtp")}`, "--quit-after", "RCPT"];
      const to = (address: string) =>
        world.run("swaks", [...server, "--from", "a@elsewhere.test", "--to", address], {
          codes: [24],
        });
      assert.match(await to("b@faraway.test"), /550 5\.7\.1/);
      assert.match(await to(`nobody@${world.domain}`), /550 5\.1\.1/);
    },
  },
  {
    name: "swaks: submission with STARTTLS and every password mechanism",
    packages: ["swaks", "libauthen-sasl-perl", "libnet-ssleay-perl"],
    async run(world) {
      for (const mechanism of ["PLAIN", "LOGIN"]) {
        const server = ["--server", `127.0.0.1:${world.port("submission")}`, "--tls"];
        await swaks(world, `swaks ${mechanism}`, [...server, "--auth", mechanism, ...login(world)]);
        await waitForMessage(world, world.ana, `swaks ${mechanism}`);
      }
    },
  },
  {
    name: "swaks: submission with TLS from the first byte",
    packages: ["swaks", "libnet-ssleay-perl"],
    async run(world) {
      const server = ["--server", `127.0.0.1:${world.port("submissions")}`, "--tlsc"];
      await swaks(world, "swaks tlsc", [...server, "--auth", "PLAIN", ...login(world)]);
      await waitForMessage(world, world.ana, "swaks tlsc");
    },
  },
  {
    name: "swaks: a wrong password is refused",
    packages: ["swaks"],
    async run(world) {
      const server = ["--server", `127.0.0.1:${world.port("submission")}`, "--tls"];
      const wrong = ["--auth", "PLAIN", "--au", world.boris.address, "--ap", "wrong"];
      const ends = { codes: [28] };
      const args = [...server, ...wrong, "--from", world.boris.address, "--to", world.ana.address];
      assert.match(await world.run("swaks", args, ends), /535 5\.7\.8/);
    },
  },
  {
    name: "swaks: LMTP",
    packages: ["swaks"],
    async run(world) {
      const server = ["--server", `127.0.0.1:${world.port("lmtp")}`, "--protocol", "LMTP"];
      await swaks(world, "swaks lmtp", server);
      await waitForMessage(world, world.ana, "swaks lmtp");
    },
  },
  {
    name: "msmtp: submission with a verified certificate",
    packages: ["msmtp"],
    async run(world) {
      const config = join(world.subfolder("msmtp"), "msmtprc");
      writeFileSync(
        config,
        `account default
host localhost
port ${world.port("submission")}
tls on
tls_starttls on
tls_trust_file ${world.certificate}
auth on
user ${world.boris.address}
password "${world.boris.password}"
from ${world.boris.address}
`,
        { mode: 0o600 },
      );
      const input = plainMessage(world, "msmtp pismo", body);
      await world.run("msmtp", ["-C", config, world.ana.address], { input });
      assert.match(await waitForMessage(world, world.ana, "msmtp pismo"), /skrivena točka/);
    },
  },
  {
    name: "curl: submission over TLS",
    packages: ["curl"],
    async run(world) {
      const file = join(world.subfolder("curl"), "mail.eml");
      writeFileSync(file, plainMessage(world, "curl pismo", body).replaceAll("\n", "\r\n"));
      const url = `smtps://localhost:${world.port("submissions")}`;
      await world.run("curl", [
        ...["-sS", "--cacert", world.certificate, "--url", url],
        ...["--mail-from", world.boris.address, "--mail-rcpt", world.ana.address],
        ...["--upload-file", file, "--user", `${world.boris.address}:${world.boris.password}`],
      ]);
      assert.match(await waitForMessage(world, world.ana, "curl pismo"), /skrivena točka/);
    },
  },
];
