import { Loader } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";

import { batchQuery } from "~/api/queries";
import type { Batch, UploadResult } from "~/api/types";
import { plural } from "~/format/numbers";
import classes from "~/pages/upload/UploadList.module.css";

const POLL_MS = 1_000;
const isSettled = (batch: Batch | undefined) =>
  batch?.state === "sealed" || batch?.state === "failed";

/** What happens to accepted batches: they are on disk and searchable, then sealed into segments. */
export function Sealing({ result }: { result: UploadResult }) {
  const batches = useQueries({
    queries: result.batches.map((id) => ({
      ...batchQuery(id),
      refetchInterval: (query: { state: { data?: Batch | undefined } }) =>
        isSettled(query.state.data) ? false : POLL_MS,
    })),
  });
  const failed = batches.find((batch) => batch.data?.state === "failed");
  const sealed = batches.filter((batch) => batch.data?.state === "sealed").length;
  const lines = plural(result.lines, "line");
  if (failed) {
    return (
      <div className={`${classes["state"]} ${classes["error"]}`} role="alert">
        <IconAlertTriangle size={16} aria-hidden />
        {failed.data?.error || "Sealing failed; the lines are kept and searchable"}
      </div>
    );
  }
  if (result.duplicate) {
    return (
      <div className={`${classes["state"]} ${classes["meta"]}`}>
        This file is here already: {lines}, nothing stored twice
      </div>
    );
  }
  if (sealed === batches.length) {
    return (
      <div className={`${classes["state"]} ${classes["good"]}`}>
        <IconCircleCheck size={16} aria-hidden />
        {lines} stored and compressed
      </div>
    );
  }
  return (
    <div className={`${classes["state"]} ${classes["meta"]}`} role="status">
      <Loader size={14} aria-hidden />
      {lines} on disk, sealing {sealed} of {batches.length}
    </div>
  );
}
