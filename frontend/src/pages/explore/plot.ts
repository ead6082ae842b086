/** The histogram's data and drawing, without React. */

import uPlot from "uplot";

import type { Histogram, LevelName } from "~/api/types";
import { formatShort } from "~/format/numbers";
import { formatTick, type Zone } from "~/format/times";
import { LEVELS } from "~/text/levels";

/** Levels that occur, calm ones first. */
export function presentLevels(histogram: Histogram): LevelName[] {
  return LEVELS.filter((level) => histogram.buckets.some((b) => (b.counts[level] ?? 0) > 0));
}

/** uPlot has no stacks: series are running sums, the highest drawn first and covered by the rest. */
export function stackedData(histogram: Histogram, levels: LevelName[]): uPlot.AlignedData {
  const times = histogram.buckets.map((bucket) => Date.parse(bucket.time));
  const running = times.map(() => 0);
  const sums = levels.map((level) =>
    histogram.buckets.map((bucket, index) => {
      running[index] = (running[index] ?? 0) + (bucket.counts[level] ?? 0);
      return running[index];
    }),
  );
  return [times, ...sums.toReversed()];
}

export interface Brush {
  fromMs: number;
  toMs: number;
}

interface PlotOptions {
  width: number;
  height: number;
  histogram: Histogram;
  levels: LevelName[];
  zone: Zone;
  colour: (name: string) => string;
  onBrush: (brush: Brush) => void;
  onPoint: (index: number | null, left: number) => void;
}

/** A brush widened to whole buckets: half a bar selected means the bar. */
export function snapBrush(brush: Brush, startMs: number, stepMs: number): Brush {
  const down = Math.floor((brush.fromMs - startMs) / stepMs) * stepMs + startMs;
  const up = Math.ceil((brush.toMs - startMs) / stepMs) * stepMs + startMs;
  return { fromMs: Math.max(startMs, down), toMs: up };
}

export function extentOf(histogram: Histogram): { startMs: number; endMs: number; stepMs: number } {
  const stepMs = histogram.step_s * 1000;
  const first = Date.parse(histogram.buckets[0]?.time ?? "");
  const last = Date.parse(histogram.buckets.at(-1)?.time ?? "");
  return { startMs: first, endMs: last + stepMs, stepMs };
}

// A click is no brush.
const MIN_BRUSH_PX = 4;

export function plotOptions(options: PlotOptions): uPlot.Options {
  const { histogram, levels, zone, colour } = options;
  const { startMs, endMs, stepMs } = extentOf(histogram);
  const axis = { stroke: colour("--lp-faint"), font: "11px Inter Variable, sans-serif" };
  const grid = { stroke: colour("--lp-border"), width: 1 };
  return {
    width: options.width,
    height: options.height,
    ms: 1,
    padding: [6, 14, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: true, range: [startMs, endMs] },
      y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.06)] },
    },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    axes: [
      {
        ...axis,
        size: 24,
        grid: { show: false },
        ticks: { ...grid, size: 4 },
        space: 110,
        values: (_plot, ticks) => ticks.map((tick) => formatTick(tick, endMs - startMs, zone)),
      },
      {
        ...axis,
        size: 46,
        grid,
        ticks: { show: false },
        space: 26,
        values: (_plot, ticks) => ticks.map((t) => (Number.isInteger(t) ? formatShort(t) : "")),
      },
    ],
    series: [
      {},
      ...levels.toReversed().map((level) => ({
        label: level,
        fill: colour(`--lp-bar-${level}`),
        width: 0,
        points: { show: false },
        ...barPaths(),
      })),
    ],
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < MIN_BRUSH_PX) return;
          const fromMs = plot.posToVal(left, "x");
          const toMs = plot.posToVal(left + width, "x");
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          options.onBrush(snapBrush({ fromMs, toMs }, startMs, stepMs));
        },
      ],
      setCursor: [
        (plot) => {
          const left = plot.cursor.left ?? -1;
          const index = Math.floor((plot.posToVal(left, "x") - startMs) / stepMs);
          options.onPoint(left < 0 ? null : index, left + plot.over.offsetLeft);
        },
      ],
    },
  };
}

function barPaths(): Pick<uPlot.Series, "paths"> {
  const paths = uPlot.paths.bars?.({ size: [0.88, 90], align: 1 });
  return paths ? { paths } : {};
}
