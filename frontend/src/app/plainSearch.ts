/** Search parameters as plain text: `?q=level:error`, readable and typeable, where the router's
 *  own form would write JSON. */

export type PlainSearch = Record<string, string | undefined>;

export function parsePlain(text: string): PlainSearch {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifyPlain(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (typeof value === "string" && value !== "") params.set(key, value);
  }
  // Colons, commas and slashes are legal in a query string and queries are full of them.
  const text = params.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%2F", "/");
  return text === "" ? "" : `?${text}`;
}

/** Keep the named parameters that are text, drop what a hand-edited URL brought else. */
export function pick<K extends string>(
  search: Record<string, unknown>,
  keys: readonly K[],
): Partial<Record<K, string>> {
  const found: Partial<Record<K, string>> = {};
  for (const key of keys) {
    const value = search[key];
    if (typeof value === "string" && value !== "") found[key] = value;
  }
  return found;
}
