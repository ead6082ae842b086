import { Title } from "@mantine/core";

import classes from "~/pages/upload/UploadList.module.css";
import { UploadRow } from "~/pages/upload/UploadRow";
import type { Upload } from "~/uploads/queue";

export function UploadList({ uploads }: { uploads: Upload[] }) {
  return (
    <section className={classes["root"]} aria-label="Uploads">
      <Title order={2} mb="xs">
        This session
      </Title>
      <ul className={classes["list"]}>
        {uploads.toReversed().map((upload) => (
          <UploadRow key={upload.id} upload={upload} />
        ))}
      </ul>
    </section>
  );
}
