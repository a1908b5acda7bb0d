import { assert } from "../../base/assert.ts";
import { asBuffer, concat, fromUtf8 } from "../../base/bytes.ts";
import { Refusal } from "../../base/faults.ts";
import { randomName } from "../../base/random.ts";
import type {
  SaslAuthority,
  SaslFacts,
  SaslMechanism,
  SaslScramSecret,
  SaslStep,
} from "../sasl.ts";
import type { ScramHash } from "../sasl-keys.ts";
import { saslPrep, scramDigest, scramHmac } from "../sasl-keys.ts";
import { refuseOtherIdentity } from "./plain.ts";
import * as scram from "./scram.ts";
import { parseSaslText } from "./text.ts";

/** Characters of our half of the nonce, 6 bits each. */
const nonceLength = 24;
/** Longest half that a client may choose, characters. */
const clientNonceLengthMax = 256;

/** What the client said first. */
interface ClientFirst {
  /** As sent, with its last comma: it is repeated, hashed, in the client's last message. */
  readonly gs2Header: string;
  readonly bare: string;
  readonly name: string;
  readonly nonce: string;
}

/** The secret is found, and the client must prove that it knows the password. */
interface Proving {
  readonly at: "proof";
  readonly first: ClientFirst;
  readonly serverFirst: string;
  readonly secret: SaslScramSecret;
}

/** Where the exchange stands. */
type State<Login> =
  | { readonly at: "start" }
  | Proving
  | { readonly at: "confirmed"; readonly login: Login }
  | { readonly at: "over" };

/** RFC 5802 and RFC 7677, server side; with `isPlus`, bound to the TLS connection (RFC 9266). */
export function scramMechanism(hash: ScramHash, isPlus: boolean) {
  return <Login>(authority: SaslAuthority<Login>, facts: SaslFacts): SaslMechanism<Login> => {
    let state: State<Login> = { at: "start" };

    const begin = async (message: string): Promise<SaslStep<Login>> => {
      const first = parseClientFirst(message);
      refuseBinding(first.gs2Header, isPlus, facts.exporter !== undefined);
      const secret = await authority.findScramSecret(first.name, hash);
      const nonce = first.nonce + randomName(facts.random, nonceLength);
      const salt = asBuffer(secret.salt).toString("base64");
      const serverFirst = `r=${nonce},s=${salt},i=${secret.iterations}`;
      state = { at: "proof", first, serverFirst, secret };
      return { kind: "challenge", bytes: fromUtf8(serverFirst) };
    };

    const prove = async (message: string, proof: Proving): Promise<SaslStep<Login>> => {
      const binding = isPlus ? (facts.exporter ?? new Uint8Array(0)) : new Uint8Array(0);
      const signature = checkProof(hash, message, proof, binding);
      const login = await authority.confirmLogin(proof.first.name);
      state = { at: "confirmed", login };
      return { kind: "challenge", bytes: fromUtf8(`v=${signature.toString("base64")}`) };
    };

    return {
      async step(response) {
        const current = state;
        if (response === undefined && current.at === "start") {
          return { kind: "challenge", bytes: new Uint8Array(0) };
        }
        // Whatever goes wrong below, the exchange cannot go on.
        state = { at: "over" };
        assert(response !== undefined, "only the first step may be without a response");
        const message = parseSaslText(response);
        if (current.at === "start") return begin(message);
        if (current.at === "proof") return prove(message, current);
        if (current.at === "confirmed" && message === "") {
          return { kind: "done", login: current.login };
        }
        throw scram.malformed();
      },
    };
  };
}

export function parseClientFirst(message: string): ClientFirst {
  const match = /^((?:[ny]|p=[A-Za-z0-9.-]+),(?:a=([^,]+))?,)(.*)$/s.exec(message);
  if (match === null) throw scram.malformed();
  const [, gs2Header = "", authzid = "", bare = ""] = match;
  const [encodedName = "", nonce = ""] = scram.parseAttributes(bare, "nr");
  if (!scram.isNonce(nonce) || nonce.length > clientNonceLengthMax) throw scram.malformed();
  const name = saslPrep(scram.decodeName(encodedName));
  if (name === "") throw scram.malformed();
  refuseOtherIdentity(saslPrep(scram.decodeName(authzid)), name);
  return { gs2Header, bare, name, nonce };
}

/** RFC 5802 §6: the client's word about channel binding must fit what was announced. */
function refuseBinding(gs2Header: string, isPlus: boolean, isPlusOffered: boolean): void {
  const flag = gs2Header.slice(0, gs2Header.indexOf(","));
  if (isPlus) {
    if (flag === `p=${scram.channelBindingName}`) return;
    throw new Refusal("syntax", `Only channel binding ${scram.channelBindingName} is offered.`);
  }
  if (flag.startsWith("p")) throw scram.malformed();
  // The client could bind and believes that we cannot: somebody has changed our announcement.
  if (flag === "y" && isPlusOffered) {
    throw new Refusal("loginFailed", "Channel binding was hidden from you: login refused.");
  }
}

/** Checks the client's last message and returns the server's signature. */
export function checkProof(
  hash: ScramHash,
  message: string,
  { first, serverFirst, secret }: Proving,
  binding: Uint8Array,
): Buffer {
  const proofAt = message.lastIndexOf(",p=");
  if (proofAt < 0) throw scram.malformed();
  const withoutProof = message.slice(0, proofAt);
  const [channel = "", nonce = ""] = scram.parseAttributes(withoutProof, "cr");
  const boundTo = concat([fromUtf8(first.gs2Header), binding]);
  const proof = Buffer.from(message.slice(proofAt + 3), "base64");
  const authMessage = `${first.bare},${serverFirst},${withoutProof}`;
  const clientKey = scram.xor(proof, scramHmac(hash, secret.storedKey, authMessage));
  const isRight =
    scram.isEqual(Buffer.from(channel, "base64"), boundTo) &&
    serverFirst.startsWith(`r=${nonce},`) &&
    scram.isEqual(scramDigest(hash, clientKey), secret.storedKey);
  if (!isRight) throw new Refusal("loginFailed", "Wrong name or password.");
  return scramHmac(hash, secret.serverKey, authMessage);
}
