import { Title } from "@mantine/core";

import type { Story, StoryVariable } from "~/api/templates";
import table from "~/components/Table.module.css";
import { formatShare } from "~/format/numbers";
import classes from "~/pages/template/Template.module.css";
import { categoryOf } from "~/text/categories";

const DOUBT = 0.2;

/** Which variables there are, who said what they mean, and how sure the model was. */
export function VariableTable({ story }: { story: Story }) {
  const doubtful = story.words.filter((word) => word.chance >= DOUBT);
  return (
    <section className={classes["section"]} aria-label="Why this template">
      <Title order={2} mb={8}>
        Why this template
      </Title>
      {story.variables.length === 0 ? (
        <p className={classes["facts"]}>It has no variable: all of its text is constant.</p>
      ) : (
        <div className={table["frame"]}>
          <table className={table["table"]}>
            <thead>
              <tr>
                <th className={table["right"]}>Variable</th>
                <th>Means</th>
                <th>Said by</th>
                <th>The model says</th>
                <th className={table["right"]}>How sure</th>
              </tr>
            </thead>
            <tbody>
              {story.variables.map((variable, index) => (
                <tr key={index}>
                  <td className={`${table["right"]} num`}>{index + 1}</td>
                  <td>{categoryOf(variable.category).label}</td>
                  <td>{variable.by === "model" ? "the model" : variable.by}</td>
                  <td>{variable.found ? categoryOf(variable.found).label : "–"}</td>
                  <td className={`${table["right"]} num`}>{sureness(variable)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {doubtful.length > 0 ? (
        <p className={classes["facts"]}>
          Words that the model half believes to vary:{" "}
          {doubtful
            .map((word) => {
              const text = Array.from(story.text).slice(word.start, word.end).join("");
              return `${text} (${formatShare(word.chance)})`;
            })
            .join(", ")}
          .
        </p>
      ) : null}
    </section>
  );
}

function sureness(variable: StoryVariable): string {
  if (variable.sureness !== null) return formatShare(variable.sureness);
  return variable.found ? "not asked" : "–";
}
