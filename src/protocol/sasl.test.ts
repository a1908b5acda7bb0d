import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../base/faults.ts";
import type { Reason } from "../base/faults.ts";
import { seededRandom } from "../base/random.ts";
import { loginClient, plainClient, scramClient, startSaslClient } from "./sasl-client.ts";
import type { SaslClient } from "./sasl-client.ts";
import { deriveScramKeys } from "./sasl-keys.ts";
import type { ScramHash } from "./sasl-keys.ts";
import type { SaslAuthority, SaslFacts } from "./sasl.ts";
import { authenticate, mechanismsFor, parseSaslLine, startMechanism } from "./sasl.ts";
import { fuzz, seeds } from "./sasl.fuzz.ts";
import { checkProof } from "./sasl/scram-server.ts";

const random = seededRandom(3);
const exporter = random.bytes(32);
const salt = Buffer.from("QSXCR+Q6sek8bf92", "base64");

/** Knows the account user with the password pencil; a login is a name. */
const authority: SaslAuthority<string> = {
  async checkPassword(name, password) {
    if (name === "user" && password === "pencil") return name;
    throw new Refusal("loginFailed", "Wrong name or password.");
  },
  async findScramSecret(name, hash) {
    const keys = await deriveScramKeys(hash, name === "user" ? "pencil" : "\u0001", salt, 4096);
    return { salt, iterations: 4096, storedKey: keys.storedKey, serverKey: keys.serverKey };
  },
  confirmLogin: async (name) => name,
};

const isRefusal = (reason: Reason) => (error: unknown) =>
  error instanceof Refusal && error.reason === reason;

/** Has client and server talk until the server is done. */
async function talk(client: SaslClient, facts: Partial<SaslFacts> = {}): Promise<string> {
  return authenticate(
    {
      mechanism: client.name,
      initialResponse:
        client.initial === undefined ? undefined : Buffer.from(client.initial).toString("base64"),
      ask: async (challenge) =>
        Buffer.from(await client.respond(Buffer.from(challenge, "base64"))).toString("base64"),
    },
    authority,
    { random, ...facts },
  );
}

const good = { name: "user", password: "pencil" };
const clients: readonly ((credentials: typeof good) => SaslClient)[] = [
  plainClient,
  loginClient,
  (credentials) => scramClient(credentials, { hash: "SHA-1", random }),
  (credentials) => scramClient(credentials, { hash: "SHA-256", random }),
  (credentials) => scramClient(credentials, { hash: "SHA-1", random, exporter }),
  (credentials) => scramClient(credentials, { hash: "SHA-256", random, exporter }),
];

for (const create of clients) {
  const { name } = create(good);
  test(`${name} lets the right password in and no other`, async () => {
    const client = create(good);
    assert.equal(await talk(client, { exporter }), "user");
    assert.equal(client.isServerTrusted, true);
    for (const wrong of [
      { ...good, password: "pencils" },
      { ...good, name: "nobody" },
    ]) {
      await assert.rejects(talk(create(wrong), { exporter }), isRefusal("loginFailed"));
    }
  });

  test(`${name} works without an initial response`, async () => {
    const client = create(good);
    let isFirst = true;
    const login = await authenticate(
      {
        mechanism: client.name,
        initialResponse: undefined,
        ask: async (challenge) => {
          const isStart = isFirst && client.initial !== undefined;
          isFirst = false;
          if (isStart) assert.equal(challenge, "");
          const bytes = isStart ? client.initial : undefined;
          const answer = bytes ?? (await client.respond(Buffer.from(challenge, "base64")));
          return Buffer.from(answer).toString("base64");
        },
      },
      authority,
      { random, exporter },
    );
    assert.equal(login, "user");
  });
}

