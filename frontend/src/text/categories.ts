/** VALB's ten categories of variables: their plain names, and the family that gives their colour. */

export type Family = "identity" | "place" | "measure" | "state" | "other";

export interface Category {
  code: string;
  name: string;
  label: string;
  family: Family;
  teaches: string;
}

export const CATEGORIES: readonly Category[] = [
  c("OID", "object_id", "object id", "identity", "Identifies one thing: a block, a session, a user"),
  c("OBN", "object_name", "object name", "identity", "Names a thing: a service, a task, a file type"),
  c("LOI", "location", "location", "place", "Where: a host, an address, a path, a URL"),
  c("TDA", "duration", "duration", "measure", "How long it took, or when"),
  c("CRS", "resource", "resource", "measure", "Memory, disk, bandwidth in use or asked for"),
  c("OBA", "amount", "amount", "measure", "How many"),
  c("STC", "status_code", "status code", "state", "A result or error code"),
  c("SID", "switch", "switch", "state", "On or off, true or false"),
  c("TID", "type", "type", "state", "Which kind of thing or action"),
  c("OTP", "other", "other", "other", "Any other part that varies"),
];

function c(code: string, name: string, label: string, family: Family, teaches: string): Category {
  return { code, name, label, family, teaches };
}

const BY_KEY = new Map<string, Category>(
  CATEGORIES.flatMap((item): [string, Category][] => [
    [item.code, item],
    [item.name, item],
  ]),
);

const UNKNOWN = c("OTP", "other", "other", "other", "A part that varies");

/** Find a category by its code (`OID`) or its plain name (`object_id`). */
export function categoryOf(key: string): Category {
  return BY_KEY.get(key) ?? UNKNOWN;
}
