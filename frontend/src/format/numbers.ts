/** Counts, bytes, shares and speeds as people read them. Bytes are decimal: 1 kB is 1,000 B. */

const grouped = new Intl.NumberFormat("en-US");

export function formatCount(value: number): string {
  return grouped.format(value);
}

const SHORT = [
  { size: 1e9, unit: "B" },
  { size: 1e6, unit: "M" },
  { size: 1e3, unit: "k" },
];

/** 999 -> "999", 12,345 -> "12.3k": for places too narrow for the exact count. */
export function formatShort(value: number): string {
  return (scaled(value, SHORT) ?? String(Math.round(value))).replace(".0", "");
}

const BYTES = [
  { size: 1e12, unit: " TB" },
  { size: 1e9, unit: " GB" },
  { size: 1e6, unit: " MB" },
  { size: 1e3, unit: " kB" },
];

export function formatBytes(value: number): string {
  return scaled(value, BYTES) ?? `${Math.round(value)} B`;
}

export function formatSpeed(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

function scaled(value: number, steps: { size: number; unit: string }[]): string | undefined {
  // 999,950 would round to "1000.0k": it belongs to the step above.
  const step = steps.find(({ size }) => value >= size * 0.99995);
  if (!step) return undefined;
  const scaledValue = value / step.size;
  return `${scaledValue.toFixed(scaledValue >= 99.95 ? 0 : 1)}${step.unit}`;
}

/** How many times smaller what is stored is, or a dash while nothing is. */
export function formatRatio(raw: number, stored: number): string {
  return raw > 0 && stored > 0 ? `${(raw / stored).toFixed(1)}×` : "–";
}

/** A share of one as per cent; what exists never reads as 0 %, nor what is missing as 100 %. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent <= 0) return "0 %";
  if (percent < 0.1) return "<0.1 %";
  if (percent < 100 && percent > 99.9) return ">99.9 %";
  return `${percent.toFixed(percent < 99.95 ? 1 : 0)} %`;
}

export function plural(count: number, singular: string, many = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : many}`;
}
