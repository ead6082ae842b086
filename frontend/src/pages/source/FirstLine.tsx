import { Group, Loader, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";

import type { Source } from "~/api/types";
import { plural } from "~/format/numbers";
import classes from "~/pages/source/FirstLine.module.css";

/** Tells someone who just pasted a snippet whether it works, without a reload. */
export function FirstLine({ source }: { source: Source }) {
  const arrived = source.lines > 0;
  return (
    <div className={classes["root"]} data-arrived={arrived} role="status">
      <Group gap="sm" wrap="nowrap">
        {arrived ? (
          <IconCircleCheck size={18} aria-hidden />
        ) : (
          <Loader size={16} type="dots" aria-hidden />
        )}
        <Text size="sm" fw={550} className={classes["text"] ?? ""}>
          {arrived
            ? `${plural(source.lines, "line")} received and on disk`
            : "Waiting for the first line… this turns green by itself"}
        </Text>
      </Group>
    </div>
  );
}
