import { Alert, Button, Group } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { changeDetector, detectorQuery, type Detector } from "~/api/anomalies";
import { useZone } from "~/app/preferences";
import { LinkButton } from "~/components/links";
import { formatCount } from "~/format/numbers";
import { formatInstant } from "~/format/times";
import { ruleText } from "~/text/unitRule";

const TITLES: Record<Detector["state"], string> = {
  waiting: "Not learnt yet",
  training: "Learning",
  warming_up: "Warming up: only what is new is reported",
  ready: "All detectors are in force",
};

/** How far the detection of a source is, and what can be done about it. */
export function DetectorState({ source }: { source: string }) {
  const detector = useQuery(detectorQuery(source));
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (wanted: Parameters<typeof changeDetector>[1]) => changeDetector(source, wanted),
    onSuccess: (found) => client.setQueryData(["detector", source], found),
  });
  const [zone] = useZone();
  if (!detector.data) return null;
  const { state, versions } = detector.data;
  const active = versions.find((version) => version.is_active);
  const earlier = versions.find(
    (version) => version.is_within_budget && active && version.number < active.number,
  );
  return (
    <Alert
      variant="light"
      color={state === "ready" ? "indigo" : "gray"}
      title={TITLES[state]}
      mb="md"
    >
      <Group justify="space-between" align="flex-end">
        <div>
          {describe(detector.data)}
          {active ? (
            <div>
              Version {active.number} of {formatInstant(active.created, zone)}; a unit is{" "}
              {ruleText(active.rule)}.
            </div>
          ) : null}
          {change.isError ? <div role="alert">{change.error.message}</div> : null}
        </div>
        <Group gap="xs">
          <LinkButton size="compact-sm" variant="default" to="/sources/$name" params={{ name: source }}>
            Units and versions
          </LinkButton>
          {earlier ? (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => change.mutate({ action: "roll_back", version: earlier.number })}
            >
              Back to version {earlier.number}
            </Button>
          ) : null}
          <Button
            size="compact-sm"
            variant="default"
            loading={change.isPending}
            disabled={state === "training"}
            onClick={() => change.mutate({ action: "train" })}
          >
            Learn now
          </Button>
        </Group>
      </Group>
    </Alert>
  );
}

function describe(detector: Detector): string {
  const scored = `${formatCount(detector.scored_records)} of ${formatCount(detector.records)} records judged.`;
  if (detector.state === "waiting") {
    const needed = formatCount(detector.needed_records);
    return `${formatCount(detector.records)} records so far, ${needed} needed. ${detector.note}`;
  }
  if (detector.state === "warming_up") {
    const needed = formatCount(detector.needed_units);
    return `${formatCount(detector.units)} units learnt, ${needed} needed for all detectors. ${scored}`;
  }
  return `${formatCount(detector.units)} units learnt. ${scored}`;
}
