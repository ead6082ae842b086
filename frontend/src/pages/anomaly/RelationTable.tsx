import { Button } from "@mantine/core";
import { useState } from "react";

import type { GraphLink, GraphNode } from "~/api/anomalies";
import table from "~/components/Table.module.css";

interface Props {
  nodes: GraphNode[];
  links: GraphLink[];
}

const FIRST = 8;
const STATES: Record<GraphLink["state"], string> = {
  usual: "usual",
  wrong: "wrong",
  missing: "expected, missing",
};

/** The graph in words, worst relation first: for keyboards, screen readers and copying. */
export function RelationTable({ nodes, links }: Props) {
  const [shown, setShown] = useState(FIRST);
  const labels = new Map(nodes.map((node) => [node.id, node.label]));
  const rank = (link: GraphLink) => link.score + (link.state === "usual" ? 0 : 1);
  const sorted = [...links].sort((a, b) => rank(b) - rank(a));
  return (
    <>
      <div className={table["frame"]}>
        <table className={table["table"]} aria-label="Relations of this unit">
          <thead>
            <tr>
              <th>From</th>
              <th>Relation</th>
              <th>To</th>
              <th className={table["right"]}>Times</th>
              <th>Judgement</th>
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, shown).map((link, index) => (
              <tr key={index}>
                <td className="mono">{labels.get(link.source) ?? link.source}</td>
                <td>{link.label}</td>
                <td className="mono">{labels.get(link.target) ?? link.target}</td>
                <td className={`${table["right"]} num`}>{link.count}</td>
                <td>
                  {STATES[link.state]}
                  {link.score > 0 ? <span className="num"> {link.score.toFixed(2)}</span> : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown < sorted.length ? (
        <Button variant="default" size="compact-sm" mt="xs" onClick={() => setShown(sorted.length)}>
          Show all {sorted.length}
        </Button>
      ) : null}
    </>
  );
}
