import { escapeMarkup } from "./markup.ts";
import type { HttpAnswer, HttpRequest } from "./http-server.ts";
import type { MailService } from "./front-page.ts";

/**
 * The settings file that Thunderbird and others fetch by themselves (Mozilla's autoconfig format
 * 1.1). It is the same for every address of the domain.
 */
export function autoconfig(
  request: HttpRequest,
  services: readonly MailService[],
  domains: readonly string[],
): HttpAnswer {
  const host = request.host.replace(/^autoconfig\./, "");
  const servers = services.map((service) => serverElement(service, host)).join("\n");
  const names = domains.map((domain) => `    <domain>${escapeMarkup(domain)}</domain>`).join("\n");
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${escapeMarkup(domains[0] ?? host)}">
${names}
    <displayName>${escapeMarkup(domains[0] ?? host)}</displayName>
${servers}
  </emailProvider>
</clientConfig>
`;
  return { status: 200, type: "application/xml", body };
}

function serverElement({ use, port }: MailService, host: string): string {
  const isSending = use.startsWith("submission");
  const element = isSending ? "outgoingServer" : "incomingServer";
  const type = isSending ? "smtp" : use.startsWith("imap") ? "imap" : "pop3";
  const socket = use.endsWith("s") ? "SSL" : "STARTTLS";
  return `    <${element} type="${type}">
      <hostname>${escapeMarkup(host)}</hostname>
      <port>${port}</port>
      <socketType>${socket}</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </${element}>`;
}
