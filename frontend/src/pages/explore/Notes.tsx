import type { Note } from "~/api/types";
import classes from "~/pages/explore/Toolbar.module.css";

/** What the server wants to be known about a query that it did run. */
export function Notes({ notes }: { notes: Note[] }) {
  if (notes.length === 0) return null;
  return (
    <ul className={classes["notes"]} role="status">
      {notes.map((note) => (
        <li key={note.position}>{note.message}</li>
      ))}
    </ul>
  );
}
