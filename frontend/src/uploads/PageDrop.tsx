import { Text } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { useUploads } from "~/uploads/context";
import classes from "~/uploads/PageDrop.module.css";

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** Files may be dropped on any page; they wait on the upload page for a source. */
export function PageDrop() {
  const { stage } = useUploads();
  const navigate = useNavigate();
  const [over, setOver] = useState(false);
  // Every element below the pointer sends its own enter and leave.
  const depth = useRef(0);

  useEffect(() => {
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth.current += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth.current -= 1;
      if (depth.current <= 0) setOver(false);
    };
    const hover = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth.current = 0;
      setOver(false);
      stage([...(event.dataTransfer?.files ?? [])]);
      const source = new URLSearchParams(window.location.search).get("source");
      void navigate({ to: "/upload", search: source ? { source } : {} });
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("dragover", hover);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("dragover", hover);
      window.removeEventListener("drop", drop);
    };
  }, [stage, navigate]);

  if (!over) return null;
  return (
    <div className={classes["cover"]}>
      <div className={classes["target"]}>
        <IconFileUpload size={32} stroke={1.5} aria-hidden />
        <Text fw={600}>Drop log files to upload</Text>
        <Text size="sm" c="dimmed">
          Plain, gzip, zstd, bzip2 or xz, any size
        </Text>
      </div>
    </div>
  );
}
