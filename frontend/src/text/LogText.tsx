import { memo } from "react";

import type { Variable } from "~/api/types";
import { categoryOf } from "~/text/categories";
import classes from "~/text/LogText.module.css";
import { safeCut, segmentsOf } from "~/text/segments";
import { visiblePieces } from "~/text/visible";

interface Props {
  text: string;
  variables: readonly Variable[];
  from?: number;
  to?: number;
  /** More text than this is cut off: a line of megabytes must not freeze the page. */
  limit: number;
  multiline?: boolean;
}

/** Log text as text: nothing in it is markup, control characters show as symbols, variables carry
 *  their category for the pointer (`VariableTip`) and for style sheets. */
export const LogText = memo(function LogText(props: Props) {
  const { text, variables, from = 0, to = text.length, limit, multiline = false } = props;
  const end = Math.min(to, from + safeCut(text.slice(from, to), limit));
  return (
    <>
      {segmentsOf(text, variables, from, end).map((segment) =>
        segment.variable ? (
          <span
            key={segment.start}
            className={classes["variable"]}
            data-family={categoryOf(segment.variable.category).family}
            data-variable={variables.indexOf(segment.variable)}
          >
            <Visible text={segment.text} multiline={multiline} />
          </span>
        ) : (
          <Visible key={segment.start} text={segment.text} multiline={multiline} />
        ),
      )}
      {end < to ? (
        <span className={classes["cut"]}> … {(to - end).toLocaleString("en-US")} more characters</span>
      ) : null}
    </>
  );
});

function Visible({ text, multiline }: { text: string; multiline: boolean }) {
  return visiblePieces(text, multiline).map((piece, index) =>
    piece.control ? (
      <span key={index} className={classes["control"]}>
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  );
}
