/** Quantities in a base unit as people read them: 0.0042 s -> "4.2 ms", 1,500,000 B -> "1.5 MB". */

interface Step {
  size: number;
  unit: string;
}

const STEPS: Record<string, Step[]> = {
  s: [
    { size: 86_400, unit: " d" },
    { size: 3_600, unit: " h" },
    { size: 60, unit: " min" },
    { size: 1, unit: " s" },
    { size: 1e-3, unit: " ms" },
    { size: 1e-6, unit: " µs" },
    { size: 1e-9, unit: " ns" },
  ],
  B: sizes(""),
  "B/s": sizes("/s"),
  "1": [{ size: 0.01, unit: " %" }],
  "": [
    { size: 1e12, unit: "T" },
    { size: 1e9, unit: "G" },
    { size: 1e6, unit: "M" },
    { size: 1e4, unit: "k" },
  ],
};

function sizes(per: string): Step[] {
  return ["TB", "GB", "MB", "kB", "B"].map((name, index) => ({
    size: 10 ** (12 - 3 * index),
    unit: ` ${name}${per}`,
  }));
}

export function formatQuantity(value: number, unit: string): string {
  const steps = STEPS[unit] ?? [];
  const least = steps.at(-1);
  const step = steps.find(({ size }) => Math.abs(value) >= size) ?? (unit === "" ? undefined : least);
  const number = step && step.unit !== "k" ? value / step.size : value;
  const scaled = step?.unit === "k" ? value / 1e3 : number;
  const text = Number(scaled.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 3 });
  return `${text}${value === 0 && unit === "s" ? " s" : (step?.unit ?? "")}`;
}
