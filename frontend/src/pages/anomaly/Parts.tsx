import type { DetectorPart, EdgeHistory } from "~/api/anomalies";
import table from "~/components/Table.module.css";
import { formatCount } from "~/format/numbers";
import { KINDS } from "~/pages/anomalies/words";

/** What each detector of the family says of the unit. */
export function Parts({ parts }: { parts: DetectorPart[] }) {
  return (
    <div className={table["frame"]}>
      <table className={table["table"]} aria-label="What each detector says">
        <thead>
          <tr>
            <th>Detector</th>
            <th className={table["right"]}>Chance in history</th>
            <th>Says</th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <tr key={part.detector}>
              <td>{KINDS[part.detector]}</td>
              <td className={`${table["right"]} num`}>{chance(part.tail)}</td>
              <td>{part.text || "nothing unusual"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function chance(tail: number): string {
  if (tail >= 1) return "–";
  return tail >= 0.001 ? tail.toFixed(3) : tail.toExponential(1);
}

/** How often history had the worst edges, and what it had instead. */
export function EdgeHistories({ edges }: { edges: EdgeHistory[] }) {
  return (
    <div className={table["frame"]}>
      <table className={table["table"]} aria-label="What normal looked like">
        <thead>
          <tr>
            <th>From</th>
            <th>To</th>
            <th className={table["right"]}>Units with it</th>
            <th>Usual instead</th>
          </tr>
        </thead>
        <tbody>
          {edges.map((edge, index) => (
            <tr key={index}>
              <td className="mono">{edge.source}</td>
              <td className="mono">{edge.target}</td>
              <td className={`${table["right"]} num`}>
                {formatCount(edge.seen)} of {formatCount(edge.units)}
              </td>
              <td>
                {edge.usual.length === 0 ? "nothing" : null}
                {edge.usual.map((usual) => (
                  <div key={usual.label}>
                    <span className="mono">{usual.label}</span>{" "}
                    <span className={`${table["faint"]} num`}>{formatCount(usual.units)}</span>
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
