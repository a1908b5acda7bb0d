import { NUL } from "../../base/bytes.ts";
import { Refusal } from "../../base/faults.ts";
import type { SaslAuthority, SaslMechanism } from "../sasl.ts";
import { parseSaslText } from "./text.ts";

/** RFC 4616 §2: [authzid] NUL authcid NUL passwd, in one message. */
export function plainMechanism<Login>(authority: SaslAuthority<Login>): SaslMechanism<Login> {
  return {
    async step(response) {
      if (response === undefined) return { kind: "challenge", bytes: new Uint8Array(0) };
      const { name, password } = parsePlain(response);
      return { kind: "done", login: await authority.checkPassword(name, password) };
    },
  };
}

/** @throws Refusal `syntax`, or `notPermitted` when it asks to act for another. */
export function parsePlain(message: Uint8Array): { name: string; password: string } {
  const first = message.indexOf(NUL);
  const second = first < 0 ? -1 : message.indexOf(NUL, first + 1);
  if (second < 0) throw new Refusal("syntax", "PLAIN response malformed.");
  const authzid = parseSaslText(message.subarray(0, first));
  const name = parseSaslText(message.subarray(first + 1, second));
  const password = parseSaslText(message.subarray(second + 1));
  if (name === "" || password === "") throw new Refusal("syntax", "PLAIN response malformed.");
  refuseOtherIdentity(authzid, name);
  return { name, password };
}

/** Nobody acts for another account yet: the name to act as is empty or one's own. */
export function refuseOtherIdentity(authzid: string, name: string): void {
  if (authzid === "" || authzid.toLowerCase() === name.toLowerCase()) return;
  throw new Refusal("notPermitted", "Logging in on behalf of another account is not allowed.");
}
