import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useImperativeHandle, useRef, type Ref } from "react";

import type { Suggestions } from "~/query/completion";
import { markFault, queryExtensions, type Fault } from "~/query/editor";
import classes from "~/query/QueryBar.module.css";

export interface QueryBarHandle {
  focus: () => void;
  text: () => string;
}

interface Props {
  value: string;
  fault?: Fault | undefined;
  onSubmit: (query: string) => void;
  suggestions: Suggestions;
  ref?: Ref<QueryBarHandle>;
}

export function QueryBar({ value, fault, onSubmit, suggestions, ref }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  // The editor is made once; what it calls may change with every render.
  const hooks = useRef({ onSubmit, suggestions });
  useEffect(() => {
    hooks.current = { onSubmit, suggestions };
  });

  useEffect(() => {
    if (!host.current) return undefined;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        extensions: queryExtensions({
          onSubmit: (query) => hooks.current.onSubmit(query),
          onLeave: () => undefined,
          suggestions: {
            values: (field) => hooks.current.suggestions.values(field),
            fields: () => hooks.current.suggestions.fields(),
          },
        }),
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: value },
      selection: { anchor: value.length },
    });
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({ effects: markFault.of(fault ?? null) });
  }, [fault, value]);

  useImperativeHandle(ref, () => ({
    focus: () => view.current?.focus(),
    text: () => view.current?.state.doc.toString() ?? "",
  }));

  return <div ref={host} className={classes["root"]} data-fault={fault !== undefined} />;
}
