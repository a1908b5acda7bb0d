import type { Random } from "../base/random.ts";

/** A password that we make for a device; the part that finds the device is its beginning. */
export interface DevicePassword {
  readonly id: string;
  /** Five groups of four, as people read and type it: `k3fm-9x2a-…`. */
  readonly password: string;
}

/** 32 letters and digits that nobody takes for each other: no l, o, 0 and 1. */
const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
const groupLength = 4;
/** The first group is the id; the other four have 80 random bits. */
const groupCount = 5;
const form = new RegExp(`^[${alphabet}]{${groupLength * groupCount}}$`);

export function createDevicePassword(random: Random): DevicePassword {
  let letters = "";
  for (const byte of random.bytes(groupLength * groupCount)) letters += alphabet.charAt(byte & 31);
  return describe(letters);
}

/**
 * What was typed, as one of our passwords; undefined when it is none. Capitals, spaces and
 * missing dashes do no harm.
 */
export function findDevicePassword(typed: string): DevicePassword | undefined {
  if (typed.length > 100) return undefined;
  const letters = typed.replace(/[\s-]/g, "").toLowerCase();
  return form.test(letters) ? describe(letters) : undefined;
}

function describe(letters: string): DevicePassword {
  const groups = Array.from({ length: groupCount }, (_, at) =>
    letters.slice(at * groupLength, (at + 1) * groupLength),
  );
  return { id: letters.slice(0, groupLength), password: groups.join("-") };
}
