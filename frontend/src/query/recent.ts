/** The last queries of this browser, newest first. */

const KEY = "logplatform-queries";
const KEPT = 12;

export function recentQueries(): string[] {
  const stored: unknown = JSON.parse(window.localStorage.getItem(KEY) ?? "[]");
  return Array.isArray(stored) ? stored.filter((item) => typeof item === "string") : [];
}

export function rememberQuery(query: string): void {
  if (query.trim() === "") return;
  const others = recentQueries().filter((item) => item !== query);
  window.localStorage.setItem(KEY, JSON.stringify([query, ...others].slice(0, KEPT)));
}
