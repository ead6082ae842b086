/** The nonce that this response's Content-Security-Policy allows style elements with. Vite writes
 *  the meta element, Django fills in the value. */
export function cspNonce(): string {
  return document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
}
