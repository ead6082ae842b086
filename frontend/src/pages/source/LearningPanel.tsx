import { Badge, Button, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { learningQuery, useLearn, useLesson, type Learning, type Lesson } from "~/api/learning";
import { useZone } from "~/app/preferences";
import { LinkButton } from "~/components/links";
import table from "~/components/Table.module.css";
import { formatCount, plural } from "~/format/numbers";
import { formatInstant } from "~/format/times";
import { LessonChanges } from "~/pages/source/LessonChanges";

/** What people corrected in some templates, taken over to the others, and the way back. */
export function LearningPanel({ source }: { source: string }) {
  const learning = useQuery(learningQuery(source));
  const learn = useLearn(source);
  const change = useLesson();
  if (!learning.data) return null;
  const { job, corrections, lessons } = learning.data;
  const error = learn.error ?? change.error;
  return (
    <Stack gap="sm" mt="xl" component="section" aria-label="Learning from corrections">
      <Group justify="space-between">
        <Title order={2}>Learning from corrections</Title>
        <Group gap="xs">
          <LinkButton variant="default" to="/patterns" search={{ source }}>
            Correct patterns
          </LinkButton>
          <Button
            variant="default"
            disabled={job !== null || corrections === 0}
            loading={learn.isPending}
            onClick={() => learn.mutate()}
          >
            {job ? "Learning" : "Learn now"}
          </Button>
        </Group>
      </Group>
      <Text size="sm" c="dimmed">
        {sentence(learning.data)}
      </Text>
      {job ? (
        <Progress
          value={Math.max(3, job.progress * 100)}
          animated
          aria-label={job.state === "queued" ? "Waiting for a worker" : "Learning"}
        />
      ) : null}
      {error ? (
        <Text role="alert" size="sm" c="red">
          {error.message}
        </Text>
      ) : null}
      {lessons.length > 0 ? (
        <Lessons
          source={source}
          lessons={lessons}
          isBusy={change.isPending || job !== null}
          onChange={(lesson, undo) => change.mutate({ lesson, undo })}
        />
      ) : null}
    </Stack>
  );
}

function sentence({ corrections, since, begins_after, lessons }: Learning): string {
  if (corrections === 0) {
    return (
      "Say what a variable of a pattern means, and patterns that nobody touched can follow. " +
      "Nothing has been corrected yet."
    );
  }
  const left = Math.max(begins_after - since, 1);
  const later =
    since === 0 && lessons.length > 0
      ? "all of them learned from"
      : `${formatCount(since)} of them not learned from yet`;
  return (
    `${plural(corrections, "correction")}, ${later}. ` +
    `Begins by itself after ${formatCount(left)} more.`
  );
}

interface LessonsProps {
  source: string;
  lessons: Lesson[];
  isBusy: boolean;
  onChange: (lesson: number, undo: boolean) => void;
}

function Lessons({ source, lessons, isBusy, onChange }: LessonsProps) {
  const [zone] = useZone();
  const [shown, setShown] = useState<Lesson | null>(null);
  return (
    <div className={table["frame"]}>
      <table className={table["table"]} aria-label="Lessons">
        <thead>
          <tr>
            <th className={table["right"]}>Lesson</th>
            <th>Learned</th>
            <th>Begun by</th>
            <th className={table["right"]}>From corrected patterns</th>
            <th className={table["right"]}>Changed</th>
            <th>In force</th>
          </tr>
        </thead>
        <tbody>
          {lessons.map((lesson) => (
            <tr key={lesson.id}>
              <td className={`${table["right"]} num`}>{lesson.number}</td>
              <td className="when">{formatInstant(lesson.at, zone)}</td>
              <td>{lesson.by || "itself"}</td>
              <td className={`${table["right"]} num`}>{formatCount(lesson.templates)}</td>
              <td className={`${table["right"]} num`}>
                <Button
                  size="compact-sm"
                  variant="subtle"
                  disabled={lesson.changed === 0}
                  onClick={() => setShown(lesson)}
                >
                  {plural(lesson.changed, "pattern")}
                </Button>
              </td>
              <td>
                <Group gap="xs" wrap="nowrap">
                  {lesson.in_force ? <Badge variant="light">In force</Badge> : null}
                  <Button
                    size="compact-sm"
                    variant="default"
                    disabled={isBusy}
                    onClick={() => onChange(lesson.id, lesson.in_force)}
                  >
                    {lesson.in_force ? `Undo lesson ${lesson.number}` : `Use lesson ${lesson.number}`}
                  </Button>
                </Group>
                {lesson.ended_by ? (
                  <div className={table["faint"]}>undone by {lesson.ended_by}</div>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown ? (
        <LessonChanges source={source} lesson={shown} onClose={() => setShown(null)} />
      ) : null}
    </div>
  );
}
