import { Link } from "@tanstack/react-router";
import type { ComponentPropsWithoutRef, ReactNode } from "react";

import type { Hit } from "~/api/types";
import { useZone } from "~/app/preferences";
import { LevelBadge } from "~/components/LevelBadge";
import classes from "~/components/record/RecordLine.module.css";
import { formatInstant } from "~/format/times";
import { LogText } from "~/text/LogText";

const LINE_CHARS = 600;

type ListProps = ComponentPropsWithoutRef<"ol">;

/** Records of one kind, a line each. */
export function RecordLines(props: ListProps) {
  return <ol className={classes["lines"]} {...props} />;
}

interface LineProps {
  hit: Hit;
  /** The record that the others stand around. */
  current?: boolean;
  /** One that shows what is wrong. */
  wrong?: boolean;
  children?: ReactNode;
}

export function RecordLine({ hit, current, wrong, children }: LineProps) {
  const [zone] = useZone();
  return (
    <li
      className={classes["line"]}
      aria-current={current ? "true" : undefined}
      data-wrong={wrong || undefined}
    >
      <Link to="/records/$id" params={{ id: hit.id }} className={classes["time"]}>
        {formatInstant(hit.time, zone)}
      </Link>
      <span className={classes["level"]}>
        <LevelBadge level={hit.level} />
      </span>
      <span className={classes["text"]}>
        {children}
        <LogText
          text={hit.raw}
          variables={hit.variables}
          from={hit.message_start}
          to={hit.message_end > hit.message_start ? hit.message_end : hit.raw.length}
          limit={LINE_CHARS}
        />
      </span>
    </li>
  );
}
