import type { Histogram } from "~/api/types";
import { useZone } from "~/app/preferences";
import { formatCount } from "~/format/numbers";
import { formatDuration, formatInstant } from "~/format/times";
import classes from "~/pages/explore/Histogram.module.css";
import { LEVELS, levelWord, totalOf } from "~/text/levels";

interface Props {
  histogram: Histogram;
  point: { index: number; left: number };
  width: number;
}

const TIP_PX = 210;

export function HistogramTip({ histogram, point, width }: Props) {
  const [zone] = useZone();
  const bucket = histogram.buckets[point.index];
  if (!bucket) return null;
  const left = Math.min(point.left + 14, width - TIP_PX);
  const present = LEVELS.filter((level) => (bucket.counts[level] ?? 0) > 0).toReversed();
  return (
    <div className={classes["tip"]} style={{ left }} aria-hidden>
      <div className="num">{formatInstant(bucket.time, zone)}</div>
      <div className={classes["tipTotal"]}>
        {formatCount(totalOf(bucket.counts))} in {formatDuration(histogram.step_s * 1000)}
      </div>
      {present.map((level) => (
        <div key={level} className={classes["tipRow"]}>
          <i className={classes["swatch"]} data-level={level} />
          <span>{levelWord(level)}</span>
          <span className="num">{formatCount(bucket.counts[level] ?? 0)}</span>
        </div>
      ))}
    </div>
  );
}
