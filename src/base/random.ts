/** Randomness as a port: the operating system's, or a seeded one in tests and the simulator. */
export interface Random {
  /** `count` bytes, fit for secrets when the source is the real one. */
  bytes(count: number): Uint8Array;
  /** A number from 0 (included) to 1 (excluded). */
  fraction(): number;
}

const urlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** `length` URL-safe characters with 6 bits of randomness each. */
export function randomName(random: Random, length: number): string {
  let name = "";
  for (const byte of random.bytes(length)) name += urlSafe.charAt(byte & 63);
  return name;
}

/** A repeatable source (xoshiro128**, seeded by splitmix32). Not for secrets. */
export function seededRandom(seed: number): Random {
  let mix = seed >>> 0;
  const next32 = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let [a, b, c, d] = [next32(), next32(), next32(), next32()];
  const word = (): number => {
    const times5 = Math.imul(b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => word() & 255),
    fraction: () => word() / 4294967296,
  };
}
