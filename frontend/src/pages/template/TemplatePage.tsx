import { Alert, Badge, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";

import { storyQuery, useEdit, useUndo, type Story } from "~/api/templates";
import { useZone } from "~/app/preferences";
import { LinkButton } from "~/components/links";
import { Page } from "~/components/Page";
import { ProblemState } from "~/components/ProblemState";
import { TableSkeleton } from "~/components/TableSkeleton";
import { plural } from "~/format/numbers";
import { formatMinute } from "~/format/times";
import { EditableTemplate } from "~/pages/template/EditableTemplate";
import { EditHistory } from "~/pages/template/EditHistory";
import { Members } from "~/pages/template/Members";
import { RenameTemplate } from "~/pages/template/RenameTemplate";
import { Structures } from "~/pages/template/Structures";
import classes from "~/pages/template/Template.module.css";
import { VariablePlots } from "~/pages/template/VariablePlots";
import { VariableTable } from "~/pages/template/VariableTable";

const route = getRouteApi("/templates/$source/$id");

export function TemplatePage() {
  const { source, id } = route.useParams();
  const story = useQuery(storyQuery(source, id));
  return (
    <Page
      title={story.data?.name || "Template"}
      lead={`A pattern of ${source}, why it is as it is, and what you can correct`}
      actions={story.data ? <Actions story={story.data} /> : null}
    >
      {story.isPending ? <TableSkeleton rows={6} /> : null}
      {story.isError ? (
        <ProblemState error={story.error} onRetry={() => void story.refetch()} />
      ) : null}
      {story.data ? <Sections story={story.data} /> : null}
    </Page>
  );
}

function Actions({ story }: { story: Story }) {
  const edit = useEdit(story.source, story.id);
  const undo = useUndo();
  const pin = story.edits.find((one) => one.kind === "pin" && one.undone_at === null);
  const toggle = () =>
    pin ? undo.mutate({ edit: pin.id, undo: true }) : edit.mutate({ kind: "pin" });
  return (
    <>
      <RenameTemplate story={story} />
      <Button
        variant="default"
        loading={edit.isPending || undo.isPending}
        disabled={story.became !== ""}
        onClick={toggle}
        title="Keep it as it is, whatever later lines look like, and list it first"
      >
        {pin ? "Unpin" : "Pin"}
      </Button>
      <LinkButton to="/explore" search={{ q: `template:${story.id}`, source: story.source }}>
        Find its records
      </LinkButton>
    </>
  );
}

function Sections({ story }: { story: Story }) {
  const [zone] = useZone();
  return (
    <>
      {story.became ? (
        <Alert color="gray" mb="md" title="This template has become another one">
          <LinkButton
            variant="default"
            size="xs"
            to="/templates/$source/$id"
            params={{ source: story.source, id: story.became }}
          >
            Show what it became
          </LinkButton>
        </Alert>
      ) : null}
      <EditableTemplate story={story} />
      <p className={classes["facts"]}>
        {story.pinned ? (
          <Badge variant="light" size="sm" mr={8}>
            pinned
          </Badge>
        ) : null}
        {plural(story.records, "record")}, {plural(story.structures_total, "structure")}, first seen{" "}
        {formatMinute(story.first_seen, zone)}. Its id is <code>{story.id}</code>.
      </p>
      <VariablePlots story={story} />
      <VariableTable story={story} />
      <Members story={story} />
      <Structures story={story} />
      <EditHistory edits={story.edits} />
    </>
  );
}
