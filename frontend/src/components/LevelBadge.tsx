import type { LevelName } from "~/api/types";
import classes from "~/components/LevelBadge.module.css";
import { levelLabel } from "~/text/levels";

export function LevelBadge({ level }: { level: LevelName }) {
  return (
    <span className={classes["root"]} data-level={level}>
      {levelLabel(level)}
    </span>
  );
}
