import { ActionIcon, Button, Loader, Menu, SegmentedControl, Tooltip } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconCheck, IconSortAscending, IconSortDescending } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";

import { useRowView, useZone, type RowView } from "~/app/preferences";
import { formatBytes, formatCount, plural } from "~/format/numbers";
import { formatDuration } from "~/format/times";
import type { HitPages } from "~/pages/explore/hitPages";
import classes from "~/pages/explore/StatusLine.module.css";
import type { Explore } from "~/pages/explore/useExplore";

interface Props {
  explore: Explore;
  search: HitPages;
  total: number | undefined;
}

/** What was found at what cost, and how to look at it. */
export function StatusLine({ explore, search, total }: Props) {
  const [zone, setZone] = useZone();
  const ascending = explore.order === "asc";
  return (
    <div className={classes["root"]}>
      <div className={classes["facts"]} role="status">
        <Found search={search} total={total} />
      </div>
      <div className={classes["controls"]}>
        <Tooltip label={ascending ? "Oldest first" : "Newest first"}>
          <ActionIcon
            aria-label={ascending ? "Oldest first; show newest first" : "Newest first; show oldest first"}
            onClick={() => explore.set({ order: ascending ? undefined : "asc" })}
          >
            {ascending ? <IconSortAscending size={16} /> : <IconSortDescending size={16} />}
          </ActionIcon>
        </Tooltip>
        <SegmentedControl
          aria-label="Time zone"
          data={[
            { value: "utc", label: "UTC" },
            { value: "local", label: "Local" },
          ]}
          value={zone}
          onChange={(next) => setZone(next)}
        />
        <RowMenu />
      </div>
    </div>
  );
}

function Found({ search, total }: { search: HitPages; total: number | undefined }) {
  const client = useQueryClient();
  if (search.isFetching && !search.isFetchingNextPage) {
    return (
      <>
        <Loader size={13} aria-hidden />
        <span>Searching…</span>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => void client.cancelQueries({ queryKey: ["search"] })}
        >
          Stop
        </Button>
      </>
    );
  }
  const stats = search.data?.pages[0]?.stats;
  if (!stats) return null;
  return (
    <>
      {total === undefined ? null : (
        <strong className="num">
          {plural(total, "record")}
        </strong>
      )}
      <span className="num">
        read {formatCount(stats.blocks_read)} of {plural(stats.blocks_total, "block")},{" "}
        {formatBytes(stats.bytes_total)} raw, in {formatDuration(stats.elapsed_ms)}
      </span>
      {stats.partial ? (
        <span className={classes["partial"]}>Partial: the search stopped at its time limit</span>
      ) : null}
    </>
  );
}

const CHOICES: { key: keyof RowView; label: string }[] = [
  { key: "wrap", label: "Wrap long lines" },
  { key: "raw", label: "Whole raw line" },
  { key: "marks", label: "Colour the variables" },
];

function RowMenu() {
  const [view, setView] = useRowView();
  return (
    <Menu position="bottom-end" closeOnItemClick={false}>
      <Menu.Target>
        <ActionIcon aria-label="How rows look">
          <IconAdjustmentsHorizontal size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {CHOICES.map(({ key, label }) => (
          <Menu.Item
            key={key}
            role="menuitemcheckbox"
            aria-checked={view[key]}
            rightSection={view[key] ? <IconCheck size={14} aria-hidden /> : null}
            onClick={() => setView({ ...view, [key]: !view[key] })}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
