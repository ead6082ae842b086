import { Button } from "@mantine/core";

import { Page } from "~/components/Page";
import { FilePicker } from "~/pages/upload/FilePicker";
import { StagedFiles } from "~/pages/upload/StagedFiles";
import { UploadList } from "~/pages/upload/UploadList";
import { useUploads } from "~/uploads/context";
import { isOver } from "~/uploads/queue";

export function UploadPage() {
  const { staged, uploads, clear } = useUploads();
  return (
    <Page
      title="Upload"
      lead="Files are streamed, unpacked and stored line by line; nothing is dropped."
      actions={
        uploads.some(isOver) ? (
          <Button variant="default" onClick={clear}>
            Clear finished
          </Button>
        ) : null
      }
    >
      {staged.length > 0 ? <StagedFiles files={staged} /> : <FilePicker />}
      {uploads.length > 0 ? <UploadList uploads={uploads} /> : null}
    </Page>
  );
}
