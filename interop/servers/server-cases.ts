import assert from "node:assert/strict";

import { waitForMessage } from "../inbox.ts";
import { until } from "../world.ts";
import { eximDomain, startExim } from "./exim.ts";
import { opensmtpdDomain, startOpensmtpd } from "./opensmtpd.ts";
import { filesWith } from "./peer.ts";
import { postfixDomain, startPostfix } from "./postfix.ts";
import type { InteropCase, World } from "../world.ts";
import type { Peer, PeerPlan } from "./peer.ts";

interface PeerRow {
  readonly name: string;
  readonly domain: string;
  readonly port: number;
  readonly packages: readonly string[];
  start(plan: PeerPlan): Promise<Peer>;
}

const rows: readonly PeerRow[] = [
  {
    name: "Postfix",
    domain: postfixDomain,
    port: 24_125,
    packages: ["postfix", "swaks"],
    start: startPostfix,
  },
  {
    name: "Exim",
    domain: eximDomain,
    port: 25_125,
    packages: ["swaks", "libnsl2", "libgnutls-dane0", "libidn12", "libdb5.3"],
    start: startExim,
  },
  {
    name: "OpenSMTPD",
    domain: opensmtpdDomain,
    port: 26_125,
    packages: ["swaks", "libevent-2.1-7"],
    start: startOpensmtpd,
  },
];

/** Routes that the server needs so that its queue finds the peers. */
export const peerRoutes: readonly string[] = rows.flatMap(({ domain, port }) => [
  "--route",
  `${domain}=127.0.0.1:${port}`,
]);

export const serverCases: readonly InteropCase[] = rows.map((row) => ({
  name: `${row.name}: sends to us, and receives from our queue, each message once`,
  packages: row.packages,
  async run(world) {
    const folder = world.subfolder(`peer-${row.name}`);
    const plan = {
      folder,
      port: row.port,
      golubDomain: world.domain,
      golubPort: world.port("smtp"),
    };
    const peer = await row.start(plan);
    try {
      await sendsToUs(world, peer);
      await receivesFromUs(world, peer);
    } finally {
      await peer.stop();
    }
  },
}));

async function sendsToUs(world: World, peer: Peer): Promise<void> {
  const subject = `${peer.name} prema nama`;
  await world.run("swaks", [
    ...["--server", `127.0.0.1:${peer.port}`, "--from", `petar@${peer.domain}`],
    ...[
      "--to",
      world.ana.address,
      "--header",
      `Subject: ${subject}`,
      "--body",
      "Pozdrav\n.točka\n",
    ],
  ]);
  const text = await waitForMessage(world, world.ana, subject, 40_000);
  assert.match(text, /^\.točka/m);
  assert.match(text, new RegExp(`^Return-Path: <petar@${peer.domain}>`, "m"));
}

async function receivesFromUs(world: World, peer: Peer): Promise<void> {
  const mark = `${peer.name} od nas`;
  await world.run("swaks", [
    ...["--server", `127.0.0.1:${world.port("submission")}`, "--tls", "--auth", "PLAIN"],
    ...["--au", world.ana.address, "--ap", world.ana.password, "--from", world.ana.address],
    ...["--to", `petar@${peer.domain},pavle@${peer.domain}`, "--header", `Subject: ${mark}`],
    ...["--body", "Pozdrav\n.točka\n"],
  ]);
  const texts = await until(`two copies at ${peer.name}`, async () => {
    const found = filesWith(peer.mail, `Subject: ${mark}`);
    return found.length >= 2 ? found : undefined;
  });
  assert.equal(texts.length, 2);
  for (const text of texts) assert.match(text, /^\.točka/m);
}
