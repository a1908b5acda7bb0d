/**
 * Keyword of the messages that a device has fetched by POP3, so that it is offered each once. It
 * is a keyword like others: whoever takes it off a message has the device fetch it again.
 */
export function fetchedKeyword(device: string): string {
  return `fetched-by-${device}`;
}
