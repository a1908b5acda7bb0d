import { parseArgs } from "node:util";

import { append } from "./figures/append.ts";
import { bodies } from "./figures/bodies.ts";
import { deliver } from "./figures/deliver.ts";
import { idle } from "./figures/idle.ts";
import { imapRead } from "./figures/imap-read.ts";
import { measureStart } from "./figures/start.ts";
import { startGolubOnPostgres } from "./servers/golub-on-postgres.ts";
import { startGolub } from "./servers/golub.ts";
import { installPeers, startPostfixDovecot } from "./servers/postfix-dovecot.ts";
import type { Figure, Measurement } from "./figures/figure.ts";
import type { BenchServer } from "./servers/server.ts";

const figures: readonly Figure[] = [deliver, append, idle, bodies, imapRead];

const { values: options } = parseArgs({
  options: {
    peers: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    store: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  const names = ["start", ...figures.map(({ name }) => name)].join(", ");
  console.log(
    `npm run bench -- [--peers] [--store postgres] [--quick] [--only NAME]\nFigures: ${names}`,
  );
  process.exit(0);
}

const chosen = figures.filter(({ name }) => options.only === undefined || name === options.only);
const isStartChosen = options.only === undefined || options.only === "start";
if (chosen.length === 0 && !isStartChosen) {
  console.error(`There is no figure ${options.only}.`);
  process.exit(2);
}
if (options.store !== undefined && options.store !== "postgres") {
  console.error("--store postgres measures the server on PostgreSQL beside the embedded store.");
  process.exit(2);
}
if (options.peers) installPeers();

const startOwn = () => startGolub({ portOffset: 20_000 });
const startOnPostgres = () => startGolubOnPostgres({ portOffset: 24_000 });
const startPeers = () => startPostfixDovecot({ portOffset: 29_000, mailFormat: "sdbox" });

if (isStartChosen) await compare((start) => measureStart(start, options.quick));
for (const figure of chosen) await compare((start) => measureOn(figure, start));

async function compare(
  measure: (start: () => Promise<BenchServer>) => Promise<readonly Measurement[]>,
): Promise<void> {
  const own = await measure(startOwn);
  for (const measurement of own) print("golub", measurement);
  if (options.store !== undefined) {
    const onPostgres = await measure(startOnPostgres);
    for (const measurement of onPostgres) print("golub on postgres", measurement);
    for (const measurement of onPostgres) printRatio(measurement, own, "postgres to embedded: ");
  }
  if (!options.peers) return;
  const theirs = await measure(startPeers);
  for (const measurement of theirs) print("postfix+dovecot", measurement);
  for (const measurement of own) printRatio(measurement, theirs);
}

async function measureOn(
  figure: Figure,
  start: () => Promise<BenchServer>,
): Promise<readonly Measurement[]> {
  const server = await start();
  try {
    return await figure.measure(server, options.quick);
  } finally {
    await server.stop();
  }
}

function print(server: string, { figure, value, unit }: Measurement): void {
  console.log(JSON.stringify({ server, figure, value: rounded(value), unit }));
}

/** How many times better we are: above 1 is better, whichever way the figure runs. */
function printRatio(own: Measurement, theirs: readonly Measurement[], what = ""): void {
  const other = theirs.find(({ figure }) => figure === own.figure);
  if (other === undefined) return;
  const times = own.isMoreBetter ? own.value / other.value : other.value / own.value;
  console.log(JSON.stringify({ ratio: `${what}${own.figure}`, times: rounded(times) }));
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
