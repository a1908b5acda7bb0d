import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "../../base/log.ts";
import { seededRandom } from "../../base/random.ts";
import { createSmtpFixture, fixtureAddress, fixtureHost } from "../server/smtp-fixture.ts";
import { createSmtpCourier } from "../smtp-courier.ts";
import { createConsignment, show, type ConsignmentOptions } from "./courier-fixture.ts";
import { createFakeResolver } from "./resolver-fixture.ts";

const destination = "golub.example";

async function send(...consignments: readonly ConsignmentOptions[]) {
  await using fixture = await createSmtpFixture({ hasTls: true });
  const courier = createSmtpCourier({
    network: fixture.network.host("203.0.113.9"),
    resolver: createFakeResolver({
      mx: { [destination]: [{ preference: 10, exchange: fixtureHost }] },
      a: { [fixtureHost]: [fixtureAddress] },
    }),
    clock: fixture.clock,
    random: seededRandom(1),
    log: silentLog,
    hostName: "mail.sender.example",
  });
  const outcomes = [];
  for (const options of consignments) {
    const { signal } = new AbortController();
    const consignment = createConsignment({ to: ["ana@golub.example"], destination, ...options });
    outcomes.push(...(await fixture.clock.run(courier.carry(consignment, signal))));
  }
  await fixture.clock.run(courier.close());
  return { outcomes, inbox: await fixture.inbox("ana@golub.example") };
}

test("our server takes what our client sends, over TLS, with every extension", async () => {
  const { outcomes, inbox } = await send({
    to: [
      {
        address: "ana@golub.example",
        notify: ["failure"],
        originalRecipient: "rfc822;a@b.example",
      },
      "nobody@golub.example",
    ],
    content: "Subject: x\r\n\r\n.dot\r\n..\r\nlast",
    message: { sender: "me@sender.example", envelopeId: "Q 1", returnContent: "headers" },
  });
  assert.match(show(outcomes[0]), /^delivered 250 2\./);
  assert.match(outcomes[0]?.answer.tls ?? "", /^TLSv1\.3/);
  assert.match(show(outcomes[1]), /^failed 550 5\.1\.1 /);
  assert.equal(inbox.length, 1);
  assert.ok(inbox[0]?.endsWith("Subject: x\r\n\r\n.dot\r\n..\r\nlast\r\n"));
});

test("binary, 8-bit and UTF-8 messages arrive byte for byte", async () => {
  const binary = "Subject: x\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\n\r\xff.";
  const header = "Subject: \xc5\xbe\r\n\r\n\xe8\r\n";
  const { outcomes, inbox } = await send(
    { content: binary, message: { bodyKind: "binarymime", sender: "me@sender.example" } },
    {
      content: header,
      message: { bodyKind: "8bitmime", needsSmtpUtf8: true, sender: "žana@sender.example" },
    },
  );
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ["delivered", "delivered"],
    outcomes.map(show).join("; "),
  );
  assert.ok(inbox[0]?.endsWith(binary));
  assert.ok(inbox[1]?.endsWith(header));
});
