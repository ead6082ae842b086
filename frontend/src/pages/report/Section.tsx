import { ActionIcon, Group, Title, useComputedColorScheme } from "@mantine/core";
import { IconFileSpreadsheet } from "@tabler/icons-react";

import { apiUrl } from "~/api/client";
import type { ReportSection } from "~/api/types";
import table from "~/components/Table.module.css";
import classes from "~/pages/report/Section.module.css";

interface Props {
  section: ReportSection;
  report: string;
}

export function Section({ section, report }: Props) {
  const scheme = useComputedColorScheme("light");
  const suffix = scheme === "dark" ? "-dark" : "";
  return (
    <section className={classes["root"]} aria-label={section.title}>
      <Group justify="space-between">
        <Title order={2}>{section.title}</Title>
        {section.table ? (
          <ActionIcon
            component="a"
            href={apiUrl(`/reports/${report}/tables/${section.key}`)}
            aria-label={`${section.title} as CSV`}
            title="As CSV"
          >
            <IconFileSpreadsheet size={16} aria-hidden />
          </ActionIcon>
        ) : null}
      </Group>
      {section.sentences.map((sentence) => (
        <p key={sentence} className={classes["sentence"]}>
          {sentence}
        </p>
      ))}
      {section.pictures.map((picture) => (
        <img
          key={picture.name}
          src={apiUrl(`/reports/${report}/pictures/${picture.name}${suffix}`)}
          alt={picture.alt}
          className={classes["picture"]}
        />
      ))}
      {section.table ? <SectionTable content={section.table} /> : null}
    </section>
  );
}

function SectionTable({ content }: { content: NonNullable<ReportSection["table"]> }) {
  return (
    <>
      <div className={table["frame"]}>
        <table className={table["table"]}>
          <thead>
            <tr>
              {content.columns.map((column) => (
                <th key={column.name} className={column.is_number ? table["right"] : undefined}>
                  {column.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {content.rows.map((row, index) => (
              <tr key={index}>
                {row.map((cell, at) => (
                  <td
                    key={at}
                    className={
                      content.columns[at]?.is_number ? `${table["right"]} num` : classes["cell"]
                    }
                  >
                    {cell.link ? <a href={cell.link}>{cell.text}</a> : cell.text}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {content.more > 0 ? <p className={classes["sentence"]}>and {content.more} more</p> : null}
    </>
  );
}
