import { Button, Progress } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { LinkButton } from "~/components/links";
import { formatBytes, formatShare, formatSpeed } from "~/format/numbers";
import { Sealing } from "~/pages/upload/Sealing";
import classes from "~/pages/upload/UploadList.module.css";
import { useUploads } from "~/uploads/context";
import { speedOf, type Upload } from "~/uploads/queue";

export function UploadRow({ upload }: { upload: Upload }) {
  const share = upload.bytes > 0 ? upload.sentBytes / upload.bytes : 0;
  return (
    <li className={classes["row"]}>
      <div>
        <div className={classes["file"]}>{upload.name}</div>
        <div className={classes["meta"]}>
          to{" "}
          <Link to="/sources/$name" params={{ name: upload.source }}>
            {upload.source}
          </Link>
        </div>
      </div>
      <div>
        <Progress
          value={upload.state === "accepted" ? 100 : share * 100}
          size="sm"
          color={upload.state === "failed" ? "red" : "indigo"}
          aria-label={`${upload.name} sent`}
        />
        <div className={`${classes["meta"]} num`}>{sentText(upload, share)}</div>
      </div>
      <UploadStatus upload={upload} />
      <UploadActions upload={upload} />
    </li>
  );
}

function sentText(upload: Upload, share: number): string {
  const size = formatBytes(upload.bytes);
  if (upload.state === "waiting") return `${size}, waiting`;
  const speed = formatSpeed(speedOf(upload));
  if (upload.state === "sending") return `${formatShare(share)} of ${size} · ${speed}`;
  return upload.state === "accepted" ? `${size} · ${speed}` : size;
}

function UploadStatus({ upload }: { upload: Upload }) {
  if (upload.state === "failed") {
    return (
      <div className={classes["error"]} role="alert">
        {upload.error}
      </div>
    );
  }
  if (upload.state === "accepted" && upload.result) return <Sealing result={upload.result} />;
  const text = upload.state === "sending" ? "sending" : upload.state;
  return <div className={classes["meta"]}>{text}</div>;
}

function UploadActions({ upload }: { upload: Upload }) {
  const { cancel, retry } = useUploads();
  const search = { source: upload.source };
  return (
    <div className={classes["actions"]}>
      {upload.state === "waiting" || upload.state === "sending" ? (
        <Button variant="subtle" color="gray" onClick={() => cancel(upload.id)}>
          Cancel
        </Button>
      ) : null}
      {upload.state === "failed" || upload.state === "cancelled" ? (
        <Button variant="default" onClick={() => retry(upload.id)}>
          Try again
        </Button>
      ) : null}
      {upload.state === "accepted" ? (
        <>
          <LinkButton variant="default" to="/patterns" search={search}>
            Patterns
          </LinkButton>
          <LinkButton variant="default" to="/explore" search={search}>
            Explore
          </LinkButton>
        </>
      ) : null}
    </div>
  );
}
