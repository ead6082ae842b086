import { Button, Modal, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { changesQuery, type Lesson } from "~/api/learning";
import { useUndo, type TemplateEdit } from "~/api/templates";
import { ProblemState } from "~/components/ProblemState";
import table from "~/components/Table.module.css";
import { TableSkeleton } from "~/components/TableSkeleton";
import { categoryOf } from "~/text/categories";
import { TemplateText } from "~/text/TemplateText";

interface LessonChangesProps {
  source: string;
  lesson: Lesson;
  onClose: () => void;
}

/** The patterns that a lesson changed, each with the way back. */
export function LessonChanges({ source, lesson, onClose }: LessonChangesProps) {
  const changes = useQuery(changesQuery(source, lesson.id));
  return (
    <Modal opened onClose={onClose} size="xl" title={`Changed by lesson ${lesson.number}`}>
      {changes.isPending ? <TableSkeleton rows={3} /> : null}
      {changes.isError ? (
        <ProblemState error={changes.error} onRetry={() => void changes.refetch()} />
      ) : null}
      {changes.data ? (
        <div className={table["frame"]}>
          <table className={table["table"]} aria-label="Changed patterns">
            <thead>
              <tr>
                <th>Pattern, as it was</th>
                <th>Variable</th>
                <th>From</th>
                <th>To</th>
                <th aria-label="Undo" />
              </tr>
            </thead>
            <tbody>
              {changes.data.results.map((edit) => (
                <ChangeRow key={edit.id} edit={edit} canUndo={lesson.in_force} />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {changes.data?.cursor ? (
        <Text size="xs" c="dimmed" mt="xs">
          The first {changes.data.results.length} are shown; each pattern's page has its own.
        </Text>
      ) : null}
    </Modal>
  );
}

function ChangeRow({ edit, canUndo }: { edit: TemplateEdit; canUndo: boolean }) {
  const undo = useUndo();
  const isUndone = edit.undone_at !== null;
  return (
    <tr>
      <td>
        <Link to="/templates/$source/$id" params={{ source: edit.source, id: edit.template }}>
          <TemplateText typedText={edit.text} />
        </Link>
      </td>
      <td>{edit.summary.replace(" corrected", "").replace("Variable ", "")}</td>
      <td>{categoryOf(edit.before).label}</td>
      <td>{categoryOf(edit.after).label}</td>
      <td className={table["right"]}>
        {canUndo ? (
          <Button
            size="compact-xs"
            variant="default"
            loading={undo.isPending}
            onClick={() => undo.mutate({ edit: edit.id, undo: !isUndone })}
          >
            {isUndone ? "Do it again" : "Undo"}
          </Button>
        ) : null}
        {undo.isError ? (
          <Text size="xs" c="red" role="alert">
            {undo.error.message}
          </Text>
        ) : null}
      </td>
    </tr>
  );
}
