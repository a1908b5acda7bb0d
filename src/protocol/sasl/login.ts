import { fromLatin1 } from "../../base/bytes.ts";
import { Refusal } from "../../base/faults.ts";
import type { SaslAuthority, SaslMechanism } from "../sasl.ts";
import { parseSaslText } from "./text.ts";

/**
 * LOGIN, never standardised (draft-murchison-sasl-login): two questions, two answers. Old clients
 * of Outlook know nothing better. The first answer may come as an initial response.
 */
export function loginMechanism<Login>(authority: SaslAuthority<Login>): SaslMechanism<Login> {
  let name: string | undefined;
  return {
    async step(response) {
      if (response === undefined) return { kind: "challenge", bytes: fromLatin1("Username:") };
      const text = parseSaslText(response);
      if (text === "") throw new Refusal("syntax", "Empty name or password.");
      if (name !== undefined) {
        return { kind: "done", login: await authority.checkPassword(name, text) };
      }
      name = text;
      return { kind: "challenge", bytes: fromLatin1("Password:") };
    },
  };
}
