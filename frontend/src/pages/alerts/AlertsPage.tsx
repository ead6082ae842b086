import { SegmentedControl } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";

import { LinkButton } from "~/components/links";
import { Page } from "~/components/Page";
import { Channels } from "~/pages/alerts/Channels";
import { Deliveries } from "~/pages/alerts/Deliveries";
import { History } from "~/pages/alerts/History";
import { MaintenanceWindows } from "~/pages/alerts/MaintenanceWindows";
import { Rules } from "~/pages/alerts/Rules";

const route = getRouteApi("/alerts");
const TABS = [
  { value: "rules", label: "Rules" },
  { value: "history", label: "History" },
  { value: "channels", label: "Channels" },
  { value: "deliveries", label: "Deliveries" },
  { value: "maintenance", label: "Maintenance" },
];
const LEADS: Record<string, string> = {
  rules: "A saved search and a condition, judged each minute.",
  history: "What fired and recovered, also what nobody was told of.",
  channels: "Where alerts and reports go. Secrets are encrypted and never shown again.",
  deliveries: "Each message and every try to deliver it.",
  maintenance: "Times in which alerts are recorded and nobody is told.",
};

export function AlertsPage() {
  const { tab = "rules" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page
      title="Alerts"
      lead={LEADS[tab] ?? LEADS["rules"]}
      actions={
        <>
          <SegmentedControl
            data={TABS}
            value={tab}
            aria-label="What to show"
            onChange={(next) => void navigate({ search: next === "rules" ? {} : { tab: next } })}
          />
          <LinkButton
            to="/alerts/$id"
            params={{ id: "new" }}
            leftSection={<IconPlus size={14} aria-hidden />}
          >
            New alert
          </LinkButton>
        </>
      }
    >
      {tab === "history" ? <History /> : null}
      {tab === "channels" ? <Channels /> : null}
      {tab === "deliveries" ? <Deliveries /> : null}
      {tab === "maintenance" ? <MaintenanceWindows /> : null}
      {["history", "channels", "deliveries", "maintenance"].includes(tab) ? null : <Rules />}
    </Page>
  );
}
