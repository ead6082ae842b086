import { CopyAction } from "~/components/CopyAction";
import classes from "~/components/Snippet.module.css";

/** Text to paste into a terminal or a config file. */
export function Snippet({ text, label }: { text: string; label: string }) {
  return (
    <div className={classes["root"]}>
      <pre className={classes["text"]} tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <div className={classes["copy"]}>
        <CopyAction value={text} label="Copy" />
      </div>
    </div>
  );
}
