import { Button, Group } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, type RefObject } from "react";

import { ApiError } from "~/api/client";
import { facetQuery, fieldsQuery } from "~/api/queries";
import { LinkAction } from "~/components/links";
import { RangePicker } from "~/components/RangePicker";
import { SourceSelect } from "~/components/SourceSelect";
import classes from "~/pages/explore/Toolbar.module.css";
import type { Explore } from "~/pages/explore/useExplore";
import { utf16Position, withoutField } from "~/query/clauses";
import { QueryBar, type QueryBarHandle } from "~/query/QueryBar";
import { QueryFault } from "~/query/QueryFault";

interface Props {
  explore: Explore;
  bar: RefObject<QueryBarHandle | null>;
  error: Error | null;
}

const SUGGESTED = 20;

export function Toolbar({ explore, bar, error }: Props) {
  const client = useQueryClient();
  const { query, scope } = explore;
  const suggestions = useMemo(
    () => ({
      values: async (field: string) => {
        const rest = { ...scope, q: withoutField(query, field) };
        return (await client.query(facetQuery(rest, field, SUGGESTED))).values;
      },
      // The fields of all records: a query that is half written must not hide any.
      fields: () => client.query(fieldsQuery({ ...scope, q: "" })),
    }),
    [client, query, scope],
  );
  const fault = faultOf(error, query);
  return (
    <div>
      <Group gap="xs" wrap="nowrap" align="stretch" className={classes["root"] ?? ""}>
        <SourceSelect
          value={explore.search.source}
          onChange={(source) => explore.set({ source, record: undefined })}
        />
        <QueryBar
          ref={bar}
          value={query}
          fault={fault}
          onSubmit={explore.run}
          suggestions={suggestions}
        />
        <RangePicker range={explore.range} onChange={explore.setRange} />
        <Button size="sm" onClick={() => explore.run(bar.current?.text() ?? query)}>
          Run
        </Button>
        <LinkAction
          to="/alerts/$id"
          params={{ id: "new" }}
          search={{ q: query || undefined, source: explore.search.source }}
          size={36}
          variant="default"
          aria-label="Alert on this search"
          title="Alert on this search"
        >
          <IconBell size={17} aria-hidden />
        </LinkAction>
      </Group>
      {fault ? <QueryFault query={query} {...fault} /> : null}
    </div>
  );
}

function faultOf(error: Error | null, query: string) {
  if (!(error instanceof ApiError)) return undefined;
  const { position, length = 1 } = error.problem;
  if (position === undefined) return undefined;
  return {
    from: utf16Position(query, position),
    to: utf16Position(query, position + length),
    message: error.message,
  };
}
