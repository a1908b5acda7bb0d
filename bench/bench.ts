import { parseArgs } from "node:util";

import { bodies } from "./figures/bodies.ts";
import { deliver } from "./figures/deliver.ts";
import { idle } from "./figures/idle.ts";
import { imapRead } from "./figures/imap-read.ts";
import { startGolub } from "./servers/golub.ts";
import { installPeers, startPostfixDovecot } from "./servers/postfix-dovecot.ts";
import type { Figure, Measurement } from "./figures/figure.ts";
import type { BenchServer } from "./servers/server.ts";

const figures: readonly Figure[] = [deliver, idle, bodies, imapRead];

const { values: options } = parseArgs({
  options: {
    peers: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  const names = figures.map(({ name }) => name).join(", ");
  console.log(`npm run bench -- [--peers] [--quick] [--only NAME]\nFigures: ${names}`);
  process.exit(0);
}

const chosen = figures.filter(({ name }) => options.only === undefined || name === options.only);
if (chosen.length === 0) {
  console.error(`There is no figure ${options.only}.`);
  process.exit(2);
}
if (options.peers) installPeers();

for (const figure of chosen) {
  const own = await measureOn(figure, () => startGolub({ portOffset: 21_000 }));
  for (const measurement of own) print("golub", measurement);
  if (options.peers) {
    const peer = () => startPostfixDovecot({ portOffset: 31_000, mailFormat: "sdbox" });
    const theirs = await measureOn(figure, peer);
    for (const measurement of theirs) print("postfix+dovecot", measurement);
    for (const measurement of own) printRatio(measurement, theirs);
  }
}

async function measureOn<Server extends BenchServer>(
  figure: Figure,
  start: () => Promise<Server>,
): Promise<readonly Measurement[]> {
  const server = await start();
  try {
    const results = await figure.measure(server, options.quick);
    const started = "startedInMs" in server ? Number(server.startedInMs) : undefined;
    if (started === undefined || figure !== chosen[0]) return results;
    return [
      { figure: "start until all listen", value: started, unit: "ms", isMoreBetter: false },
      ...results,
    ];
  } finally {
    await server.stop();
  }
}

function print(server: string, { figure, value, unit }: Measurement): void {
  console.log(JSON.stringify({ server, figure, value: rounded(value), unit }));
}

/** How many times better we are: above 1 is better, whichever way the figure runs. */
function printRatio(own: Measurement, theirs: readonly Measurement[]): void {
  const other = theirs.find(({ figure }) => figure === own.figure);
  if (other === undefined) return;
  const times = own.isMoreBetter ? own.value / other.value : other.value / own.value;
  console.log(JSON.stringify({ ratio: own.figure, times: rounded(times) }));
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
