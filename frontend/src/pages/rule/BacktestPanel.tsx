import { Skeleton, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api } from "~/api/client";
import type { Backtest, WantedRule } from "~/api/types";
import { useZone } from "~/app/preferences";
import { formatCount, plural } from "~/format/numbers";
import { formatMinute } from "~/format/times";
import { BacktestChart } from "~/pages/rule/BacktestChart";
import classes from "~/pages/rule/RuleForm.module.css";

const SETTLE_MS = 400;
const SHOWN = 20;

/** What the rule, as it is written now, would have done in the last seven days. */
export function BacktestPanel({ rule }: { rule: WantedRule }) {
  const [settled] = useDebouncedValue(rule, SETTLE_MS);
  // The name says nothing of when it fires.
  const body = { ...settled, name: "draft", channels: [] };
  const test = useQuery({
    queryKey: ["backtest", body],
    queryFn: () => api.post<Backtest>("/alerts/backtest", body),
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <section className={classes["panel"]} aria-label="Back-test" aria-busy={test.isFetching}>
      <Title order={2}>The last seven days</Title>
      {test.isPending ? <Skeleton height={170} mt="sm" /> : null}
      {test.isError ? (
        <Text size="sm" c="var(--lp-level-error)" mt="xs" role="alert">
          {test.error.message}
        </Text>
      ) : null}
      {test.data && !test.isError ? <Answer test={test.data} rule={rule} /> : null}
    </section>
  );
}

function verdict(test: Backtest): string {
  if (test.partial) return "This search takes too long to be tried; levels and patterns are fast.";
  if (test.fired === 0) return "Would not have fired.";
  const times = test.fired === 1 ? "once" : `${formatCount(test.fired)} times`;
  const told = test.told === test.fired ? "" : `, and told ${plural(test.told, "time")}`;
  return `Would have fired ${times}${told}.`;
}

function Answer({ test, rule }: { test: Backtest; rule: WantedRule }) {
  const [zone] = useZone();
  return (
    <>
      <Text size="sm" mt={4} fw={600} role="status">
        {verdict(test)}
      </Text>
      {test.partial ? null : <BacktestChart test={test} rule={rule} />}
      <ul className={classes["firings"]} tabIndex={0} aria-label="When it would have fired">
        {test.firings.slice(0, SHOWN).map((firing) => (
          <li key={`${firing.time} ${firing.label}`}>
            <span className="when">{formatMinute(firing.time, zone)}</span>
            <span>
              {firing.label || formatCount(firing.value)}
              {firing.told ? "" : " (in the cooldown)"}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