/** RFC 5802 §5 and RFC 7677 §3. */
const vectors: readonly {
  hash: ScramHash;
  nonce: string;
  salt: string;
  serverFirst: string;
  clientFinal: string;
  serverFinal: string;
}[] = [
  {
    hash: "SHA-1",
    nonce: "fyko+d2lbbFgONRv9qkxdawL",
    salt: "QSXCR+Q6sek8bf92",
    serverFirst: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    clientFinal:
      "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    serverFinal: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
  },
  {
    hash: "SHA-256",
    nonce: "rOprNGfwEbeRWgbNEkqO",
    salt: "W22ZaJ0SNY7soEsUEjb6gQ==",
    serverFirst:
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    clientFinal:
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0," +
      "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  },
];

for (const vector of vectors) {
  const { hash, nonce, serverFirst } = vector;
  test(`the exchange in the RFC of SCRAM-${hash} comes out the same on both sides`, async () => {
    const client = scramClient(good, { hash, random, nonce });
    assert.equal(Buffer.from(client.initial ?? []).toString(), `n,,n=user,r=${nonce}`);
    const final = Buffer.from(await client.respond(Buffer.from(serverFirst))).toString();
    assert.equal(final, vector.clientFinal);
    await client.respond(Buffer.from(vector.serverFinal));
    assert.equal(client.isServerTrusted, true);

    const vectorSalt = Buffer.from(vector.salt, "base64");
    const keys = await deriveScramKeys(hash, "pencil", vectorSalt, 4096);
    const secret = { salt: vectorSalt, iterations: 4096, ...keys };
    const first = { gs2Header: "n,,", bare: `n=user,r=${nonce}`, name: "user", nonce };
    const proving = { at: "proof", first, serverFirst, secret } as const;
    const signature = checkProof(hash, final, proving, new Uint8Array(0));
    assert.equal(`v=${signature.toString("base64")}`, vector.serverFinal);
  });
}

test("a server that cannot prove itself is not trusted", async () => {
  const client = scramClient(good, { hash: "SHA-256", random });
  const mechanism = startMechanism("SCRAM-SHA-256", authority, { random });
  const step = await mechanism.step(client.initial);
  assert.ok(step.kind === "challenge");
  await client.respond(step.bytes);
  await assert.rejects(client.respond(Buffer.from("v=AAAA")), isRefusal("loginFailed"));
  assert.equal(client.isServerTrusted, false);
});

test("another connection's channel binding proves nothing", async () => {
  const client = scramClient(good, { hash: "SHA-256", random, exporter: random.bytes(32) });
  await assert.rejects(talk(client, { exporter }), isRefusal("loginFailed"));
});

test("a client that was kept from binding is refused (RFC 5802 §6)", async () => {
  const mechanism = startMechanism("SCRAM-SHA-256", authority, { random, exporter });
  const message = Buffer.from("y,,n=user,r=abc");
  await assert.rejects(mechanism.step(message), isRefusal("loginFailed"));
  const plain = startMechanism("SCRAM-SHA-256", authority, { random });
  assert.equal((await plain.step(message)).kind, "challenge");
});

test("nobody logs in on behalf of another, but may name oneself", async () => {
  const plain = (message: string) =>
    startMechanism("PLAIN", authority, { random }).step(Buffer.from(message));
  await assert.rejects(plain("boss\0user\0pencil"), isRefusal("notPermitted"));
  assert.deepEqual(await plain("user\0user\0pencil"), { kind: "done", login: "user" });
});

test("malformed words are refused as syntax, whatever they are", async () => {
  const bad: readonly [mechanism: string, ...steps: string[]][] = [
    ["PLAIN", ""],
    ["PLAIN", "user\0pencil"],
    ["PLAIN", "\0user\0pencil\0"],
    ["PLAIN", "\0\0pencil"],
    ["PLAIN", "\0user\0"],
    ["PLAIN", "\0\xff\0x"],
    ["LOGIN", ""],
    ["LOGIN", "user", ""],
    ["SCRAM-SHA-256", ""],
    ["SCRAM-SHA-256", "n,,"],
    ["SCRAM-SHA-256", "n,,n=user"],
    ["SCRAM-SHA-256", "n,,n=,r=abc"],
    ["SCRAM-SHA-256", "n,,n=us=er,r=abc"],
    ["SCRAM-SHA-256", "n,,m=ext,n=user,r=abc"],
    ["SCRAM-SHA-256", "n,,n=user,r=abc,m=ext"],
    ["SCRAM-SHA-256", "p=tls-exporter,,n=user,r=abc"],
    ["SCRAM-SHA-256-PLUS", "n,,n=user,r=abc"],
    ["SCRAM-SHA-256-PLUS", "p=tls-unique,,n=user,r=abc"],
    ["SCRAM-SHA-256", `n,,n=user,r=${"x".repeat(257)}`],
    ["SCRAM-SHA-256", "n,,n=user,r=abc", ""],
    ["SCRAM-SHA-256", "n,,n=user,r=abc", "c=biws,r=abc"],
    ["SCRAM-SHA-256", "n,,n=user,r=abc", "r=abc,c=biws,p=AAAA"],
  ];
  for (const [name, ...steps] of bad) {
    const mechanism = startMechanism(name, authority, { random, exporter });
    const run = async (): Promise<void> => {
      for (const step of steps) await mechanism.step(Buffer.from(step, "latin1"));
    };
    await assert.rejects(run, isRefusal("syntax"), JSON.stringify([name, ...steps]));
  }
});

test("mechanisms are offered where nobody can listen, bound ones only with an exporter", () => {
  assert.deepEqual(mechanismsFor({ isPrivate: false, exporter }), []);
  const bound = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"];
  const others = ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"];
  assert.deepEqual(mechanismsFor({ isPrivate: true, exporter }), [...bound, ...others]);
  assert.deepEqual(mechanismsFor({ isPrivate: true }), others);
  assert.throws(() => startMechanism("CRAM-MD5", authority, { random }), isRefusal("unsupported"));
  assert.throws(
    () => startMechanism("SCRAM-SHA-256-PLUS", authority, { random }),
    isRefusal("unsupported"),
  );
});

test("a line that is not base64 is refused, and so is a cancelled exchange", () => {
  assert.deepEqual(parseSaslLine(""), Buffer.alloc(0));
  assert.deepEqual(parseSaslLine("AGE="), Buffer.from("\0a"));
  for (const line of ["*", "=", "A", "AGE", "AG E", "AGE=AGE=", "AG\u00e9="]) {
    assert.throws(() => parseSaslLine(line), isRefusal("syntax"), line);
  }
  assert.throws(() => parseSaslLine("A".repeat(12_292)), isRefusal("tooLong"));
});

test("the client takes the strongest mechanism that both know", () => {
  const best = (offered: readonly string[], bound?: Uint8Array) =>
    startSaslClient(offered, good, { random, exporter: bound }).name;
  const all = ["login", "plain", "scram-sha-1", "scram-sha-256", "scram-sha-256-plus"];
  assert.equal(best(all, exporter), "SCRAM-SHA-256-PLUS");
  assert.equal(best(all), "SCRAM-SHA-256");
  assert.equal(best(["LOGIN", "PLAIN"]), "PLAIN");
  assert.throws(() => best(["GSSAPI"]), isRefusal("unsupported"));
});

test("every seed of the fuzz target passes it, cut anywhere", () => {
  for (const seed of seeds) {
    for (let end = 0; end <= seed.length; end++) fuzz(seed.subarray(0, end));
  }
});
