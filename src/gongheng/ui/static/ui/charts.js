// Draws <div class="chart" data-chart='{ECharts option}'>; ECharts itself is fetched only where a chart stands.

const PALETTE = ["#0d5570", "#c98a1b", "#3f8f6b", "#8a4f7d", "#5b7fb5", "#a5221c", "#6b7780"];
const PALETTE_DARK = ["#6fc3de", "#f2bd62", "#77d19a", "#d3a1c8", "#9db9e6", "#ff9a90", "#a3b8c2"];
const FONT = '"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif';
const drawn = new WeakSet();
let library;

function echarts() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("../vendor/echarts.min.js", import.meta.url).href;
    script.onload = () => resolve(window.echarts);
    script.onerror = () => reject(new Error("echarts.min.js could not be loaded"));
    document.head.append(script);
  });
  return library;
}

async function draw(element) {
  if (drawn.has(element)) return;
  drawn.add(element);
  const option = JSON.parse(element.dataset.chart);
  const dark = document.documentElement.dataset.bsTheme === "dark";
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const chart = (await echarts()).init(element, dark ? "dark" : null, { renderer: "canvas" });
  chart.setOption({
    color: dark ? PALETTE_DARK : PALETTE,
    backgroundColor: "transparent",
    textStyle: { fontFamily: FONT, fontSize: 13 },
    grid: { left: 12, right: 16, top: 40, bottom: 8, containLabel: true },
    animation: !still,
    ...option,
    series: [option.series ?? []].flat().map((one) => (one.type === "bar" ? { barMaxWidth: 44, ...one } : one)),
    // Rich text, because the page policy forbids the inline styles of HTML tooltips.
    tooltip: { trigger: "item", ...(option.tooltip ?? {}), renderMode: "richText" },
  });
  new ResizeObserver(() => chart.resize()).observe(element);
}

function drawAll(root) { root.querySelectorAll(".chart[data-chart]").forEach(draw); }
document.addEventListener("htmx:load", (event) => drawAll(event.target.parentElement ?? document));
drawAll(document);
