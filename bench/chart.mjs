// `node chart.mjs FOLDER`: draws FOLDER/results.json as FOLDER/times.svg. A process of its own, so that what it needs is
// needed for nothing else.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, View } from "vega";
import { compile } from "vega-lite";

const [, , folder = "."] = process.argv;
const { lives } = JSON.parse(readFileSync(join(folder, "results.json"), "utf8"));
const values = lives.flatMap(({ variant, size, latencyMs, samples }) =>
  samples.map(({ operation, ms }) => ({
    provider: latencyMs === 0 ? variant : `${variant}, ${latencyMs} ms`,
    size,
    operation,
    seconds: ms / 1000,
  })),
);
const { spec } = compile({
  data: { values },
  facet: {
    column: {
      field: "operation",
      type: "nominal",
      sort: ["up", "no-op up", "update", "refresh", "destroy"],
      title: null,
    },
  },
  spec: {
    width: 220,
    height: 260,
    mark: { type: "line", point: true },
    encoding: {
      x: {
        field: "size",
        type: "quantitative",
        scale: { type: "log" },
        title: "endpoints",
        axis: { values: [1, 20, 100, 400, 1000] },
      },
      y: {
        aggregate: "median",
        field: "seconds",
        type: "quantitative",
        scale: { type: "log" },
        title: "seconds (median)",
      },
      color: { field: "provider", type: "nominal", title: null },
    },
  },
  config: { background: "white" },
});
const svg = await new View(parse(spec), { renderer: "none" }).toSVG();
writeFileSync(join(folder, "times.svg"), svg);
