import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { latin1 } from "../../base/bytes.ts";
import { parseReplyLine } from "../grammar/reply.ts";
import type { SmtpRole } from "../smtp-server.ts";
import { createSmtpFixture, fixtureAddress, fixturePort } from "./smtp-fixture.ts";

const login = "AUTH PLAIN AGFuYUBnb2x1Yi5leGFtcGxlAHNlY3JldA==\r\n";
const envelope = "MAIL FROM:<>\r\nRCPT TO:<ana@golub.example>\r\n";

const pieces = [
  login,
  envelope,
  "EHLO a\r\n",
  "LHLO a\r\n",
  "HELO a\r\n",
  "MAIL FROM:<>\r\n",
  "MAIL FROM:<ana@golub.example> BODY=BINARYMIME\r\n",
  "RCPT TO:<ana@golub.example>\r\n",
  "RCPT TO:<puna@golub.example>\r\n",
  "RCPT TO:<nobody@golub.example>\r\n",
  "RCPT TO:<b@elsewhere.example>\r\n",
  "DATA\r\n",
  "Subject: a\r\n\r\n.\r\n",
  "a\nb\r\n.\r\n",
  "BDAT 3\r\nabc",
  "BDAT 3 LAST\r\na\r\n",
  "BDAT 0 LAST\r\n",
  "BDAT x\r\n",
  "RSET\r\n",
  "NOOP\r\n",
  "AUTH LOGIN\r\n*\r\n",
  "STARTTLS\r\n",
  "\r\n",
  "\0\r\n",
  `${"x".repeat(20_000)}\r\n`,
  "GET / HTTP/1.1\r\n",
  "QUIT\r\n",
  "half a line",
];

test("commands in any order: only whole replies, no bug, and everything is given back", async () => {
  const roles: readonly SmtpRole[] = ["mx", "submission", "lmtp"];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...roles),
      fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 30 }),
      async (role, soup) => {
        await using fixture = await createSmtpFixture({
          role,
          hasTls: true,
          plainTextLogin: "always",
          accounts: { "ana@golub.example": 0, "puna@golub.example": 400 },
        });
        const { clock, network } = fixture;
        const target = { address: fixtureAddress, port: fixturePort, timeoutMs: 1000 };
        const connection = await clock.run(network.host("198.51.100.9").connect(target));
        const hello = role === "lmtp" ? "LHLO a\r\n" : "EHLO a\r\n";
        const start = `${hello}${role === "submission" ? login : ""}${envelope}`;
        await connection.write(start + soup.join(""));
        let said = "";
        for (;;) {
          const bytes = await clock.run(connection.read(900_000)).catch(() => undefined);
          if (bytes === undefined) break;
          said += latin1(bytes);
        }
        connection.destroy();
        await clock.advance(600_000);
        for (const line of said.split("\r\n").slice(0, -1)) {
          const isCode = parseReplyLine(line) !== undefined || line.startsWith("334 ");
          assert.ok(isCode, JSON.stringify(line));
        }
        assert.deepEqual(
          fixture.events.filter((each) => each.level === "error"),
          [],
        );
        assert.equal(fixture.budget.usedBytes, 0);
        assert.equal(fixture.server.sessionCount, 0);
      },
    ),
    { numRuns: 60 },
  );
});
