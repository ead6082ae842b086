/** The query bar's editor: one line, coloured by token, with the server's fault underlined. */

import { acceptCompletion, autocompletion, closeCompletion, completionStatus } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { EditorState, StateEffect, StateField, type Extension } from "@codemirror/state";
import {
  Decoration,
  EditorView,
  keymap,
  placeholder,
  ViewPlugin,
  type DecorationSet,
  type ViewUpdate,
} from "@codemirror/view";

import { completeQuery, type Suggestions } from "~/query/completion";
import { tokenize } from "~/query/tokens";

/** The server's complaint about a stretch of the query, in UTF-16 units. */
export interface Fault {
  from: number;
  to: number;
}

export const markFault = StateEffect.define<Fault | null>();

const faultField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    // What was complained about is being changed: the complaint is out of date.
    let next = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects) {
      if (effect.is(markFault)) next = faultAt(effect.value, transaction.state.doc.length);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const faultMark = Decoration.mark({ class: "lp-fault" });

function faultAt(fault: Fault | null, length: number): DecorationSet {
  if (fault === null || length === 0) return Decoration.none;
  const from = Math.min(fault.from, length - 1);
  return Decoration.set([faultMark.range(from, Math.max(from + 1, Math.min(fault.to, length)))]);
}

function tokenMarks(view: EditorView): DecorationSet {
  return Decoration.set(
    tokenize(view.state.doc.toString()).map((token) =>
      Decoration.mark({ class: `lp-token-${token.kind}` }).range(token.from, token.to),
    ),
  );
}

const tokenColours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = tokenMarks(view);
    }
    update(update: ViewUpdate) {
      if (update.docChanged) this.decorations = tokenMarks(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** Pasted lines become one: a query has no line ends. */
const oneLine = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.newDoc.lines === 1) return transaction;
  const text = transaction.newDoc.toString().replace(/\s*\n\s*/g, " ");
  return {
    changes: { from: 0, to: transaction.startState.doc.length, insert: text },
    selection: { anchor: text.length },
  };
});

export interface EditorHooks {
  onSubmit: (query: string) => void;
  onLeave: () => void;
  suggestions: Suggestions;
}

export function queryExtensions(hooks: EditorHooks): Extension[] {
  const keys = keymap.of([
    { key: "Tab", run: acceptCompletion },
    {
      key: "Enter",
      run: (view) => {
        if (completionStatus(view.state) === "active" && acceptCompletion(view)) return true;
        closeCompletion(view);
        hooks.onSubmit(view.state.doc.toString());
        return true;
      },
    },
    {
      key: "Escape",
      run: (view) => {
        if (closeCompletion(view)) return true;
        view.contentDOM.blur();
        hooks.onLeave();
        return true;
      },
    },
  ]);
  return [
    keys,
    history(),
    keymap.of([...historyKeymap, ...defaultKeymap]),
    oneLine,
    faultField,
    tokenColours,
    autocompletion({
      override: [completeQuery(hooks.suggestions)],
      icons: false,
      // Enter runs the query; a suggestion is only taken by Enter once one was chosen.
      selectOnOpen: false,
    }),
    placeholder("Search: text, \"a phrase\", level:error, status_code:>=500"),
    EditorView.contentAttributes.of({
      "aria-label": "Query",
      spellcheck: "false",
      autocapitalize: "off",
    }),
  ];
}
