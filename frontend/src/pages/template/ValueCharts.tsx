import type { ValuePlot } from "~/api/templates";
import { useZone } from "~/app/preferences";
import { formatCount } from "~/format/numbers";
import { formatQuantity } from "~/format/quantities";
import { formatMinute } from "~/format/times";
import classes from "~/pages/template/Template.module.css";

const WIDTH = 600;
const HEIGHT = 180;
const LINES = [
  { at: 1, name: "median", className: "line50" },
  { at: 2, name: "p90", className: "line90" },
  { at: 3, name: "p99", className: "line99" },
] as const;

/** Median, 90th and 99th percentile of each step of time. */
export function PercentileChart({ plot }: { plot: ValuePlot }) {
  const [zone] = useZone();
  const buckets = plot.buckets.filter((bucket) => bucket.percentiles.length > 0);
  const first = buckets[0]?.time ?? "";
  const last = buckets.at(-1)?.time ?? "";
  const start = Date.parse(first);
  const span = Math.max(1, Date.parse(last) - start);
  const highest = Math.max(1e-12, ...buckets.map((bucket) => bucket.percentiles[3] ?? 0)) * 1.08;
  const x = (iso: string) => ((Date.parse(iso) - start) / span) * WIDTH;
  const y = (value: number) => HEIGHT - (Math.max(0, value) / highest) * HEIGHT;
  const top = formatQuantity(highest / 1.08, plot.unit);
  return (
    <figure style={{ margin: 0 }}>
      <svg
        className={classes["chart"]}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Median, p90 and p99 over time, up to ${top}`}
      >
        {LINES.map(({ at, className }) => (
          <path
            key={className}
            className={classes[className]}
            d={buckets
              .map((bucket, index) => {
                const move = index === 0 ? "M" : "L";
                return `${move}${x(bucket.time).toFixed(1)} ${y(bucket.percentiles[at] ?? 0).toFixed(1)}`;
              })
              .join("")}
          />
        ))}
        {buckets.length === 1
          ? LINES.map(({ at, className }) => (
              <circle
                key={className}
                className={classes["dot"]}
                cx={WIDTH / 2}
                cy={y(buckets[0]?.percentiles[at] ?? 0)}
                r={3}
              />
            ))
          : null}
      </svg>
      <figcaption className={classes["axis"]}>
        <span>{first ? formatMinute(first, zone) : ""}</span>
        <span>median ── p90 ╌╌ p99 ···, up to {top}</span>
        <span>{last ? formatMinute(last, zone) : ""}</span>
      </figcaption>
    </figure>
  );
}

/** How many values lie where between the least and the most. */
export function SpreadChart({ plot }: { plot: ValuePlot }) {
  const highest = Math.max(1, ...plot.bars.map((bar) => bar.records));
  const width = WIDTH / Math.max(1, plot.bars.length);
  const low = plot.bars[0]?.low ?? 0;
  const high = plot.bars.at(-1)?.high ?? 0;
  return (
    <figure style={{ margin: 0 }}>
      <svg
        className={classes["chart"]}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Values from ${formatQuantity(low, plot.unit)} to ${formatQuantity(high, plot.unit)}`}
      >
        {plot.bars.map((bar, index) => {
          const height = (bar.records / highest) * (HEIGHT - 6);
          return (
            <rect
              key={index}
              className={classes["bar"]}
              x={index * width + 1}
              y={HEIGHT - height}
              width={Math.max(1, width - 2)}
              height={height}
            >
              <title>{`${formatQuantity(bar.low, plot.unit)} to ${formatQuantity(bar.high, plot.unit)}: ${formatCount(bar.records)}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption className={classes["axis"]}>
        <span>{formatQuantity(low, plot.unit)}</span>
        <span>records by value</span>
        <span>{formatQuantity(high, plot.unit)}</span>
      </figcaption>
    </figure>
  );
}
