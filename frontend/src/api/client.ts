/** The one place that speaks HTTP to the API: JSON in, JSON out, problem+json as `ApiError`. */

import type { Problem } from "~/api/types";

export const API = "/api/v1";

export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = "ApiError";
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }

}

export type QueryValue = string | number | undefined;
export type Query = Record<string, QueryValue>;

export function apiUrl(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") params.set(key, String(value));
  }
  const text = params.toString();
  return text === "" ? API + path : `${API}${path}?${text}`;
}

export function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? sessionCsrf;
}

// The cookie may be hidden from scripts; the session answer carries the token too.
let sessionCsrf = "";

export function rememberCsrf(token: string): void {
  sessionCsrf = token;
}

export function problemOf(status: number, body: string): Problem {
  try {
    const parsed: unknown = JSON.parse(body);
    if (parsed !== null && typeof parsed === "object" && "title" in parsed) {
      return { ...(parsed as Problem), status };
    }
  } catch {
    // Not JSON: a proxy or a server that died answered in its own words.
  }
  return { title: STATUS_TEXT[status] ?? `The server answered ${status}`, status };
}

const STATUS_TEXT: Record<number, string> = {
  401: "You are signed out",
  403: "You may not do this",
  404: "This does not exist",
  413: "This is larger than the server accepts",
  429: "The server asks you to wait a moment",
  502: "The server behind the proxy does not answer",
  503: "The server is not ready",
  507: "The server's disk is full",
};

interface Options {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
}

async function send(method: string, path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(options.body);
  }
  if (options.signal) init.signal = options.signal;
  try {
    return await fetch(apiUrl(path, options.query), init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError({
      title: "The server does not answer",
      detail: "The connection failed. Is the platform running?",
      status: 0,
    });
  }
}

async function request<T>(method: string, path: string, options: Options): Promise<T> {
  const response = await send(method, path, options);
  const text = await response.text();
  if (!response.ok) throw new ApiError(problemOf(response.status, text));
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) =>
    request<T>("GET", path, { ...(query && { query }), ...(signal && { signal }) }),
  post: <T>(path: string, body?: unknown) => request<T>("POST", path, { body }),
  patch: <T>(path: string, body: unknown) => request<T>("PATCH", path, { body }),
  put: <T>(path: string, body?: unknown) => request<T>("PUT", path, { body }),
  delete: (path: string) => request<undefined>("DELETE", path, {}),
};
