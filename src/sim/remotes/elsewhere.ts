import { createStaticResolver, type StaticName } from "../../net/resolver-static.ts";
import type { Resolver } from "../../net/resolver.ts";
import type { Dice } from "../dice.ts";
import type { Stage } from "../world/stage.ts";
import { openRemote, type Manners } from "./remote-host.ts";

/** The rest of the internet: its names, and its mail servers. */
export interface Elsewhere {
  readonly resolver: Resolver;
  /** How an attempt to connect there fares now. */
  obstacleTo(address: string): "refused" | "silent" | undefined;
}

/** Domains whose people write to us: what we send back reaches them, sooner or later. */
export const senderDomains = ["good.test", "slow.test", "grey.test"] as const;

/** Addresses to write to, with what is to be expected of them in the name. */
export const remoteNames: readonly [string, ...string[]] = [
  "ivo@good.test",
  "iva@good.test",
  "stari@slow.test",
  "siva@grey.test",
  "ok-jan@picky.test",
  "no-jan@picky.test",
  "full-jan@picky.test",
  "ewa@cutter.test",
  "adam@cutter.test",
  "nobody@dead.test",
  "later@asleep.test",
  "someone@nullmx.test",
  "someone@missing.test",
  "someone@plain.test",
  "someone@lame.test",
];

const minute = 60_000;

export async function openElsewhere(stage: Stage): Promise<Elsewhere> {
  const dice = stage.dice.fork("elsewhere");
  const { clock, plan } = stage;
  for (const manners of hosts(dice)) await openRemote(stage, manners);
  const startMs = clock.now();
  const asleepUntilMs = startMs + dice.between(5, 240) * minute;
  const lameUntilMs = startMs + dice.between(1, Math.ceil(plan.busyMs / minute)) * minute;
  const deadKind = dice.pick(["refused", "silent"] as const);
  const zone = zoneOfTheWorld();
  const healthy = createStaticResolver(zone);
  const lame = createStaticResolver(new Map([["lame.test", { failure: "serverFailure" }]]));
  return {
    resolver: {
      ...healthy,
      mx: (name) => (name === "lame.test" && clock.now() < lameUntilMs ? lame : healthy).mx(name),
    },
    obstacleTo(address) {
      if (address === addresses.dead) return deadKind;
      if (address === addresses.asleep && clock.now() < asleepUntilMs) return "refused";
      return undefined;
    },
  };
}

const addresses = {
  good: "198.51.100.10",
  good2: "198.51.100.11",
  slow: "198.51.100.20",
  grey: "198.51.100.30",
  picky: "198.51.100.40",
  cutter: "198.51.100.50",
  dead: "198.51.100.60",
  asleep: "198.51.100.70",
  plain: "198.51.100.80",
} as const;

function hosts(dice: Dice): readonly Manners[] {
  const host = (name: keyof typeof addresses, more: Partial<Manners> = {}): Manners => ({
    address: addresses[name],
    hostName: `mx.${name}.test`,
    extensions: dice.sample(
      ["PIPELINING", "8BITMIME", "SIZE 2000000", "CHUNKING", "STARTTLS", "DSN"],
      dice.between(0, 6),
    ),
    greylistMs: 0,
    isPicky: false,
    cutChance: 0,
    busyChance: dice.pick([0, 0, 0.05]),
    thinkMsMax: dice.pick([0, 20, 500]),
    ...more,
  });
  return [
    host("good"),
    host("good2", { busyChance: 0.5 }),
    host("slow", { thinkMsMax: 60_000 }),
    host("grey", { greylistMs: dice.between(1, 30) * minute }),
    host("picky", { isPicky: true }),
    host("cutter", { cutChance: dice.pick([0.02, 0.1, 0.3]) }),
    host("asleep"),
    host("plain", { extensions: [] }),
  ];
}

function zoneOfTheWorld(): Map<string, StaticName> {
  const zone = new Map<string, StaticName>();
  for (const [name, address] of Object.entries(addresses)) {
    zone.set(`mx.${name}.test`, { a: [address] });
    if (name === "plain" || name === "good2") continue;
    zone.set(`${name}.test`, { mx: [{ preference: 10, exchange: `mx.${name}.test` }] });
  }
  zone.set("good.test", {
    mx: [
      { preference: 20, exchange: "mx.good2.test" },
      { preference: 10, exchange: "mx.good.test" },
    ],
  });
  // RFC 5321 §5.1: an address record alone is an exchange too.
  zone.set("plain.test", { a: [addresses.plain] });
  zone.set("lame.test", { mx: [{ preference: 10, exchange: "mx.good.test" }] });
  zone.set("nullmx.test", { mx: [{ preference: 0, exchange: "" }] });
  return zone;
}
