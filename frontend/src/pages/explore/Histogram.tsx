import { Skeleton, useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";

import type { Histogram as HistogramData } from "~/api/types";
import { useZone } from "~/app/preferences";
import { formatCount } from "~/format/numbers";
import type { Range } from "~/format/range";
import { formatInstant } from "~/format/times";
import classes from "~/pages/explore/Histogram.module.css";
import { HistogramTip } from "~/pages/explore/HistogramTip";
import { plotOptions, presentLevels, stackedData } from "~/pages/explore/plot";
import { levelWord } from "~/text/levels";

interface Props {
  histogram: HistogramData | undefined;
  stale: boolean;
  onZoom: (range: Range) => void;
}

const HEIGHT = 112;

export function Histogram({ histogram, stale, onZoom }: Props) {
  if (!histogram) return <Skeleton height={HEIGHT} radius={0} className={classes["root"] ?? ""} />;
  if (histogram.total === 0) return null;
  return (
    <div className={classes["root"]} data-stale={stale}>
      <Plot histogram={histogram} onZoom={onZoom} />
      <Legend histogram={histogram} />
    </div>
  );
}

function Plot({ histogram, onZoom }: { histogram: HistogramData; onZoom: (range: Range) => void }) {
  const [zone] = useZone();
  const scheme = useComputedColorScheme("light");
  const { ref, width } = useElementSize<HTMLDivElement>();
  const host = useRef<HTMLDivElement>(null);
  const zoom = useRef(onZoom);
  const [point, setPoint] = useState<{ index: number; left: number } | null>(null);
  const levels = useMemo(() => presentLevels(histogram), [histogram]);
  useEffect(() => {
    zoom.current = onZoom;
  });

  useEffect(() => {
    if (!host.current || width === 0) return undefined;
    const style = getComputedStyle(document.documentElement);
    const plot = new uPlot(
      plotOptions({
        width,
        height: HEIGHT,
        histogram,
        levels,
        zone,
        colour: (name) => style.getPropertyValue(name).trim(),
        onBrush: ({ fromMs, toMs }) =>
          zoom.current({
            from: new Date(fromMs).toISOString(),
            to: new Date(toMs).toISOString(),
          }),
        onPoint: (index, left) => setPoint(index === null ? null : { index, left }),
      }),
      stackedData(histogram, levels),
      host.current,
    );
    return () => plot.destroy();
    // `scheme` is read through the style sheet: another one means other colours.
  }, [histogram, levels, width, zone, scheme]);

  return (
    <div ref={ref} className={classes["plot"]}>
      <div ref={host} role="img" aria-label={describe(histogram, zone)} />
      {point ? <HistogramTip histogram={histogram} point={point} width={width} /> : null}
    </div>
  );
}

function describe(histogram: HistogramData, zone: "utc" | "local"): string {
  const first = formatInstant(histogram.buckets[0]?.time ?? "", zone);
  const last = formatInstant(histogram.buckets.at(-1)?.time ?? "", zone);
  return `Records over time by level: ${formatCount(histogram.total)} from ${first} to ${last}. Drag to zoom; the time range button does the same.`;
}

function Legend({ histogram }: { histogram: HistogramData }) {
  return (
    <ul className={classes["legend"]} aria-label="Levels">
      {presentLevels(histogram)
        .toReversed()
        .map((level) => (
          <li key={level}>
            <i className={classes["swatch"]} data-level={level} aria-hidden />
            {levelWord(level)}
          </li>
        ))}
    </ul>
  );
}
