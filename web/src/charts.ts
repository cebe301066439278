// Draws <div class="chart" data-chart> from the JSON option in the attribute or in the <script type="application/json"> after it.
import { BarChart, FunnelChart, LineChart, PieChart, TreemapChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { all } from "./lib/dom";

use([BarChart, FunnelChart, LineChart, PieChart, TreemapChart, GridComponent, TooltipComponent, DatasetComponent, MarkLineComponent, AriaComponent, LabelLayout, SVGRenderer]);

type Option = Record<string, unknown>;
const drawn = new Map<HTMLElement, ECharts>();

function token(name: string): string {
  return getComputedStyle(document.body).getPropertyValue(`--${name}`).trim();
}

function axis(): Option {
  return {
    axisLine: { lineStyle: { color: token("line") } },
    axisTick: { show: false },
    axisLabel: { color: token("muted"), fontSize: 13 },
    splitLine: { lineStyle: { color: token("line") } },
    nameTextStyle: { color: token("muted") },
  };
}

/** One hue in steps; labels on the marks, no legend. */
function theme(): Option {
  const label = { color: token("ink"), fontSize: 13 };
  return {
    color: [token("primary"), token("primary-mid"), token("line-strong"), token("line")],
    textStyle: { fontFamily: token("font"), color: token("ink") },
    categoryAxis: { ...axis(), splitLine: { show: false } },
    valueAxis: { ...axis(), axisLine: { show: false } },
    timeAxis: axis(),
    bar: { barMaxWidth: 28, itemStyle: { borderRadius: 3 }, label },
    line: { lineStyle: { width: 2 }, symbolSize: 6, label },
    pie: { label, itemStyle: { borderColor: token("surface"), borderWidth: 2 } },
    tooltip: { backgroundColor: token("surface"), borderColor: token("line"), textStyle: { color: token("ink"), fontSize: 13 } },
  };
}

function optionOf(element: HTMLElement): Option | null {
  const next = element.nextElementSibling;
  const text = element.dataset["chart"] || (next instanceof HTMLScriptElement && next.type === "application/json" ? next.text : "");
  try {
    return text ? (JSON.parse(text) as Option) : null;
  } catch {
    return null;
  }
}

/** What a kind of series needs of the page's colours: steps of one hue, darker for more. */
function series(one: Option): Option {
  const text = { color: token("ink"), fontSize: 13 };
  if (one["type"] === "funnel") {
    return { left: 8, right: 8, top: 8, bottom: 8, sort: "none", gap: 2, minSize: "24%", label: { ...text, position: "inside", color: token("ink") }, itemStyle: { borderWidth: 0 }, color: [token("line"), token("primary-soft"), token("primary-mid"), token("primary-mid")], ...one };
  }
  if (one["type"] === "treemap") {
    const steps = [token("primary-soft"), token("primary-mid")];
    return { left: 0, right: 0, top: 0, bottom: 0, roam: false, nodeClick: false, breadcrumb: { show: false }, label: { ...text, overflow: "break" }, visualDimension: 1, visualMin: 0, visualMax: 100, itemStyle: { borderColor: token("surface"), borderWidth: 2, gapWidth: 2 }, levels: [{ color: steps, colorMappingBy: "value" }], ...one };
  }
  return one;
}

/** The HTML tooltip writes inline styles, which the content policy forbids: draw it in the picture. */
function lawful(option: Option): Option {
  const tooltip = option["tooltip"];
  return {
    grid: { left: 8, right: 24, top: 24, bottom: 8, containLabel: true },
    ...option,
    ...(Array.isArray(option["series"]) ? { series: (option["series"] as Option[]).map(series) } : {}),
    animation: false,
    ...(tooltip && typeof tooltip === "object" ? { tooltip: { ...tooltip, renderMode: "richText" } } : {}),
  };
}

function draw(element: HTMLElement): void {
  const option = optionOf(element);
  if (!option) return;
  drawn.get(element)?.dispose();
  const chart = init(element, theme(), { renderer: "svg" });
  chart.setOption(lawful(option));
  drawn.set(element, chart);
}

function drawAll(root: ParentNode = document): void {
  for (const element of all("[data-chart]", root)) {
    if (!drawn.has(element)) new ResizeObserver(() => drawn.get(element)?.resize()).observe(element);
    draw(element);
  }
}

drawAll();
document.addEventListener("htmx:after:swap", () => {
  for (const [element, chart] of drawn) {
    if (element.isConnected) continue;
    chart.dispose();
    drawn.delete(element);
  }
  for (const element of all("[data-chart]")) if (!drawn.has(element)) drawAll(element.parentElement ?? document);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach((_, element) => draw(element)));
