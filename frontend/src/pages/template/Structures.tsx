import { Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { Story } from "~/api/templates";
import table from "~/components/Table.module.css";
import { formatCount, plural } from "~/format/numbers";
import classes from "~/pages/template/Template.module.css";
import { LogText } from "~/text/LogText";
import { TemplateText } from "~/text/TemplateText";

const SAMPLE_CHARS = 300;

/** The structures that the template covers, each with its count and a line of it. */
export function Structures({ story }: { story: Story }) {
  const left = story.structures_total - story.structures.length;
  return (
    <section className={classes["section"]} aria-label="Structures">
      <Title order={2} mb={8}>
        Lines that it covers
      </Title>
      <div className={table["frame"]}>
        <table className={table["table"]}>
          <thead>
            <tr>
              <th className={table["right"]}>Records</th>
              <th>Structure</th>
              <th>A line of it</th>
            </tr>
          </thead>
          <tbody>
            {story.structures.map((of) => (
              <tr key={of.hash}>
                <td className={`${table["right"]} num`}>{formatCount(of.records)}</td>
                <td className={classes["line"]}>
                  <TemplateText typedText={of.typed_text} />
                </td>
                <td className={classes["line"]}>
                  <Link to="/records/$id" params={{ id: of.sample.id }} className={table["name"]}>
                    <LogText
                      text={of.sample.raw}
                      variables={of.sample.variables}
                      from={of.sample.message_start}
                      to={of.sample.message_end}
                      limit={SAMPLE_CHARS}
                    />
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {left > 0 ? (
        <p className={classes["facts"]}>
          The most frequent ones are shown; {plural(left, "structure")} more.
        </p>
      ) : null}
    </section>
  );
}
