import { Button, Text, Title } from "@mantine/core";

import { useUndo, type TemplateEdit } from "~/api/templates";
import { useZone } from "~/app/preferences";
import table from "~/components/Table.module.css";
import { formatMinute } from "~/format/times";
import classes from "~/pages/template/Template.module.css";
import { TemplateText } from "~/text/TemplateText";

/** What people did to the template, newest first, each with the way back. */
export function EditHistory({ edits }: { edits: TemplateEdit[] }) {
  return (
    <section className={classes["section"]} aria-label="History">
      <Title order={2} mb={8}>
        What people did
      </Title>
      {edits.length === 0 ? (
        <p className={classes["facts"]}>Nobody has changed it: it is as the model found it.</p>
      ) : (
        <div className={table["frame"]}>
          <table className={table["table"]}>
            <thead>
              <tr>
                <th>When</th>
                <th>Who</th>
                <th>What</th>
                <th aria-label="Undo" />
              </tr>
            </thead>
            <tbody>
              {edits.map((edit) => (
                <EditRow key={edit.id} edit={edit} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function EditRow({ edit }: { edit: TemplateEdit }) {
  const [zone] = useZone();
  const undo = useUndo();
  const isUndone = edit.undone_at !== null;
  return (
    <tr>
      <td className="when">{formatMinute(edit.at, zone)}</td>
      <td>{edit.by}</td>
      <td>
        <span className={isUndone ? classes["undone"] : undefined}>
          {edit.summary}
          {edit.before ? (
            <>
              {": "}
              <TemplateText typedText={edit.before} />
            </>
          ) : null}
          {edit.after ? (
            <>
              {edit.before ? " → " : ": "}
              <TemplateText typedText={edit.after} />
            </>
          ) : null}
        </span>
        {isUndone ? (
          <Text size="xs" c="dimmed">
            Undone by {edit.undone_by || "a person"} on {formatMinute(edit.undone_at ?? "", zone)}
          </Text>
        ) : null}
        {undo.isError ? (
          <Text size="xs" c="red" role="alert">
            {undo.error.message}
          </Text>
        ) : null}
      </td>
      <td className={table["right"]}>
        <Button
          size="compact-xs"
          variant="default"
          loading={undo.isPending}
          onClick={() => undo.mutate({ edit: edit.id, undo: !isUndone })}
        >
          {isUndone ? "Do it again" : "Undo"}
        </Button>
      </td>
    </tr>
  );
}
