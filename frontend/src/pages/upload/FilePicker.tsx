import { Button, FileButton, Text } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";

import classes from "~/pages/upload/FilePicker.module.css";
import { useUploads } from "~/uploads/context";

export function FilePicker() {
  const { stage } = useUploads();
  return (
    <div className={classes["root"]}>
      <IconFileUpload size={30} stroke={1.4} aria-hidden className={classes["sign"]} />
      <Text fw={600}>Drop log files anywhere</Text>
      <Text size="sm" c="dimmed" maw={460}>
        Plain text, JSON lines, gzip, zstd, bzip2 or xz, any size. Timestamps, levels and multi-line
        records are found from the first lines.
      </Text>
      <FileButton onChange={stage} multiple>
        {(props) => <Button {...props}>Choose files</Button>}
      </FileButton>
    </div>
  );
}
