import assert from "node:assert/strict";
import { test } from "node:test";
import { playDialogue } from "./dialogue.ts";

test("RFC 5321 §4.3: mail for a user here ends up in the mailbox before 250 is said", async () => {
  await using fixture = await playDialogue(`
    S: 220 mx.golub.example ESMTP Golub
    C: EHLO client.example
    S: 250-mx.golub.example
    S~ 250 *
    C: MAIL FROM:<marko@client.example>
    S: 250 2.1.0 Ok
    C: RCPT TO:<ana@golub.example>
    S: 250 2.1.5 Ok
    C: DATA
    S: 354 *
    C> "Subject: hi\\r\\n\\r\\n..dot\\r\\n.\\r\\n"
    S: 250 2.0.0 Ok: kept as *
    INBOX ana@golub.example 1
    C: QUIT
    S: 221 2.0.0 Bye
    END
  `);
  const [message = ""] = await fixture.inbox("ana@golub.example");
  assert.match(
    message,
    /^Return-Path: <marko@client.example>\r\nDelivered-To: ana@golub.example\r\nReceived: from client.example \(\[198.51.100.9\]\)\r\n\tby mx.golub.example with ESMTP id/,
  );
  assert.ok(message.endsWith("Subject: hi\r\n\r\n.dot\r\n"));
});
