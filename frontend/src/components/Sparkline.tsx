import classes from "~/components/Sparkline.module.css";
import { formatCount } from "~/format/numbers";

const WIDTH = 120;
const HEIGHT = 22;

/** Counts over time as small bars; a bucket with anything in it shows at least a line. */
export function Sparkline({ counts }: { counts: number[] }) {
  const highest = Math.max(1, ...counts);
  const step = WIDTH / Math.max(1, counts.length);
  const label = `Over time, at most ${formatCount(highest)} a bucket`;
  return (
    <svg className={classes["root"]} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className={classes["base"]} />
      {counts.map((count, index) => {
        if (count === 0) return null;
        const height = Math.max(1.5, (count / highest) * (HEIGHT - 1));
        return (
          <rect
            key={index}
            x={index * step}
            y={HEIGHT - 0.5 - height}
            width={Math.max(1, step - 0.6)}
            height={height}
            className={classes["bar"]}
          />
        );
      })}
    </svg>
  );
}
