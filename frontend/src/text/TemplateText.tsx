import { Fragment } from "react";

import { templatePieces } from "~/text/templates";
import classes from "~/text/TemplateText.module.css";
import { visiblePieces } from "~/text/visible";

interface Props {
  typedText: string;
  /** Show `<*>` for every variable, as parsers write templates. */
  plain?: boolean;
}

/** A template with its variables as small tags that say what kind of value stands there. */
export function TemplateText({ typedText, plain = false }: Props) {
  return (
    <span className={classes["root"]}>
      {templatePieces(typedText).map((piece, index) =>
        piece.category ? (
          <span
            key={index}
            className={classes["tag"]}
            data-family={plain ? "other" : piece.category.family}
            title={plain ? undefined : piece.category.teaches}
          >
            {plain || piece.text === "<*>" ? "*" : piece.category.label}
          </span>
        ) : (
          <Fragment key={index}>
            {visiblePieces(piece.text, false)
              .map((visible) => visible.text)
              .join("")}
          </Fragment>
        ),
      )}
    </span>
  );
}
