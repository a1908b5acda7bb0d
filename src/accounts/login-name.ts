/** What somebody gave as name at a login. */
export interface LoginName {
  /** The account: its address, or its localpart. */
  readonly account: string;
  /** Name of the device in lower case, or "". */
  readonly device: string;
}

/** Stands between an account and a device: no domain name has one. */
const separator = "+";
const deviceNameForm = /^[a-z0-9]([a-z0-9._-]{0,30}[a-z0-9])?$/;

/**
 * Takes a login name apart: `ana@example.org+phone` is the account ana@example.org on the device
 * "phone". The device stands behind the domain, where no address can have a "+", so it is never
 * taken for the detail of `ana+phone@example.org` (RFC 5233), which is an address and no login.
 * @returns undefined when what stands there is no name of a device.
 */
export function findLoginName(text: string): LoginName | undefined {
  const at = text.indexOf(separator, Math.max(0, text.lastIndexOf("@")));
  if (at < 0) return { account: text, device: "" };
  const device = findDeviceName(text.slice(at + 1));
  return device === undefined ? undefined : { account: text.slice(0, at), device };
}

/** The name of a device in lower case: 1 to 32 letters, digits, and `.`, `_`, `-` inside. */
export function findDeviceName(text: string): string | undefined {
  const name = text.toLowerCase();
  return deviceNameForm.test(name) ? name : undefined;
}

/** Who did it, as the change log has it: `ana@example.org`, or `ana@example.org+phone`. */
export function formatLoginName(login: {
  readonly address: string;
  readonly device: string;
}): string {
  return login.device === "" ? login.address : `${login.address}${separator}${login.device}`;
}
