import { Button, Group, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { contextQuery } from "~/api/queries";
import classes from "~/components/record/ContextLines.module.css";
import { ProblemState } from "~/components/ProblemState";
import { RecordLine, RecordLines } from "~/components/record/RecordLine";

const STEP = 5;
const MOST = 200;

/** The records before and after one in the order in which its source sent them. */
export function ContextLines({ id }: { id: string }) {
  const [counts, setCounts] = useState({ before: STEP, after: STEP });
  const context = useQuery(contextQuery(id, counts.before, counts.after));
  if (context.isError) {
    return <ProblemState error={context.error} onRetry={() => void context.refetch()} />;
  }
  if (!context.data) return <Skeleton height={200} mt="sm" />;
  const { before, record, after } = context.data;
  const more = (side: "before" | "after") =>
    setCounts({ ...counts, [side]: Math.min(MOST, counts[side] + 2 * STEP) });
  return (
    <div className={classes["root"]}>
      <More
        label="Earlier"
        atEnd={before.length < counts.before || counts.before >= MOST}
        onMore={() => more("before")}
      />
      <RecordLines aria-label="Lines around the record">
        {[...before, record, ...after].map((hit) => (
          <RecordLine key={hit.id} hit={hit} current={hit.id === record.id} />
        ))}
      </RecordLines>
      <More
        label="Later"
        atEnd={after.length < counts.after || counts.after >= MOST}
        onMore={() => more("after")}
      />
    </div>
  );
}

interface MoreProps {
  label: string;
  atEnd: boolean;
  onMore: () => void;
}

function More({ label, atEnd, onMore }: MoreProps) {
  return (
    <Group gap="xs" px={8}>
      <Button size="compact-xs" variant="subtle" color="gray" disabled={atEnd} onClick={onMore}>
        {atEnd ? `${label}: no more` : `${label} lines`}
      </Button>
    </Group>
  );
}
