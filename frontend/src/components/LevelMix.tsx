import type { LevelCounts } from "~/api/types";
import classes from "~/components/LevelMix.module.css";
import { formatCount } from "~/format/numbers";
import { LEVELS, levelWord, totalOf } from "~/text/levels";

/** A thin bar of the levels' shares. */
export function LevelMix({ counts }: { counts: LevelCounts }) {
  const total = totalOf(counts);
  const present = LEVELS.filter((level) => (counts[level] ?? 0) > 0).toReversed();
  const words = present.map((level) => `${levelWord(level)} ${formatCount(counts[level] ?? 0)}`);
  return (
    <svg
      className={classes["root"]}
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      role="img"
      aria-label={words.join(", ")}
    >
      <title>{words.join(", ")}</title>
      {present.map((level, index) => {
        const share = (of: typeof level) => ((counts[of] ?? 0) / total) * 100;
        const x = present.slice(0, index).reduce((sum, before) => sum + share(before), 0);
        return (
          <rect
            key={level}
            x={x}
            width={share(level)}
            height="8"
            className={classes["part"]}
            data-level={level}
          />
        );
      })}
    </svg>
  );
}
