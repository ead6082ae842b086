import { Button, CopyButton, Group } from "@mantine/core";
import { IconCopy, IconDownload, IconLink, IconListDetails } from "@tabler/icons-react";
import { useState } from "react";

import { API } from "~/api/client";
import type { Hit } from "~/api/types";
import { ContextLines } from "~/components/record/ContextLines";
import { FieldList } from "~/components/record/FieldList";
import classes from "~/components/record/RecordDetail.module.css";
import { VariableTable } from "~/components/record/VariableTable";
import { formatBytes } from "~/format/numbers";
import { LogText } from "~/text/LogText";

interface Props {
  hit: Hit;
  query: string;
  onInclude: (field: string, value: string) => void;
  onExclude: (field: string, value: string) => void;
  /** Whether the lines around are shown at once. */
  contextOpen?: boolean;
}

const FIRST_CHARS = 8_000;
// The API cuts a record at 64 KiB.
const MAX_CHARS = 65_536;

export function RecordDetail({ hit, query, onInclude, onExclude, contextOpen = false }: Props) {
  const [limit, setLimit] = useState(FIRST_CHARS);
  const [withContext, setWithContext] = useState(contextOpen);
  const link = `${window.location.origin}/records/${encodeURIComponent(hit.id)}`;
  return (
    <div className={classes["root"]} data-hit={hit.id}>
      <pre className={classes["raw"]} tabIndex={0} aria-label="The whole record">
        <LogText text={hit.raw} variables={hit.variables} limit={limit} multiline />
      </pre>
      <Group gap={6} className={classes["actions"] ?? ""}>
        {hit.raw.length > limit ? (
          <Button size="compact-xs" variant="default" onClick={() => setLimit(MAX_CHARS)}>
            Show all of it
          </Button>
        ) : null}
        {hit.truncated ? (
          <Button
            size="compact-xs"
            variant="default"
            component="a"
            href={`${API}/records/${encodeURIComponent(hit.id)}/raw`}
            leftSection={<IconDownload size={14} />}
          >
            Cut at 64 KiB; download all {formatBytes(hit.raw_bytes)}
          </Button>
        ) : null}
        <CopyLabel value={hit.raw} label="Copy record" icon={<IconCopy size={14} />} />
        <CopyLabel value={link} label="Copy link" icon={<IconLink size={14} />} />
        <CopyLabel value={JSON.stringify(hit, null, 2)} label="Copy JSON" icon={<IconCopy size={14} />} />
        <Button
          size="compact-xs"
          variant={withContext ? "light" : "default"}
          leftSection={<IconListDetails size={14} />}
          aria-expanded={withContext}
          onClick={() => setWithContext((shown) => !shown)}
        >
          Lines around it
        </Button>
      </Group>
      {withContext ? <ContextLines id={hit.id} /> : null}
      <div className={classes["columns"]}>
        <VariableTable hit={hit} query={query} onInclude={onInclude} onExclude={onExclude} />
        <FieldList hit={hit} onInclude={onInclude} onExclude={onExclude} />
      </div>
    </div>
  );
}

interface CopyLabelProps {
  value: string;
  label: string;
  icon: React.ReactNode;
}

function CopyLabel({ value, label, icon }: CopyLabelProps) {
  return (
    <CopyButton value={value} timeout={1500}>
      {({ copied, copy }) => (
        <Button size="compact-xs" variant="default" leftSection={icon} onClick={copy}>
          {copied ? "Copied" : label}
        </Button>
      )}
    </CopyButton>
  );
}
