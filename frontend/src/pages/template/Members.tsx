import { Button, Text, Title } from "@mantine/core";

import { useEdit, useUndo, type Story } from "~/api/templates";
import table from "~/components/Table.module.css";
import classes from "~/pages/template/Template.module.css";
import { TemplateText } from "~/text/TemplateText";

type Member = Story["members"][number];

/** What was merged into this template and by whom; the way back out. */
export function Members({ story }: { story: Story }) {
  if (story.members.length === 0) return null;
  return (
    <section className={classes["section"]} aria-label="Merged templates">
      <Title order={2} mb={8}>
        Merged into it
      </Title>
      <div className={table["frame"]}>
        <table className={table["table"]}>
          <thead>
            <tr>
              <th>Template</th>
              <th>Merged by</th>
              <th aria-label="Separate" />
            </tr>
          </thead>
          <tbody>
            {story.members.map((member) => (
              <tr key={member.id}>
                <td>
                  <TemplateText typedText={member.typed_text} />
                </td>
                <td>{member.by === "model" ? "the model" : member.by}</td>
                <td className={table["right"]}>
                  <Out story={story} member={member} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Out({ story, member }: { story: Story; member: Member }) {
  const separate = useEdit(story.source, member.id);
  const undo = useUndo();
  const merge = story.edits.find(
    (edit) => edit.undone_at === null && edit.templates.includes(member.id),
  );
  const error = separate.error ?? undo.error;
  const act = () =>
    member.separable
      ? separate.mutate({ kind: "separate" })
      : merge && undo.mutate({ edit: merge.id, undo: true });
  return (
    <>
      {error ? (
        <Text size="xs" c="red" role="alert">
          {error.message}
        </Text>
      ) : null}
      <Button
        size="compact-xs"
        variant="default"
        disabled={!member.separable && !merge}
        loading={separate.isPending || undo.isPending}
        onClick={act}
      >
        {member.separable ? "Separate" : "Undo the merge"}
      </Button>
    </>
  );
}
