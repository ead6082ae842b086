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
      {section.polished.length ? (
        <div className={classes["polished"]}>
          <p className={classes["told"]}>{section.polished.join(" ")}</p>
          <p className={classes["note"]}>
            Worded by {section.polished_by} from the sentences below; its figures were checked against
            them.
          </p>
        </div>
      ) : null}
      {section.sentences.map((sentence) => (
        <p key={sentence} className={classes["sentence"]}>
          {sentence}
        </p>
      ))}
      {section.pictures.map((picture) => (
        <ReportPicture key={picture.name} picture={picture} report={report} />
      ))}
      {section.findings.map((finding) => (
        <FindingBlock key={finding.link} finding={finding} report={report} />
      ))}
      {section.table ? <SectionTable content={section.table} /> : null}
    </section>
  );
}

type Picture = ReportSection["pictures"][number];

function ReportPicture({ picture, report }: { picture: Picture; report: string }) {
  const suffix = useComputedColorScheme("light") === "dark" ? "-dark" : "";
  return (
    <img
      src={apiUrl(`/reports/${report}/pictures/${picture.name}${suffix}`)}
      alt={picture.alt}
      className={classes["picture"]}
    />
  );
}

/** One anomaly: why, the records that show it, its relations. */
function FindingBlock({
  finding,
  report,
}: {
  finding: ReportSection["findings"][number];
  report: string;
}) {
  return (
    <article className={classes["finding"]}>
      <h3 className={classes["heading"]}>
        <a href={finding.link}>{finding.title}</a>
      </h3>
      {finding.facts.map((fact) => (
        <p key={fact} className={classes["sentence"]}>
          {fact}
        </p>
      ))}
      {finding.lines.length ? (
        <pre className={classes["lines"]} tabIndex={0} aria-label="Records">
          {finding.lines.join("\n")}
        </pre>
      ) : null}
      {finding.picture ? <ReportPicture picture={finding.picture} report={report} /> : null}
    </article>
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
