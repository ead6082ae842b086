import { Badge, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { changeDetector, detectorQuery, type Detector } from "~/api/anomalies";
import { useZone } from "~/app/preferences";
import { LinkButton } from "~/components/links";
import table from "~/components/Table.module.css";
import { formatCount } from "~/format/numbers";
import { formatInstant } from "~/format/times";
import { UnitRuleForm } from "~/pages/source/UnitRuleForm";
import { ruleText } from "~/text/unitRule";

type Change = Parameters<typeof changeDetector>[1];

/** What a source's anomalies are judged by: its unit rule, and the versions that were learnt. */
export function DetectorPanel({ source }: { source: string }) {
  const detector = useQuery(detectorQuery(source));
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (wanted: Change) => changeDetector(source, wanted),
    onSuccess: (found) => client.setQueryData(["detector", source], found),
  });
  if (!detector.data) return null;
  const { versions, state } = detector.data;
  return (
    <Stack gap="sm" mt="xl">
      <Group justify="space-between">
        <Title order={2}>Anomaly detection</Title>
        <Group gap="xs">
          <LinkButton variant="default" to="/anomalies" search={{ source }}>
            Anomalies
          </LinkButton>
          <Button
            variant="default"
            disabled={state === "training"}
            onClick={() => change.mutate({ action: "train" })}
          >
            {state === "training" ? "Learning" : "Learn now"}
          </Button>
        </Group>
      </Group>
      <Text size="sm" c="dimmed">
        {unitsSentence(detector.data)}
      </Text>
      <UnitRuleForm
        key={JSON.stringify(detector.data.rule)}
        rule={detector.data.rule}
        isBusy={change.isPending}
        onSave={(rule) => change.mutate({ action: "set_rule", rule })}
      />
      {change.isError ? (
        <Text role="alert" size="sm" c="red">
          {change.error.message}
        </Text>
      ) : null}
      {versions.length > 0 ? (
        <Versions
          detector={detector.data}
          isBusy={change.isPending}
          onChoose={(version) => change.mutate({ action: "roll_back", version })}
        />
      ) : null}
    </Stack>
  );
}

function unitsSentence({ versions, rule, note }: Detector): string {
  const active = versions.find((version) => version.is_active);
  const how = rule ? "as people chose" : "chosen by itself";
  if (!active) return note || "Nothing has been learnt yet.";
  return `A unit is ${ruleText(active.rule)}, ${how}. ${note ? `Last try: ${note}.` : ""}`;
}

interface VersionsProps {
  detector: Detector;
  isBusy: boolean;
  onChoose: (version: number) => void;
}

function Versions({ detector, isBusy, onChoose }: VersionsProps) {
  const [zone] = useZone();
  return (
    <div className={table["frame"]}>
      <table className={table["table"]} aria-label="Versions of the detector">
        <thead>
          <tr>
            <th className={table["right"]}>Version</th>
            <th>Learnt</th>
            <th className={table["right"]}>Units</th>
            <th>A unit is</th>
            <th className={table["right"]}>Alerts a day</th>
            <th className={table["right"]}>Seconds</th>
            <th>In force</th>
          </tr>
        </thead>
        <tbody>
          {detector.versions.map((version) => (
            <tr key={version.number}>
              <td className={`${table["right"]} num`}>{version.number}</td>
              <td className="when">{formatInstant(version.created, zone)}</td>
              <td className={`${table["right"]} num`}>
                {formatCount(version.units)}
                {version.is_warming_up ? <div className={table["faint"]}>warming up</div> : null}
              </td>
              <td>{ruleText(version.rule)}</td>
              <td className={`${table["right"]} num`}>
                {version.alerts_per_day.toFixed(1)}
                {version.is_within_budget ? null : (
                  <div className={table["faint"]}>over budget</div>
                )}
              </td>
              <td className={`${table["right"]} num`}>{version.seconds.toFixed(0)}</td>
              <td>
                {version.is_active ? (
                  <Badge variant="light">In force</Badge>
                ) : (
                  <Button
                    size="compact-sm"
                    variant="default"
                    disabled={isBusy}
                    onClick={() => onChoose(version.number)}
                  >
                    Use version {version.number}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
