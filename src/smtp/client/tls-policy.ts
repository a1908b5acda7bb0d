/**
 * How a connection is protected:
 * - `off`: plain text, also when TLS is offered;
 * - `opportunistic`: TLS when it is offered and works, whatever the certificate (RFC 7435 §3);
 * - `required`: TLS or nothing, whatever the certificate;
 * - `verified`: TLS with a certificate that is valid for the host's name, or nothing.
 */
export type TlsPolicy = "off" | "opportunistic" | "required" | "verified";
