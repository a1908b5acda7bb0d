import type { Random } from "../../src/base/random.ts";

/** A choice among things, the same for the same seed. */
export function pick<Value>(random: Random, first: Value, ...rest: readonly Value[]): Value {
  return [first, ...rest][Math.floor(random.fraction() * (rest.length + 1))] ?? first;
}

/** A message with whatever white space and line folds canonical forms look at. */
export function randomMail(random: Random): Buffer {
  const blank = () => pick(random, "", " ", "  ", "\t");
  const value = () =>
    pick(random, "x", "a b", "a  \t b ", "a\r\n b", "a \r\n \t b", "pismo od bake");
  const names = ["To", "Subject", "X-Own", "Received", "Reply-To", "Date", "MIME-Version"];
  const fields = Array.from(
    { length: Math.floor(random.fraction() * 7) },
    () => `${pick(random, "Cc", ...names)}:${blank()}${value()}\r\n`,
  );
  fields.splice(Math.floor(random.fraction() * 7), 0, "From: Ana <ana@a.example>\r\n");
  const lines = Array.from({ length: Math.floor(random.fraction() * 9) }, () =>
    pick(random, "", " ", "\t ", "text", "two  words", "tab\tand end ", " indented", "-- "),
  );
  return Buffer.from(`${fields.join("")}\r\n${lines.map((line) => `${line}\r\n`).join("")}`);
}

/** Zone data with SPF records made of most terms there are; names refer to each other. */
export function randomSpfZone(random: Random) {
  const names = ["a.example", "b.example", "c.example", "d.example"] as const;
  const host = () => pick(random, "h1.example", "h2.example", "none.example", ...names);
  let own = "";
  // Of itself: python3-spf refuses that before it is reached, the RFC only by its limits.
  const name = () => pick(random, "e.example", ...names.filter((each) => each !== own));
  const address = () => `192.0.2.${Math.floor(random.fraction() * 8)}`;
  const term = () => {
    const bits = pick(random, "", "", "/30", "/24", "/0", "//64", "/29//0");
    const body = pick(
      random,
      () => `a:${host()}${bits}`,
      () => `a${bits}`,
      () => `mx${bits}`,
      () => `mx:${host()}${bits}`,
      () => `ip4:${address()}${pick(random, "", "/31", "/29", "/33")}`,
      () => `ip6:2001:db8::${Math.floor(random.fraction() * 8)}${pick(random, "", "/125", "/0")}`,
      () => `include:${name()}`,
      () => `exists:${pick(random, "%{i}.x.example", "%{l}.x.example", "%{ir}.x.example", host())}`,
      () => `ptr:${pick(random, "example", "h1.example")}`,
      () => `redirect=${name()}`,
      () =>
        pick(
          random,
          "bad:term",
          "a:%{z}.x",
          `future${Math.floor(random.fraction() * 1e9)}=value`,
          "all:",
          "ip4:1.2.3",
        ),
      () => "all",
    )();
    return body.includes("=") ? body : `${pick(random, "", "-", "~", "?")}${body}`;
  };
  const zone: Record<string, (object | "TIMEOUT")[]> = {};
  for (const each of names) {
    own = each;
    const terms = Array.from({ length: Math.floor(random.fraction() * 5) }, term);
    zone[each] = pick(random, true, true, true, true, false)
      ? [{ TXT: ["v=spf1", ...terms].join(" ") }]
      : [];
    if (random.fraction() < 0.5) zone[each].push({ A: address() });
    if (random.fraction() < 0.5) zone[each].push({ MX: [10, "h1.example"] });
  }
  zone["h1.example"] = [{ A: address() }, { A: address() }, { AAAA: "2001:db8::1" }];
  zone["h2.example"] = pick(random, true, true, false) ? [{ A: address() }] : ["TIMEOUT"];
  for (let last = 0; last < 8; last += 2) {
    zone[`${last}.2.0.192.in-addr.arpa`] = [{ PTR: "h1.example" }];
    zone[`192.0.2.${last}.x.example`] = [{ A: "127.0.0.2" }];
  }
  const client = pick(random, address(), address(), address(), "2001:db8::1", "2001:db8::3");
  return { zone, client };
}
