import { Group, Text } from "@mantine/core";

import type { HeaderPreview, LevelName, PreviewRecord, Variable } from "~/api/types";
import { useZone } from "~/app/preferences";
import { LevelBadge } from "~/components/LevelBadge";
import table from "~/components/Table.module.css";
import { plural } from "~/format/numbers";
import { formatInstant } from "~/format/times";
import classes from "~/pages/source/HeaderPreviewTable.module.css";
import { LogText } from "~/text/LogText";

const SHOWN = 12;
const LINE_CHARS = 400;

/** The source's own lines as a format reads them. */
export function HeaderPreviewTable({ preview }: { preview: HeaderPreview }) {
  return (
    <>
      <Summary preview={preview} />
      <div
        className={classes["scroll"]}
        role="region"
        tabIndex={0}
        aria-label="Lines as this format reads them"
      >
        <div className={table["frame"]}>
          <table className={table["table"]}>
            <thead>
              <tr>
                <th>Time</th>
                <th>Level</th>
                <th>Component</th>
                <th>Header fields</th>
                <th>Message</th>
              </tr>
            </thead>
            <tbody>
              {preview.shown.slice(0, SHOWN).map((record, index) => (
                <Row key={index} record={record} />
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </>
  );
}

function Summary({ preview }: { preview: HeaderPreview }) {
  const { confidence, matched, lines, records, with_time, with_level, clock_jumps } = preview;
  return (
    <Group gap="xs" role="status">
      <Text size="sm" fw={600}>
        {share(confidence)} sure
      </Text>
      <Text size="sm">
        {preview.format === "none"
          ? `${plural(lines, "line")} without a known header`
          : `${matched} of ${plural(lines, "line")} match`}
        {`, ${plural(records, "record")}, ${share(with_time / Math.max(records, 1))} with a time, `}
        {`${share(with_level / Math.max(records, 1))} with a level`}
        {clock_jumps > 0 ? `, the clock went back ${plural(clock_jumps, "time")}` : ""}
        {[preview.format, "none"].includes(preview.detected) ? "" : `. They look like “${preview.detected}”`}
      </Text>
    </Group>
  );
}

function Row({ record }: { record: PreviewRecord }) {
  const [zone] = useZone();
  const variables: Variable[] = record.fields.map((field) => ({
    start: field.start,
    end: field.end,
    category: field.category || "other",
    value: field.value,
  }));
  const header = record.fields.filter((field) => field.end <= record.message_start);
  return (
    <tr>
      <td className="when">
        {record.time ? formatInstant(record.time, zone) : <span className={table["faint"]}>none</span>}
      </td>
      <td>
        <LevelBadge level={record.level as LevelName} />
      </td>
      <td>{record.component ?? <span className={table["faint"]}>–</span>}</td>
      <td className={classes["fields"]}>
        {header.map((field) => `${field.name}=${field.value}`).join("  ")}
      </td>
      <td className={classes["message"]}>
        <LogText
          text={record.raw}
          variables={variables}
          from={record.message_start}
          to={record.message_end}
          limit={LINE_CHARS}
        />
      </td>
    </tr>
  );
}

function share(part: number): string {
  return `${Math.round(100 * part)} %`;
}
