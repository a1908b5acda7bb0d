import assert from "node:assert/strict";
import { test } from "node:test";
import type { Route } from "./routes.ts";
import { createConsignment, createCourierWorld, show } from "./courier-fixture.ts";

const names = ["mx.remote.test"];

test("TLS is used when it is offered, and EHLO said again (RFC 3207 §4.2)", async () => {
  const world = createCourierWorld();
  const remote = await world.remote("192.0.2.1", { certificate: names });
  const [outcome] = await world.carry(createConsignment());
  assert.match(outcome?.answer.tls ?? "", /^TLSv1\.3 /);
  assert.deepEqual(remote.sessions[0]?.lines.slice(0, 3), [
    "EHLO mail.golub.test",
    "STARTTLS",
    "EHLO mail.golub.test",
  ]);
});

test("any certificate will do when TLS is opportunistic (RFC 7435 §3)", async () => {
  const world = createCourierWorld();
  await world.remote("192.0.2.1", { certificate: ["other.test"], isTrusted: false });
  const [outcome] = await world.carry(createConsignment());
  assert.equal(outcome?.kind, "delivered");
  assert.notEqual(outcome?.answer.tls, "");
});

test("a refused STARTTLS goes on in plain text on the same connection", async () => {
  const world = createCourierWorld();
  const remote = await world.remote("192.0.2.1", {
    certificate: names,
    script: { STARTTLS: "454 4.7.0 not available" },
  });
  const [outcome] = await world.carry(createConsignment());
  assert.equal(show(outcome), "delivered 250 2.0.0 taken");
  assert.equal(outcome?.answer.tls, "");
  assert.equal(remote.sessions.length, 1);
});

test("when TLS fails the next attempt is in plain text", async () => {
  const world = createCourierWorld();
  await world.remote("192.0.2.1", {
    certificate: names,
    script: { STARTTLS: { kind: "raw", text: "220 go\r\n220 and plain text behind\r\n" } },
  });
  const [first] = await world.carry(createConsignment());
  assert.match(show(first), /^delayed 0 4\.7\.5 /);
  const [second] = await world.carry(createConsignment());
  assert.equal(show(second), "delivered 250 2.0.0 taken");
});

test("required TLS is never done without", async () => {
  for (const tls of ["required", "verified"] as const) {
    const world = createCourierWorld({ courier: { tls } });
    const remote = await world.remote();
    assert.match(show((await world.carry(createConsignment()))[0]), /^delayed 0 4\.7\.4 /);
    assert.deepEqual(remote.messages, []);
  }
});

test("verified TLS wants a certificate for the host's name", async () => {
  const world = createCourierWorld({ courier: { tls: "verified" } });
  await world.remote("192.0.2.1", { certificate: ["other.test"] });
  for (let attempt = 0; attempt < 2; attempt++) {
    assert.match(show((await world.carry(createConsignment()))[0]), /^delayed 0 4\.7\.5 /);
  }
});

const smarthost: Route = {
  host: "192.0.2.1",
  port: 587,
  tls: "required",
  credentials: { user: "golub", password: "s3cret" },
};

/** Answers like a server of SCRAM that does not know the password. */
function createScramServer() {
  const decode = (line: string) => Buffer.from(line.split(" ").at(-1) ?? "", "base64").toString();
  const challenge = (text: string) => `334 ${Buffer.from(text).toString("base64")}`;
  return {
    first: (line: string) => {
      const nonce = /r=([^,]*)/.exec(decode(line))?.[1] ?? "";
      return challenge(`r=${nonce}xyz,s=${Buffer.from("salt").toString("base64")},i=4096`);
    },
    next: () => challenge(`v=${Buffer.alloc(32).toString("base64")}`),
  };
}

test("a route with a login logs in over TLS (RFC 4954 §4)", async () => {
  const world = createCourierWorld({ courier: { routes: new Map([["*", smarthost]]) } });
  const remote = await world.remote("192.0.2.1", {
    port: 587,
    certificate: names,
    extensions: ["AUTH PLAIN LOGIN"],
  });
  const [outcome] = await world.carry(createConsignment({ destination: "anywhere.test" }));
  assert.equal(outcome?.kind, "delivered");
  const token = Buffer.from("\0golub\0s3cret").toString("base64");
  assert.ok(remote.sessions[0]?.lines.includes(`AUTH PLAIN ${token}`));
});

test("where the server has SCRAM the password is not sent, and the server proves itself", async () => {
  const world = createCourierWorld({ courier: { routes: new Map([["*", smarthost]]) } });
  const server = createScramServer();
  const remote = await world.remote("192.0.2.1", {
    port: 587,
    certificate: names,
    extensions: ["AUTH SCRAM-SHA-256 PLAIN"],
    script: { AUTH: server.first, other: server.next },
  });
  // Keys are derived in a thread, which virtual time does not wait for; nothing here needs time.
  const { signal } = new AbortController();
  const [outcome] = await world.courier.carry(createConsignment(), signal);
  assert.match(
    show(outcome),
    /^delayed 0 4\.7\.8 /,
    "a server without the password is not trusted",
  );
  const said = remote.sessions[0]?.lines.join("\n") ?? "";
  assert.match(said, /AUTH SCRAM-SHA-256 /);
  assert.ok(!said.includes("s3cret"));
});

test("the login is never sent in plain text", async () => {
  const route: Route = { ...smarthost, tls: "opportunistic" };
  const world = createCourierWorld({ courier: { routes: new Map([["*", route]]) } });
  const remote = await world.remote("192.0.2.1", { port: 587, extensions: ["AUTH PLAIN"] });
  assert.match(show((await world.carry(createConsignment()))[0]), /^delayed 0 4\.7\.11 /);
  assert.ok(!remote.sessions[0]?.lines.some((line) => line.startsWith("AUTH")));
});

test("a refused login delays, since the message cannot help it", async () => {
  const world = createCourierWorld({ courier: { routes: new Map([["*", smarthost]]) } });
  await world.remote("192.0.2.1", {
    port: 587,
    certificate: names,
    extensions: ["AUTH PLAIN"],
    script: { AUTH: "535 5.7.8 wrong" },
  });
  const [outcome] = await world.carry(createConsignment());
  assert.equal(show(outcome), "delayed 535 4.7.8 login refused: wrong");
});
