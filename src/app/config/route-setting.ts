import type { Setting } from "./setting.ts";

const tlsWords = ["off", "opportunistic", "required", "verified"] as const;

/** One route as a TOML table; `HOST:PORT` is the short form of one without login. */
export interface RouteTable {
  readonly host: string;
  readonly port: number;
  readonly tls?: (typeof tlsWords)[number];
  readonly user?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly fallback?: boolean;
}

export type RouteSettings = Readonly<Record<string, string | RouteTable>>;

/** Routes by name: a TOML table of texts and tables, or `name=HOST:PORT` on the command line. */
export function routes(about: string, shape: string): Setting<RouteSettings> {
  return {
    about,
    fallback: {},
    allowed: `a table of HOST:PORT or tables, like ${shape}`,
    example: "{}",
    read: (value) => {
      const read = readRoutes(value);
      return typeof read === "string" ? undefined : read;
    },
    explain: (value) => {
      const read = readRoutes(value);
      return typeof read === "string" ? read : undefined;
    },
    show: (value) =>
      Object.fromEntries(
        Object.entries(value).map(([name, one]) => [
          name,
          typeof one === "string" || one.password === undefined
            ? one
            : { ...one, password: "(not shown)" },
        ]),
      ),
  };
}

/** The host and port of "HOST:PORT" or "[IPV6]:PORT"; undefined when it is neither. */
export function splitHostPort(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:\s]+)):(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/** @returns the routes, or what is wrong; the sentence never has a password in it. */
function readRoutes(value: unknown): RouteSettings | string {
  const found: Record<string, string | RouteTable> = {};
  const table = typeof value === "string" ? splitPairs(value) : value;
  if (!isTable(table)) return "it must be a table";
  for (const [name, one] of Object.entries(table)) {
    const read = typeof one === "string" ? readShort(one) : readTable(one);
    if ("wrong" in read) return `${name}: ${read.wrong}`;
    found[name] = read.value;
  }
  return found;
}

function splitPairs(text: string): Readonly<Record<string, string>> | undefined {
  const cells = text.split(",").map((pair) => pair.split("="));
  return cells.every((cell) => cell.length === 2) ? Object.fromEntries(cells) : undefined;
}

type Read = { readonly value: string | RouteTable } | { readonly wrong: string };

function readShort(text: string): Read {
  if (splitHostPort(text) !== undefined) return { value: text };
  return { wrong: `${JSON.stringify(text)} must be HOST:PORT` };
}

function readTable(table: unknown): Read {
  if (!isTable(table)) return { wrong: "it must be HOST:PORT or a table" };
  const { host, port, tls, user, password, passwordFile, fallback = false, ...others } = table;
  const [other] = Object.keys(others);
  if (other !== undefined) return { wrong: `a route has no ${other}` };
  if (typeof host !== "string" || host === "") return { wrong: "host is missing" };
  if (!isPort(port)) return { wrong: "port must be a whole number from 1 to 65535" };
  const policy = tlsWords.find((word) => word === tls);
  if (tls !== undefined && policy === undefined) {
    return { wrong: `tls must be ${tlsWords.map((word) => JSON.stringify(word)).join(" or ")}` };
  }
  if (typeof fallback !== "boolean") return { wrong: "fallback must be true or false" };
  const login = readLogin(user, password, passwordFile);
  if (typeof login === "string") return { wrong: login };
  if (user !== undefined && (policy === "off" || policy === "opportunistic")) {
    return { wrong: 'a login needs tls = "verified" or "required"' };
  }
  return {
    value: {
      host,
      port,
      ...(policy === undefined ? {} : { tls: policy }),
      ...login,
      ...(fallback ? { fallback } : {}),
    },
  };
}

/** All of a login or nothing of it. */
function readLogin(
  user: unknown,
  password: unknown,
  passwordFile: unknown,
): Pick<RouteTable, "user" | "password" | "passwordFile"> | string {
  const secrets = [password, passwordFile].filter((secret) => secret !== undefined);
  if (user === undefined) return secrets.length === 0 ? {} : "user is missing";
  if (typeof user !== "string" || user === "") return "user must be text";
  if (secrets.length !== 1) return "give password or passwordFile, one of them";
  if (typeof password === "string") return { user, password };
  if (typeof passwordFile === "string") return { user, passwordFile };
  return "password and passwordFile must be text";
}

function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 65_535;
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
