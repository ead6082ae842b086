import { memo, type MouseEvent } from "react";

import type { Hit } from "~/api/types";
import { useZone, type RowView } from "~/app/preferences";
import { LevelBadge } from "~/components/LevelBadge";
import { formatInstant } from "~/format/times";
import classes from "~/pages/explore/LogRow.module.css";
import { LogText } from "~/text/LogText";

interface Props {
  hit: Hit;
  index: number;
  selected: boolean;
  open: boolean;
  withSource: boolean;
  view: RowView;
  onToggle: (index: number) => void;
}

// Five screens of text: more in one row is for the details to show.
const ROW_CHARS = 1_200;

export const LogRow = memo(function LogRow(props: Props) {
  const { hit, index, selected, open, withSource, view, onToggle } = props;
  const [zone] = useZone();
  const click = (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    // A variable has a menu of its own, and selecting text is no wish to open the row.
    if (target.closest("[data-variable]") || window.getSelection()?.toString()) return;
    onToggle(index);
  };
  const whole = view.raw || hit.message_end <= hit.message_start;
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      aria-selected={selected}
      aria-expanded={open}
      className={classes["row"]}
      data-level={hit.level}
      data-hit={hit.id}
      onClick={click}
    >
      <div role="gridcell" className={classes["time"]} data-origin={hit.time_origin}>
        {formatInstant(hit.time, zone)}
      </div>
      <div role="gridcell" className={classes["level"]}>
        <LevelBadge level={hit.level} />
      </div>
      {withSource ? (
        <div role="gridcell" className={classes["source"]} title={hit.source}>
          {hit.source}
        </div>
      ) : null}
      <div role="gridcell" className={classes["text"]}>
        {hit.component && !whole ? (
          <span className={classes["component"]}>{hit.component} </span>
        ) : null}
        <LogText
          text={hit.raw}
          variables={hit.variables}
          from={whole ? 0 : hit.message_start}
          to={whole ? hit.raw.length : hit.message_end}
          limit={ROW_CHARS}
        />
      </div>
    </div>
  );
});
