import { Badge, Group, Tooltip } from "@mantine/core";
import { IconListSearch, IconTemplate } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import type { Source } from "~/api/types";
import { useZone } from "~/app/preferences";
import { LinkAction } from "~/components/links";
import table from "~/components/Table.module.css";
import { formatBytes, formatCount, formatRatio, plural } from "~/format/numbers";
import { formatMinute } from "~/format/times";

export function SourceTable({ sources }: { sources: Source[] }) {
  return (
    <div className={table["frame"]}>
      <table className={table["table"]}>
        <thead>
          <tr>
            <th>Source</th>
            <th>Format</th>
            <th className={table["right"]}>Lines</th>
            <th className={table["right"]}>Raw</th>
            <th className={table["right"]}>Stored</th>
            <th className={table["right"]}>Ratio</th>
            <th className={table["right"]}>Patterns</th>
            <th>Time range</th>
            <th>State</th>
            <th aria-label="Open" />
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <SourceRow key={source.name} source={source} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SourceRow({ source }: { source: Source }) {
  const search = { source: source.name };
  const right = `${table["right"]} num`;
  return (
    <tr>
      <td>
        <Link to="/sources/$name" params={{ name: source.name }} className={table["name"]}>
          {source.name}
        </Link>
      </td>
      <td className={table["faint"]}>{source.format || "not yet known"}</td>
      <td className={right}>{formatCount(source.lines)}</td>
      <td className={right}>{formatBytes(source.raw_bytes)}</td>
      <td className={right}>{formatBytes(source.stored_bytes)}</td>
      <td className={right}>{formatRatio(source.raw_bytes, source.stored_bytes)}</td>
      <td className={right}>{formatCount(source.templates)}</td>
      <td className="when">
        <TimeRange source={source} />
      </td>
      <td>
        <SourceState source={source} />
      </td>
      <td>
        <Group gap={2} wrap="nowrap" justify="flex-end">
          <Tooltip label="Explore">
            <LinkAction to="/explore" search={search} aria-label={`Explore ${source.name}`}>
              <IconListSearch size={16} />
            </LinkAction>
          </Tooltip>
          <Tooltip label="Patterns">
            <LinkAction to="/patterns" search={search} aria-label={`Patterns of ${source.name}`}>
              <IconTemplate size={16} />
            </LinkAction>
          </Tooltip>
        </Group>
      </td>
    </tr>
  );
}

function TimeRange({ source }: { source: Source }) {
  const [zone] = useZone();
  if (!source.first_time || !source.last_time) return <span className={table["faint"]}>–</span>;
  return (
    <>
      {formatMinute(source.first_time, zone)} → {formatMinute(source.last_time, zone)}
    </>
  );
}

export function SourceState({ source }: { source: Source }) {
  if (source.failed_jobs > 0) {
    return (
      <Link to="/jobs" search={{ state: "failed" }}>
        <Badge color="red" variant="light" size="sm">
          {plural(source.failed_jobs, "failed job")}
        </Badge>
      </Link>
    );
  }
  if (source.pending_batches > 0) {
    return (
      <Badge color="gray" variant="light" size="sm">
        {plural(source.pending_batches, "batch", "batches")} to seal
      </Badge>
    );
  }
  if (source.lines === 0) {
    return (
      <Badge color="gray" variant="outline" size="sm">
        no lines yet
      </Badge>
    );
  }
  return <span className={table["faint"]}>sealed</span>;
}
