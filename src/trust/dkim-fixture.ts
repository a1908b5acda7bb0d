import { fromLatin1 } from "../base/bytes.ts";
import { createStaticResolver } from "../net/resolver-static.ts";
import type { Resolver } from "../net/resolver.ts";
import type { DkimKey } from "./dkim-keys.ts";
import { dkimRecord, readDkimKey } from "./dkim-keys.ts";

/** Keys of tests: making RSA keys in each test would take its time. They guard nothing. */
const rsaPem = `-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC92UQlpfeQhn3i
VyquLa95M0dbaGVZMDA94HBqJGzR/fEilcBrVviZ+a8smAcoOpvkCq2H2SMB2A1R
lirzzVyAXPfg6NMXlTIAy6tADYyXIueQ1a96xRu4d/62KpHXUyIihtapQKsx0oPh
eRwACjzKyVQNZrvvKVj5NtbYOrfWiX2DNOOpZbkgVcS6JsS9WTnq5o+RXUTjIsQJ
i4nskTcEppnoozrXTRuuKXrA+vUUmp52lJNGj4Dy7W51ZXoiD6OWuel5IJtfrT1t
4jc9z8RrHqGpECK3Qo0+uKHtFCpv0hwWO4602V9U9zSz2gxSbOHyePhzMLuuwUjE
1UK7wwejAgMBAAECggEAFW1hvHwRx91IylSQlnhv5IE4ow+n11v8fedd2LpZZo6/
pL8mfhb4AmzvbAbmppA4NbyiHwHkv8Rc+yHfTDAX/3bpaphB8a30UamrH5TH6EEC
G33lYI5sVV2Ea+wRv4NRss2UNHso4fvYHbPXyLC0cXuCrJaKofDWlXOD5oN4v1Jd
kP+gY8OoNDVsQ/RXAqhZ5ThYPH3qRqDP1Q/ql6JdIQAeqWNgdsrAUihOyzM62JJn
e9Fe/lpB3sFilTZO7BEm3BKJ1ph0sU9zbx1lgTbK3XDFi5KfLbEroCuTp+Hzj3aW
BhAstD6wfrSGTGDVxN/00cMgXEzrPmSpoiBth2mb+QKBgQD2aE2Gu3v8pRaBWTV6
jhy36D2QRCV7ISBTQHAdHYwdQwZ5dCZyfcESBXTkCGlgQG47iKDwqI4WXGT7xgdd
wYBXCI+yPirBzg2NpmDBvLegzAeeojNLOL2Iu+KkBbRfOaarMB7r21sRVqytsFW+
yIZRqXl8+VT32C0Iz//9VnNMqwKBgQDFPUyAVqsWrCPae1iK2i7KBjpniJRQF77b
BIpI/2q7ym5Fp3LNjAF/hkU3pg6+o1em7Gwg7ZNN+iW3/iXt6xq7OQGX2XAsMIid
5UCpCKqWCyog1LU2CUeakM+kKEHht2hdlOfTEDJ9f5XdvhR4EneiPWfcK+QfI3eW
KIyItfbA6QKBgQDh0JybyN3Lnw+M4tBbzDkNYUxqFcmzmZwiL3+PbzCk8HPSgltp
uU1i0pVZFUxc5S8gaAn2AsKUQ4BYLBc8GMUg/buSwd41Vjydf8hURDqUpealvkf7
u7gWwvjlEEVIr3DKmYL86z3+GcyOMHekK+jMld+8ZFM1/2rmFJio9r0bmQKBgGFp
T9IGe8Lby21JA8a30Onnv4qIkq8nuxPSHzXEJ4ONi36NH47SeZ7wwlikg521cEG5
fAGbM+gMBfrj4vmo5m/WzKmhMtwwMBjDM3cIF6+43dqPEtwYIyv8HwC0/Syr9zhY
pVHBKx5+F5cHHHbcsAcJirTbXHPggVxAtH+EVtSZAoGBAN07E5hkElOQgeDsjSIh
4m7S6qoNeKIXJ8FLDCfwetevZPhB8EKf3DbLAMZaoars/SqU/RKa4EApazvzsr9x
Wq9NUwHnxs7N4mdfmcVkOVV0ye6s/V83w39WseArea2jGN7ZTlCtpLWJoo10F+jU
2su/ZRt+uZQlwudYAVfhTf7k
-----END PRIVATE KEY-----`;
const ed25519Pem = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIDNmfMkvb8K9pY3dcSaJUaK46WewTv3mo1okwKtkkWhw
-----END PRIVATE KEY-----`;

export const rsaKey = (domain = "a.example"): DkimKey => readDkimKey(domain, "r1", rsaPem);
export const ed25519Key = (domain = "a.example"): DkimKey => readDkimKey(domain, "e1", ed25519Pem);

/** DNS that has the records of keys, and others: texts by name. */
export function dnsWith(
  keys: readonly DkimKey[],
  others: Readonly<Record<string, string>> = {},
): Resolver {
  const records = keys.map(dkimRecord).map(({ name, text }) => [name, { txt: [text] }] as const);
  const rest = Object.entries(others).map(([name, text]) => [name, { txt: [text] }] as const);
  return createStaticResolver(new Map([...records, ...rest]));
}

/** Lines with CRLF between and at the end, one byte per character. */
export function lines(...texts: readonly string[]): Uint8Array {
  return fromLatin1(texts.map((text) => `${text}\r\n`).join(""));
}
