// What HTML cannot do alone: draw charts, focus errors, filter rows, shortcuts. Everything works without it.
"use strict";

const charts = document.querySelector("script[data-charts]").dataset.charts;
let library = null;

function token(name) {
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  probe.style.setProperty("color", `var(--${name})`);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

// Options name colours as tokens ("token:accent"), so that one definition serves both themes.
function coloured(value) {
  if (typeof value === "string") return value.startsWith("token:") ? token(value.slice(6)) : value;
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one)]));
  return value;
}

function load() {
  library ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = charts;
    script.onload = () => done(window.echarts);
    script.onerror = failed;
    document.head.append(script);
  });
  return library;
}

async function draw() {
  const places = document.querySelectorAll(".chart[data-option]");
  if (!places.length) return;
  const echarts = await load();
  for (const place of places) {
    const option = document.getElementById(place.dataset.option).textContent;
    if (place.drawn === option) continue;
    place.drawn = option;
    const chart = echarts.getInstanceByDom(place) ?? echarts.init(place, null, { renderer: "canvas" });
    const spec = coloured(JSON.parse(option));
    const unit = place.dataset;
    const show = (value) => (value == null ? "–" : unit.prefix + Number(value * (Number(unit.scale) || 1)).toLocaleString(document.documentElement.lang, { maximumFractionDigits: Number(unit.decimals) }) + unit.suffix);
    spec.yAxis.axisLabel.formatter = (value) => shorten(value * (Number(unit.scale) || 1), unit);
    spec.tooltip.valueFormatter = show;
    chart.setOption(spec, true);
    new ResizeObserver(() => chart.resize()).observe(place);
  }
}

// 12.3만 and 1.2K on the axis, as on the page.
function shorten(value, unit) {
  const steps = document.documentElement.lang === "en" ? [[1e9, "B"], [1e6, "M"], [1e3, "K"]] : [[1e12, "조"], [1e8, "억"], [1e4, "만"]];
  const step = steps.find(([size]) => Math.abs(value) >= size);
  const text = step ? `${Number((value / step[0]).toFixed(1))}${step[1]}` : Number(value.toFixed(2)).toLocaleString();
  return unit.prefix + text + unit.suffix;
}

function redraw() {
  document.querySelectorAll(".chart[data-option]").forEach((place) => { place.drawn = null; });
  draw();
}

document.addEventListener("DOMContentLoaded", () => {
  draw();
  document.querySelector("[data-focus]")?.focus();
});
document.addEventListener("htmx:after:swap", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

// Show only rows whose name holds what is typed.
document.addEventListener("input", (event) => {
  const list = event.target.dataset?.filter;
  if (!list) return;
  const wanted = event.target.value.trim().toLowerCase();
  document.querySelectorAll(list).forEach((row) => { row.hidden = wanted !== "" && !row.dataset.name.toLowerCase().includes(wanted); });
});

// Choices that lead somewhere at once.
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
  if (event.target.matches(".drop input[type=file]") && event.target.files.length) {
    event.target.closest(".drop").querySelector("output").textContent = event.target.files[0].name;
  }
});
for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(name, (event) => {
    const drop = event.target.closest?.(".drop");
    if (!drop) return;
    event.preventDefault();
    drop.classList.toggle("over", over);
    if (name === "drop" && event.dataTransfer.files.length) {
      const input = drop.querySelector("input[type=file]");
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
}

// g then c, o, m, d: go to company, goals, metrics, data.
let going = false;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const way = { c: 0, o: 1, m: 2, d: 3, s: 4 }[event.key];
  if (going && way !== undefined) document.querySelectorAll(".nav a")[way]?.click();
  going = event.key === "g";
});

// Say at most every half minute that something changed, for those who listen to the page.
let said = 0;
document.addEventListener("htmx:after:swap", (event) => {
  const text = event.target?.dataset?.announce;
  if (!text || Date.now() - said < 30000) return;
  said = Date.now();
  document.getElementById("announce").textContent = text;
});
