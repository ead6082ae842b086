import { useComputedColorScheme } from "@mantine/core";
import cytoscape from "cytoscape";
import { useEffect, useRef } from "react";

import type { GraphLink, GraphNode } from "~/api/anomalies";
import classes from "~/pages/anomaly/RelationGraph.module.css";

interface Props {
  nodes: GraphNode[];
  links: GraphLink[];
}

const LABEL_CHARS = 48;
const LEVEL_SPACING = 0.55;

/** The relations of one unit: red where they are wrong, dashed where one is missing. The table
 *  beside it says the same, so the picture is hidden from screen readers. */
export function RelationGraph({ nodes, links }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    if (!place.current) return undefined;
    const colors = colorsOf(place.current);
    const graph = cytoscape({
      container: place.current,
      elements: elementsOf(nodes, links),
      style: styleOf(colors),
      layout: {
        name: "breadthfirst",
        directed: true,
        spacingFactor: 1,
        // Levels lie closer than columns: boxes are wide and low, and the page is wide.
        transform: (_, { x, y }) => ({ x, y: y * LEVEL_SPACING }),
        animate: false,
        fit: true,
        padding: 8,
      },
      userZoomingEnabled: false,
      maxZoom: 1.4,
      autoungrabify: false,
    });
    return () => graph.destroy();
  }, [nodes, links, scheme]);
  return <div ref={place} className={classes["graph"]} aria-hidden data-graph={nodes.length} />;
}

function elementsOf(nodes: GraphNode[], links: GraphLink[]): cytoscape.ElementDefinition[] {
  const known = new Set(nodes.map((node) => node.id));
  return [
    ...nodes.map((node) => ({
      data: { id: node.id, label: cut(node.label), kind: node.kind },
    })),
    ...links
      .filter((link) => known.has(link.source) && known.has(link.target))
      .map((link, index) => ({
        data: {
          id: `link ${index}`,
          source: link.source,
          target: link.target,
          label: link.state === "usual" ? "" : link.label,
          score: link.score,
          state: link.state,
        },
      })),
  ];
}

const cut = (text: string) =>
  text.length > LABEL_CHARS ? `${text.slice(0, LABEL_CHARS - 1)}…` : text;

type Colors = Record<"text" | "dim" | "surface" | "border" | "wrong" | "field" | "bg", string>;

function colorsOf(element: Element): Colors {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: read("--lp-text"),
    dim: read("--lp-border-strong"),
    surface: read("--lp-hover"),
    border: read("--lp-border-mid"),
    wrong: read("--lp-level-error"),
    field: read("--lp-var-place-bg"),
    bg: read("--lp-bg"),
  };
}

function styleOf(colors: Colors): cytoscape.StylesheetJson {
  return [
    {
      selector: "node",
      style: {
        label: "data(label)",
        "font-size": 13,
        color: colors.text,
        "background-color": colors.surface,
        "border-color": colors.border,
        "border-width": 1,
        shape: "round-rectangle",
        width: 190,
        height: 40,
        "text-valign": "center",
        "text-wrap": "wrap",
        "text-max-width": "180px",
      },
    },
    { selector: "node[kind = 'field']", style: { "background-color": colors.field, shape: "ellipse" } },
    { selector: "node[kind = 'component']", style: { shape: "hexagon" } },
    {
      selector: "edge",
      style: {
        width: 1.5,
        "line-color": colors.dim,
        "target-arrow-color": colors.dim,
        "target-arrow-shape": "triangle",
        "curve-style": "bezier",
        label: "data(label)",
        "font-size": 10,
        color: colors.text,
        "text-background-color": colors.bg,
        "text-background-opacity": 0.9,
      },
    },
    {
      selector: "edge[state != 'usual']",
      style: {
        "line-color": colors.wrong,
        "target-arrow-color": colors.wrong,
        width: "mapData(score, 0, 1, 2, 5)",
      },
    },
    { selector: "edge[state = 'missing']", style: { "line-style": "dashed" } },
  ];
}
