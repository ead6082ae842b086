import { Text } from "@mantine/core";

import type { TriageStatus, TriageTask } from "~/api/triage";
import classes from "~/pages/triage/Triage.module.css";

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const RUNG_WORDS: Record<string, string> = {
  tfidf: "words",
  embedding: "sentence vectors",
  encoder: "fine-tuned encoder",
};

/** How right the small model is: by version on unseen patterns, by day against verdicts. */
export function Accuracy({ status, task }: { status: TriageStatus; task: TriageTask }) {
  const newest = status.versions.at(-1);
  if (!newest) {
    return (
      <Text size="sm" c="dimmed">
        None yet: no labels are shipped, it learns from verdicts.
        {task.missing ? ` Needs ${task.missing}.` : " It is trained in a moment."}
      </Text>
    );
  }
  const tried = Object.entries(newest.tried);
  return (
    <>
      <Text size="sm" c="dimmed">
        Share right on judged patterns that it had not seen, by version.
      </Text>
      <Line
        points={status.versions.map((version) => ({
          name: `version ${version.number}`,
          share: version.accuracy,
        }))}
      />
      <dl className={classes["facts"]}>
        <dt>Version {newest.number}, examples</dt>
        <dd className="num">{newest.examples}</dd>
        <dt>Right on unseen</dt>
        <dd className="num">{percent(newest.accuracy)}</dd>
        <dt>Right on {newest.sampled} drawn at random</dt>
        <dd className="num">
          {newest.sample_accuracy === null ? "–" : percent(newest.sample_accuracy)}
        </dd>
        <dt>Right among what it answers</dt>
        <dd className="num">
          {newest.answered_accuracy === null ? "–" : percent(newest.answered_accuracy)}
        </dd>
        <dt>{status.language_model ? "Share routed" : "Share left to a person"}</dt>
        <dd className="num">
          {newest.routed === null ? "all: target out of reach" : percent(newest.routed)}
        </dd>
        {tried.length > 1
          ? tried.map(([rung, share]) => (
              <Tried key={rung} name={rung} share={share} chosen={rung === newest.rung} />
            ))
          : null}
      </dl>
      {Object.entries(newest.passed_over).map(([rung, why]) => (
        <Text key={rung} size="sm" c="dimmed" mt={4}>
          Not tried, {RUNG_WORDS[rung] ?? rung}: {why}.
        </Text>
      ))}
      <Text size="sm" c="dimmed" mt={4}>
        {newest.is_sampled
          ? "Its threshold comes from the random sample alone."
          : "Its threshold comes from all verdicts, the hard ones of the queue among them; from the random sample alone once that has 40."}
      </Text>
      <ByDay status={status} />
    </>
  );
}

function Tried({ name, share, chosen }: { name: string; share: number; chosen: boolean }) {
  return (
    <>
      <dt>
        {RUNG_WORDS[name] ?? name}
        {chosen ? " (chosen)" : ""}
      </dt>
      <dd className="num">{percent(share)}</dd>
    </>
  );
}

function ByDay({ status }: { status: TriageStatus }) {
  const days = status.agreement.filter((day) => day.small_said > 0);
  if (days.length === 0) return null;
  const points = days.map((day) => ({ name: day.day, share: day.small_right / day.small_said }));
  const newest = days.at(-1);
  return (
    <>
      <Text size="sm" c="dimmed" mt="md">
        Verdicts that agreed with it, by day: mostly the patterns that it was unsure of.
      </Text>
      <Line points={points} />
      {newest ? (
        <Text size="sm" className="num">
          {newest.day}: {newest.small_right} of {newest.small_said}
        </Text>
      ) : null}
    </>
  );
}

interface Point {
  name: string;
  share: number;
}

/** A line from 0 to 1; the newest numbers stand beside it. */
function Line({ points }: { points: Point[] }) {
  const step = points.length > 1 ? 100 / (points.length - 1) : 100;
  const shown = points.length > 1 ? points : [...points, ...points];
  const places = shown.map(({ share }, index) => `${index * step},${100 - share * 100}`);
  const said = points.map(({ name, share }) => `${name}: ${percent(share)}`);
  const [first, last] = [points.at(0), points.at(-1)];
  return (
    <figure className={classes["figure"]}>
      <div className={classes["plot"]}>
        <svg
          className={classes["chart"]}
          viewBox="0 -4 100 108"
          preserveAspectRatio="none"
          role="img"
          aria-label={`Accuracy, ${said.slice(-5).join(", ")}`}
        >
          {[0, 50, 100].map((y) => (
            <line key={y} x1="0" x2="100" y1={y} y2={y} />
          ))}
          <polyline points={places.join(" ")} />
        </svg>
        <div className={classes["scale"]} aria-hidden>
          <span>100 %</span>
          <span>50 %</span>
          <span>0 %</span>
        </div>
      </div>
      <figcaption className={classes["ends"]}>
        <span>{points.length > 1 ? first?.name : ""}</span>
        <span>{last ? `${last.name}: ${percent(last.share)}` : ""}</span>
      </figcaption>
    </figure>
  );
}
