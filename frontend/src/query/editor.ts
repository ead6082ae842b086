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

import { cspNonce } from "~/app/nonce";
import { completeQuery, type ValueSource } from "~/query/completion";
import { tokenize } from "~/query/tokens";

export const markFault = StateEffect.define<number | null>();

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

function faultAt(position: number | null, length: number): DecorationSet {
  if (position === null || length === 0) return Decoration.none;
  const from = Math.min(position, length - 1);
  return Decoration.set([faultMark.range(from, from + 1)]);
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
  values: ValueSource;
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
    EditorView.cspNonce.of(cspNonce()),
    keys,
    history(),
    keymap.of([...historyKeymap, ...defaultKeymap]),
    oneLine,
    faultField,
    tokenColours,
    autocompletion({
      override: [completeQuery(hooks.values)],
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
