import { Checkbox } from "@mantine/core";
import { IconArrowDown, IconPencil, IconPinFilled } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import type { Pattern } from "~/api/types";
import { useZone } from "~/app/preferences";
import { AnswerBadge } from "~/components/AnswerBadge";
import { LinkAction } from "~/components/links";
import { LevelMix } from "~/components/LevelMix";
import { Sparkline } from "~/components/Sparkline";
import table from "~/components/Table.module.css";
import { formatCount, formatShare } from "~/format/numbers";
import type { Range } from "~/format/range";
import { formatMinute } from "~/format/times";
import { AnswerPanel } from "~/pages/patterns/AnswerPanel";
import classes from "~/pages/patterns/PatternTable.module.css";
import { answerTo } from "~/text/answers";
import { TemplateText } from "~/text/TemplateText";

interface Props {
  patterns: Pattern[];
  sort: string;
  plain: boolean;
  range: Range;
  source: string | undefined;
  onSort: (sort: string) => void;
  /** Patterns that are to become one, in the order in which they were chosen. */
  chosen: Pattern[];
  onChoose: (pattern: Pattern) => void;
}

export function PatternTable({ patterns, sort, onSort, ...rest }: Props) {
  const header = { sort, onSort };
  return (
    <div className={table["frame"]}>
      <table className={`${table["table"]} ${classes["table"]}`}>
        <thead>
          <tr>
            <th aria-label="Choose to merge" />
            <Sorted by="count" label="Count" right {...header} />
            <th>Share</th>
            <th>Pattern</th>
            <th>Severity</th>
            <th>Category</th>
            <th>Levels</th>
            <th>Over time</th>
            <Sorted by="first_seen" label="First seen" {...header} />
            <Sorted by="last_seen" label="Last seen" {...header} />
            <th aria-label="Why, and correct" />
          </tr>
        </thead>
        <tbody>
          {patterns.map((pattern) => (
            <PatternRow key={`${pattern.source} ${pattern.id}`} pattern={pattern} {...rest} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface SortedProps {
  by: string;
  label: string;
  right?: boolean;
  sort: string;
  onSort: (sort: string) => void;
}

function Sorted({ by, label, right = false, sort, onSort }: SortedProps) {
  const active = sort === by;
  return (
    <th className={right ? table["right"] : undefined} aria-sort={active ? "descending" : "none"}>
      <button type="button" className={classes["sort"]} data-active={active} onClick={() => onSort(by)}>
        {label}
        <IconArrowDown size={13} aria-hidden />
      </button>
    </th>
  );
}

type RowProps = Omit<Props, "patterns" | "sort" | "onSort"> & { pattern: Pattern };

function PatternRow({ pattern, plain, range, source, chosen, onChoose }: RowProps) {
  const [zone] = useZone();
  const [open, setOpen] = useState(false);
  return (
    <tr>
      <td>
        <Checkbox
          size="xs"
          aria-label={`Choose to merge: ${pattern.text}`}
          checked={chosen.some((one) => one.id === pattern.id && one.source === pattern.source)}
          onChange={() => onChoose(pattern)}
        />
      </td>
      <td className={`${table["right"]} num`}>{formatCount(pattern.count)}</td>
      <td>
        <div className={classes["share"]}>
          <span className="num">{formatShare(pattern.share)}</span>
          <span className={classes["track"]} aria-hidden>
            <span style={{ width: `${Math.max(1, pattern.share * 100)}%` }} />
          </span>
        </div>
      </td>
      <td className={classes["pattern"]}>
        <Link
          to="/explore"
          search={{
            q: `template:${pattern.id}`,
            source: pattern.source,
            from: range.from,
            to: range.to,
          }}
          className={classes["link"]}
        >
          {pattern.pinned ? (
            <IconPinFilled size={13} aria-label="Pinned" className={classes["pin"] ?? ""} />
          ) : null}
          {pattern.name ? <strong>{pattern.name} </strong> : null}
          <TemplateText typedText={pattern.typed_text} plain={plain} />
        </Link>
        {source ? null : <div className={table["faint"]}>{pattern.source}</div>}
      </td>
      <td>
        <button type="button" className={table["link"]} onClick={() => setOpen(true)}>
          <AnswerBadge answer={answerTo(pattern.answers, "severity")} />
        </button>
        {open ? <AnswerPanel pattern={pattern} onClose={() => setOpen(false)} /> : null}
      </td>
      <td>
        <AnswerBadge answer={answerTo(pattern.answers, "category")} />
      </td>
      <td>
        <LevelMix counts={pattern.levels} />
      </td>
      <td>
        <Sparkline counts={pattern.sparkline} />
      </td>
      <td className={`when ${table["faint"]}`}>{formatMinute(pattern.first_seen, zone)}</td>
      <td className={`when ${table["faint"]}`}>{formatMinute(pattern.last_seen, zone)}</td>
      <td>
        <LinkAction
          to="/templates/$source/$id"
          params={{ source: pattern.source, id: pattern.id }}
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={`Why, and correct: ${pattern.text}`}
          title="Why this template, and correct it"
        >
          <IconPencil size={15} aria-hidden />
        </LinkAction>
      </td>
    </tr>
  );
}
