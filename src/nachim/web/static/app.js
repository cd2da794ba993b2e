// What HTML cannot do alone: draw charts, focus errors, filter rows, shortcuts. Everything works without it.
"use strict";

const charts = document.querySelector("script[data-charts]").dataset.charts;
const english = document.documentElement.lang === "en";
let library = null;

// ── charts ───────────────────────────────────────────────

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

// Options name colours as tokens ("token:accent"), so that one definition serves both themes.
function coloured(value) {
  if (typeof value === "string") return value.startsWith("token:") ? token(value.slice(6)) : value;
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one)]));
  return value;
}

function token(name) {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.setProperty("color", `var(--${name})`);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

// ₩12.3만 and ₩1.2K on the axis, the exact value in the tooltip.
function shorten(value, unit) {
  const steps = english ? [[1e9, "B"], [1e6, "M"], [1e3, "K"]] : [[1e12, "조"], [1e8, "억"], [1e4, "만"]];
  const [size, name] = steps.find(([one]) => Math.abs(value) >= one) ?? [1, ""];
  const text = Number((value / size).toFixed(size > 1 ? 1 : 2)).toLocaleString(document.documentElement.lang);
  return (text.startsWith("-") ? "-" : "") + unit.prefix + text.replace("-", "") + name + unit.suffix;
}

function exactly(value, unit) {
  return unit.prefix + Number(value).toLocaleString(document.documentElement.lang, { maximumFractionDigits: Number(unit.decimals) }) + unit.suffix;
}

// A chart is drawn when one comes to see it, or prints it: the library is large, and the numbers beside it are not.
const coming = new IntersectionObserver((seen) => {
  const places = seen.filter((one) => one.isIntersecting).map((one) => one.target);
  places.forEach((place) => { place.seen = true; });
  if (places.length) draw();
}, { rootMargin: "60px" });
addEventListener("beforeprint", () => draw(true));

async function draw(all = false) {
  const every = [...document.querySelectorAll(".chart[data-option]")];
  every.forEach((place) => coming.observe(place));
  const places = every.filter((place) => place.seen || all === true);
  if (!places.length) return;
  const echarts = await load();
  for (const place of places) {
    const source = document.getElementById(place.dataset.option).textContent;
    // Drawn in a child of its own: a morph keeps children, and would take ECharts' attributes from the place itself.
    const inner = place.firstElementChild ?? place.appendChild(document.createElement("div"));
    if (inner.drawn === source) continue;
    inner.drawn = source;
    const unit = place.dataset;
    const scale = Number(unit.scale) || 1;
    const spec = coloured(JSON.parse(source));
    spec.yAxis.axisLabel.formatter = (value) => shorten(value * scale, unit);
    spec.tooltip.formatter = (lines) => [
      lines[0].axisValueLabel,
      // The running series also holds the last closed point, where its dashed line begins: say that value once.
      ...lines.filter((line, at) => line.value != null && line.seriesName && !(at && line.dataIndex === lines[0].dataIndex && line.value === lines[0].value && line.seriesIndex === 1))
        .map((line) => `${line.seriesName}  ${line.data?.said ?? exactly(line.value * scale, unit)}`),
    ].join("\n");
    let chart = echarts.getInstanceByDom(inner);
    if (!chart) {
      chart = echarts.init(inner, null, { renderer: "canvas" });
      new ResizeObserver(() => chart.resize()).observe(inner);
    }
    chart.setOption(spec, true);
  }
}

function redraw() {
  document.querySelectorAll(".chart > div").forEach((inner) => { inner.drawn = null; });
  draw();
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
// A canvas asks for the letters it needs, and does not draw itself again when they come.
document.fonts.addEventListener("loadingdone", redraw);

// ── htmx ─────────────────────────────────────────────────

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const known = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (known && ctx.request.method !== "GET") ctx.request.headers["X-CSRFToken"] = known.value;
});

// A part of a page that is led elsewhere has lost its session: show the whole page the way there.
document.addEventListener("htmx:before:response", (event) => {
  const { request, response } = event.detail.ctx;
  if (!response.raw.redirected || request.method !== "GET") return;
  event.preventDefault();
  location.reload();
});

// The live stream is refused to who had it: the session has ended, and what the page shows goes with it.
document.addEventListener("htmx:sse:error", ({ detail }) => { if (detail.status === 404) location.reload(); });

function failed({ detail }) {
  if ((detail.ctx?.request?.method ?? "GET") === "GET" || detail.ctx.response?.status === 422) return;
  const toast = document.getElementById("toast");
  toast.textContent = toast.dataset.failed;
  toast.hidden = false;
  setTimeout(() => { toast.hidden = true; }, 8000);
}
document.addEventListener("htmx:error", failed);
document.addEventListener("htmx:response:error", failed);

// Say at most every half minute that something changed, for those who listen to the page.
let said = -Infinity;
let saying = "";
document.addEventListener("htmx:after:swap", (event) => {
  draw();
  const text = event.target?.dataset?.announce;
  if (!text) return;
  if (!saying) {
    setTimeout(() => {
      document.getElementById("announce").textContent = saying;
      [said, saying] = [Date.now(), ""];
    }, Math.max(0, said + 30000 - Date.now()));
  }
  saying = text;
});

