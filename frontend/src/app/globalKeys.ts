import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

type Place =
  | "/explore"
  | "/patterns"
  | "/anomalies"
  | "/sources"
  | "/triage"
  | "/alerts"
  | "/reports"
  | "/upload"
  | "/jobs";

const PLACES: Record<string, Place> = {
  e: "/explore",
  p: "/patterns",
  n: "/anomalies",
  s: "/sources",
  t: "/triage",
  a: "/alerts",
  r: "/reports",
  u: "/upload",
  j: "/jobs",
};

// Long enough for two unhurried keys, short enough that a forgotten `g` does nothing.
const SEQUENCE_MS = 1200;

/** Whether a key belongs to what has the focus: single-letter shortcuts must not eat typing. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

export const withModifier = (event: KeyboardEvent) => event.ctrlKey || event.metaKey || event.altKey;

/** One single-letter shortcut of a page. */
export function useKey(key: string, act: () => void): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== key || isTyping(event) || withModifier(event)) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [key]);
}

/** The keys of a list: `actionFor` says what a key does now, undefined for nothing. */
export function useListKeys(actionFor: (key: string) => (() => void) | undefined): void {
  const latest = useRef(actionFor);
  useEffect(() => {
    latest.current = actionFor;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || withModifier(event) || event.defaultPrevented) return;
      // Enter and Esc belong to a button or menu that has the focus.
      const onControl = (event.target as HTMLElement).closest("button, a, [role=menu], [role=dialog]");
      const act = onControl && event.key.length > 1 ? undefined : latest.current(event.key);
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}

/** `?` for help and `g` with a letter for the pages. */
export function useGlobalKeys(onHelp: () => void): void {
  const navigate = useNavigate();
  const prefixMs = useRef(-Infinity);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || withModifier(event) || event.defaultPrevented) return;
      const place = PLACES[event.key];
      if (place && event.timeStamp - prefixMs.current < SEQUENCE_MS) {
        event.preventDefault();
        event.stopImmediatePropagation();
        void navigate({ to: place });
      } else if (event.key === "?") {
        event.preventDefault();
        onHelp();
      }
      prefixMs.current = event.key === "g" ? event.timeStamp : -Infinity;
    };
    // Capture: `g j` goes to the jobs before a page takes the `j` for "next row".
    window.addEventListener("keydown", press, { capture: true });
    return () => window.removeEventListener("keydown", press, { capture: true });
  }, [navigate, onHelp]);
}
