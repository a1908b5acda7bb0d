import { fileURLToPath } from "node:url";

import { waitForMessage } from "../inbox.ts";
import type { InteropCase, World } from "../world.ts";

const script = fileURLToPath(new URL("python-libraries.py", import.meta.url));

function python(world: World, library: string): Promise<string> {
  const ports = Object.fromEntries(world.ports);
  const facts = { ports, ana: world.ana, boris: world.boris, certificate: world.certificate };
  return world.run("python3", [script, library], { input: JSON.stringify(facts) });
}

export const pythonCases: readonly InteropCase[] = [
  {
    name: "Python smtplib: send to several recipients, one of them refused",
    packages: ["python3"],
    async run(world) {
      await python(world, "smtplib");
      await waitForMessage(world, world.ana, "smtplib pismo");
      await waitForMessage(world, world.boris, "smtplib pismo");
    },
  },
  {
    name: "Python imaplib: append, search, flags, copy, partial fetch, two sessions",
    packages: ["python3"],
    run: async (world) => void (await python(world, "imaplib")),
  },
  {
    name: "Python poplib: list, uidl, top, retr, dele",
    packages: ["python3"],
    run: async (world) => void (await python(world, "poplib")),
  },
];
