import type { Backtest, WantedRule } from "~/api/types";
import { useZone } from "~/app/preferences";
import { formatShort } from "~/format/numbers";
import { formatMinute } from "~/format/times";
import { DEFAULTS } from "~/pages/alerts/words";
import classes from "~/pages/rule/RuleForm.module.css";

const WIDTH = 600;
const HEIGHT = 160;
const MINUTE_MS = 60_000;

/** The series, the threshold as a dashed line, and a band for each time that it fires. */
export function BacktestChart({ test, rule }: { test: Backtest; rule: WantedRule }) {
  const [zone] = useZone();
  const start = Date.parse(test.start);
  const span = Math.max(1, Date.parse(test.end) - start);
  const limit = limitOf(rule);
  const numbers = test.values.filter((value) => value !== null);
  const highest = Math.max(1e-9, limit ?? 0, ...numbers) * 1.08;
  const x = (iso: string) => ((Date.parse(iso) - start) / span) * WIDTH;
  const y = (value: number) => HEIGHT - (Math.max(0, value) / highest) * HEIGHT;
  const step = (test.step_min * MINUTE_MS * WIDTH) / span;
  const label = `Highest value ${formatShort(Math.max(0, ...numbers))}; fired ${test.fired} times`;
  return (
    <>
      <svg
        className={classes["chart"]}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {test.firings.map((firing) => {
          const left = x(firing.time);
          const right = firing.until ? x(firing.until) : rule.kind === "new_template" ? left : WIDTH;
          return (
            <rect
              key={`${firing.time} ${firing.label}`}
              x={left}
              y={0}
              width={Math.max(3, right - left)}
              height={HEIGHT}
              className={classes["firing"]}
            />
          );
        })}
        <path d={pathOf(test.values, step, y)} className={classes["series"]} />
        {limit === undefined ? null : (
          <line x1={0} x2={WIDTH} y1={y(limit)} y2={y(limit)} className={classes["limit"]} />
        )}
      </svg>
      <div className={classes["axis"]}>
        <span>{formatMinute(test.start, zone)}</span>
        <span>at most {formatShort(Math.max(0, ...numbers))}</span>
        <span>{formatMinute(test.end, zone)}</span>
      </div>
    </>
  );
}

function limitOf(rule: WantedRule): number | undefined {
  if (rule.kind === "anomaly") return rule.condition?.min_score || undefined;
  if (rule.kind === "count" || rule.kind === "variable") {
    return rule.condition?.threshold ?? DEFAULTS.threshold;
  }
  return undefined;
}

function pathOf(values: (number | null)[], step: number, y: (value: number) => number): string {
  let path = "";
  values.forEach((value, index) => {
    if (value === null) return;
    const isFirst = index === 0 || values[index - 1] === null;
    const left = (index * step).toFixed(2);
    path += `${isFirst ? "M" : "L"}${left} ${y(value).toFixed(2)}`;
    path += `H${((index + 1) * step).toFixed(2)}`;
  });
  return path;
}
