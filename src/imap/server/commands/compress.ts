import { Refusal } from "../../../base/faults.ts";
import { compressionBytes, DeflateConnection } from "../compression/deflate-connection.ts";
import { defineCommand, loggedInPhases } from "../command.ts";
import { CodedRefusal, tagged } from "../replies.ts";

/**
 * RFC 4978 §3. Only after login, so that a password is never compressed together with what someone
 * else may choose.
 */
export const compress = defineCommand({
  verb: "COMPRESS",
  rfc: "RFC 4978 §3",
  phases: loggedInPhases,
  capabilities: ["COMPRESS=DEFLATE"],
  sequenceNumbers: "mayChange",
  parse(scanner) {
    const algorithm = scanner.keyword("an algorithm");
    scanner.end();
    if (algorithm !== "DEFLATE") throw new Refusal("unsupported", "Only DEFLATE is known.");
  },
  permit({ wire, isCompressed }) {
    if (isCompressed) {
      return new CodedRefusal("syntax", "COMPRESSIONACTIVE", "DEFLATE is on already.");
    }
    // What follows could be meant either way: the client must wait for the answer.
    return wire.bufferedBytes > 0
      ? new Refusal("badState", "Nothing may follow COMPRESS before its answer.")
      : undefined;
  },
  async run(session) {
    const { wire, services } = session;
    if (!services.budget.tryTake(compressionBytes)) {
      throw new Refusal("unavailable", "The server has no room to compress at the moment.");
    }
    session.isCompressed = true;
    tagged(session, "OK", { text: "Compressed from now on." });
    await wire.flush();
    wire.layer((connection) => new DeflateConnection(connection));
    return undefined;
  },
});