// No connection: say so as long as it lasts. Navigations are answered by worker.js.
const offline = document.getElementById("offline");
for (const name of ["offline", "online"]) addEventListener(name, () => { if (offline) offline.hidden = navigator.onLine; });
document.addEventListener("htmx:sse:error", () => { if (offline && !navigator.onLine) offline.hidden = false; });
document.addEventListener("htmx:sse:after:connection", () => { if (offline) offline.hidden = true; });
if (isSecureContext) navigator.serviceWorker?.register("/worker.js").catch(() => {});

// ── forms and lists ──────────────────────────────────────

document.addEventListener("DOMContentLoaded", () => {
  draw();
  document.querySelector("[data-focus]")?.focus();
});

// Who follows a notice has read it.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-read]");
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  if (!link || !token) return;
  const said = new URLSearchParams({ key: link.dataset.read, passing: "1", csrfmiddlewaretoken: token.value });
  fetch("/notices/read/", { method: "POST", body: said, keepalive: true });
});

// A proposed value goes into its field, as if it had been typed.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-fill]");
  if (!button) return;
  const field = document.getElementById(button.dataset.fill);
  field.value = button.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

// Show only rows whose name holds what is typed.
document.addEventListener("input", (event) => {
  const list = event.target.dataset?.filter;
  if (!list) return;
  const wanted = event.target.value.trim().toLowerCase();
  document.querySelectorAll(list).forEach((row) => { row.hidden = wanted !== "" && !row.dataset.name.toLowerCase().includes(wanted); });
});

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
});
for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(name, (event) => {
    const drop = event.target.closest?.(".drop");
    if (!drop) return;
    event.preventDefault();
    drop.classList.toggle("over", over);
    if (name === "drop" && event.dataTransfer.files.length) drop.querySelector("input[type=file]").files = event.dataTransfer.files;
  });
}

// ── palette: Ctrl K or / · arrows · Enter ────────────────

const palette = document.getElementById("palette");

function find(event) {
  if (!palette) return;
  event.preventDefault();
  if (palette.open) return;
  palette.showModal();
  palette.querySelector("input").select();
}
document.querySelector(".find")?.addEventListener("click", find);
palette?.addEventListener("keydown", (event) => {
  const places = [palette.querySelector("input"), ...palette.querySelectorAll(".hits a")];
  const at = places.indexOf(document.activeElement);
  if (event.key === "ArrowDown") places[Math.min(at + 1, places.length - 1)].focus();
  else if (event.key === "ArrowUp") places[Math.max(at - 1, 0)].focus();
  else if (event.key === "Enter" && at === 0 && !event.isComposing && places[1]) places[1].click();
  else return;
  event.preventDefault();
});

// ── keys: g then n, h, g, f, m, d, s · / · ? ────────────────

let going = false;
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return find(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  const way = going && document.querySelector(`.nav a[data-key="${CSS.escape(event.key)}"]`);
  if (way) way.click();
  else if (event.key === "/") find(event);
  else if (event.key === "?") document.getElementById("keys")?.showModal();
  going = event.key === "g" && !way;
});

// A menu closes when one looks elsewhere.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.me[open]").forEach((menu) => { if (!menu.contains(event.target) || event.target.closest("button, a")) menu.open = false; });
});


// ── passkeys ───────────────────────

async function passkey(button, work) {
  const said = button.closest(".card").querySelector("[data-passkey-error]");
  said.textContent = "";
  button.disabled = true;
  try {
    if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) throw new Error(document.documentElement.lang === "en" ? "This browser knows no passkeys." : "이 브라우저는 패스키를 쓸 수 없습니다.");
    await work();
  } catch (error) {
    // NotAllowedError: the person closed the window; that is no news to them.
    if (error.name !== "NotAllowedError") said.textContent = error.message;
  }
  button.disabled = false;
}

async function ask(url, body) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const sent = body && { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRFToken": token } };
  const answer = await fetch(url, sent || {});
  const found = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
  if (!answer.ok || found?.error) throw new Error(found?.error || answer.statusText);
  return { found, answer };
}

document.addEventListener("click", (event) => {
  const enter = event.target.closest("[data-passkey]"), make = event.target.closest("[data-passkey-new]");
  if (enter) passkey(enter, async () => {
    const { found } = await ask(enter.dataset.passkey);
    const given = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(found) });
    location.assign((await ask(enter.dataset.passkey, given.toJSON())).found.next);
  });
  if (make) passkey(make, async () => {
    const { found, answer } = await ask(make.dataset.passkeyNew);
    if (answer.redirected || !found) return location.assign(make.dataset.again);
    const given = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(found) });
    const name = prompt(make.dataset.name) || "";
    location.assign((await ask(make.dataset.passkeyNew, { credential: given.toJSON(), name })).found.next);
  });
});
