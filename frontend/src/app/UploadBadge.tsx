import { Badge } from "@mantine/core";

import { useUploads } from "~/uploads/context";
import { isOver } from "~/uploads/queue";

/** How many uploads are still under way, on every page. */
export function UploadBadge() {
  const { uploads } = useUploads();
  const active = uploads.filter((upload) => !isOver(upload)).length;
  if (active === 0) return null;
  return (
    <Badge size="xs" circle aria-label={`${active} under way`}>
      {active}
    </Badge>
  );
}
