import { Alert, Autocomplete, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState, type SubmitEvent } from "react";

import { api } from "~/api/client";
import { sourcesQuery } from "~/api/queries";
import { formatBytes, plural } from "~/format/numbers";
import classes from "~/pages/upload/StagedFiles.module.css";
import { useUploads } from "~/uploads/context";
import { sourceNameFor } from "~/uploads/queue";

const route = getRouteApi("/upload");
const SHOWN = 8;

/** Files that were dropped, and the one question before they go: to which source. */
export function StagedFiles({ files }: { files: File[] }) {
  const { start, unstage } = useUploads();
  const { source } = route.useSearch();
  const client = useQueryClient();
  const sources = useQuery(sourcesQuery);
  const [name, setName] = useState(source ?? sourceNameFor(files[0]?.name ?? ""));
  const names = (sources.data ?? []).map((item) => item.name);
  const wanted = name.trim();
  const isNew = wanted !== "" && sources.isSuccess && !names.includes(wanted);
  const send = useMutation({
    mutationFn: async () => {
      // Asked here: who is quick presses the button before the page knows the sources.
      const known = await client.query({ ...sourcesQuery, staleTime: "static" });
      if (!known.some((item) => item.name === wanted)) await api.post("/sources", { name: wanted });
    },
    onSuccess: () => {
      start(wanted);
      return client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    send.mutate();
  };
  const bytes = files.reduce((total, file) => total + file.size, 0);
  return (
    <form className={classes["root"]} onSubmit={submit}>
      <Stack gap="sm">
        <Title order={2}>
          {plural(files.length, "file")}, {formatBytes(bytes)}
        </Title>
        <ul className={classes["files"]}>
          {files.slice(0, SHOWN).map((file, index) => (
            <li key={index}>
              <span className={classes["name"]}>{file.name}</span>
              <span className="num">{formatBytes(file.size)}</span>
            </li>
          ))}
          {files.length > SHOWN ? <li>and {plural(files.length - SHOWN, "more file")}</li> : null}
        </ul>
        <Group align="flex-end" gap="sm">
          <Autocomplete
            label="Source"
            size="sm"
            w={300}
            data={names}
            value={name}
            onChange={setName}
            autoFocus
            selectFirstOptionOnChange={false}
            maxLength={100}
          />
          <Button type="submit" size="sm" loading={send.isPending} disabled={wanted === ""}>
            {isNew ? `Create ${wanted} and upload` : "Upload"}
          </Button>
          <Button variant="subtle" color="gray" size="sm" onClick={unstage}>
            Cancel
          </Button>
        </Group>
        <Text size="xs" c="dimmed">
          Files of one application belong in one source: they share patterns and compress together.
        </Text>
        {send.isError ? (
          <Alert color="red" variant="light" role="alert">
            {send.error.message}
          </Alert>
        ) : null}
      </Stack>
    </form>
  );
}
