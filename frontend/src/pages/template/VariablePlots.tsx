import { SegmentedControl, Skeleton, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { valuesQuery, type Story, type ValuePlot } from "~/api/templates";
import { ProblemState } from "~/components/ProblemState";
import table from "~/components/Table.module.css";
import { formatCount } from "~/format/numbers";
import { formatQuantity } from "~/format/quantities";
import classes from "~/pages/template/Template.module.css";
import { PercentileChart, SpreadChart } from "~/pages/template/ValueCharts";
import { categoryOf } from "~/text/categories";

const NUMERIC = new Set(["duration", "resource", "amount"]);

/** One variable's values: percentiles over time, how they are spread, the most frequent ones. */
export function VariablePlots({ story }: { story: Story }) {
  const first = story.variables.findIndex((variable) => NUMERIC.has(variable.category));
  const [chosen, setChosen] = useState(Math.max(0, first));
  const variable = Math.min(chosen, story.variables.length - 1);
  if (variable < 0 || story.became !== "") return null;
  return (
    <section className={classes["section"]} aria-label="Values">
      <div className={classes["head"]}>
        <Title order={2}>Values</Title>
        <SegmentedControl
          size="xs"
          aria-label="Variable"
          value={String(variable)}
          onChange={(next) => setChosen(Number(next))}
          data={story.variables.map((of, index) => ({
            value: String(index),
            label: `${index + 1} ${categoryOf(of.category).label}`,
          }))}
        />
      </div>
      <Plot story={story} variable={variable} />
    </section>
  );
}

function Plot({ story, variable }: { story: Story; variable: number }) {
  const plot = useQuery(valuesQuery(story.source, story.id, variable));
  if (plot.isPending) return <Skeleton height={220} />;
  if (plot.isError) return <ProblemState error={plot.error} />;
  // The median of an identifier says nothing.
  const measured = NUMERIC.has(story.variables[variable]?.category ?? "") || plot.data.unit !== "";
  return (
    <>
      <Summary plot={plot.data} measured={measured} />
      {measured && plot.data.numbers > 0 ? (
        <div className={classes["plots"]}>
          <PercentileChart plot={plot.data} />
          <SpreadChart plot={plot.data} />
        </div>
      ) : (
        <TopValues story={story} variable={variable} plot={plot.data} />
      )}
    </>
  );
}

function Summary({ plot, measured }: { plot: ValuePlot; measured: boolean }) {
  const [low, p50, p90, p99, high] = measured ? plot.percentiles : [];
  const named: [string, number | undefined][] = [
    ["least", low],
    ["median", p50],
    ["p90", p90],
    ["p99", p99],
    ["most", high],
  ];
  return (
    <p className={classes["sum"]}>
      <span>
        <strong className="num">{formatCount(plot.records)}</strong> records,{" "}
        <strong className="num">{formatCount(plot.distinct)}</strong> different values
      </span>
      {named.map(([name, value]) =>
        value === undefined ? null : (
          <span key={name}>
            {name} <strong className="num">{formatQuantity(value, plot.unit)}</strong>
          </span>
        ),
      )}
      {plot.stats.partial ? <span>Partial: only a part of the values was read</span> : null}
    </p>
  );
}

interface TopProps {
  story: Story;
  variable: number;
  plot: ValuePlot;
}

function TopValues({ story, variable, plot }: TopProps) {
  const category = story.variables[variable]?.category ?? "other";
  return (
    <div className={table["frame"]}>
      <table className={table["table"]}>
        <thead>
          <tr>
            <th>Value</th>
            <th className={table["right"]}>Records</th>
          </tr>
        </thead>
        <tbody>
          {plot.top.map((of) => (
            <tr key={of.value}>
              <td className="mono">
                <Link
                  to="/explore"
                  className={table["name"]}
                  search={{
                    q: `template:${story.id} ${category}:"${of.value.replace(/["\\]/g, "\\$&")}"`,
                    source: story.source,
                  }}
                >
                  {of.value}
                </Link>
              </td>
              <td className={`${table["right"]} num`}>{formatCount(of.records)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
