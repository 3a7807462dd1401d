/**
 * Draws round trips as SVG: a dot each, their curve, and lines at p50 and p99.
 *
 * @module
 */
import { formatDuration } from "./round_trips.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { top: 10, right: 44, bottom: 8, left: 52 };

/** How many samples fill the width before they move closer together. */
const ROOMY = 60;

/** The screen's resolution of time: less than 5 µs is not measured, and log 0 is nowhere. */
const LEAST = 0.005;

/**
 * Steps of 1, 2 and 5 times a power of ten that enclose the samples.
 *
 * @param {readonly number[]} samples Milliseconds; at least one.
 * @returns {number[]} Ascending, at least four.
 */
export function ticksAround(samples) {
  let low = Math.max(Math.min(...samples), LEAST);
  let high = Math.max(...samples, LEAST);
  // One sample, or very even ones, must not fill the plot with noise.
  if (high / low < 4) [low, high] = [low / 2, high * 2];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)); power++) {
    for (const digit of [1, 2, 5]) ticks.push(Number(`${digit}e${power}`));
  }
  const first = ticks.findLastIndex((tick) => tick <= low);
  const last = ticks.findIndex((tick) => tick >= high);
  return ticks.slice(first, last + 1);
}

/** Draws into one `<svg>`, whose size CSS decides. */
export class Plot {
  #svg;
  #trips;

  /**
   * @param {SVGSVGElement} svg Where to draw.
   * @param {import("./round_trips.js").RoundTrips} trips What to draw.
   */
  constructor(svg, trips) {
    this.#svg = svg;
    this.#trips = trips;
    new ResizeObserver(() => this.draw()).observe(svg);
  }

  /** Draws what there is now. */
  draw() {
    const { clientWidth: width, clientHeight: height } = this.#svg;
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const right = width - MARGIN.right;
    const { samples } = this.#trips;
    const ticks = ticksAround(samples.length > 0 ? samples : [0.1, 10]);
    const [low, high] = [Math.log(ticks[0]), Math.log(ticks.at(-1))];
    const bottom = height - MARGIN.bottom;
    const y = (value) => {
      const share = (Math.log(Math.max(value, LEAST)) - low) / (high - low);
      return bottom - share * (bottom - MARGIN.top);
    };
    const step = (right - MARGIN.left) / (Math.max(samples.length, ROOMY) - 1);
    const x = (index) => right - (samples.length - 1 - index) * step;

    const shapes = grid(ticks, { y, right });
    if (samples.length > 0) {
      shapes.push(...this.#curve({ x, y, bottom }), ...this.#lines({ y, right }));
    }
    this.#svg.replaceChildren(...shapes);
    this.#svg.setAttribute("aria-label", this.#label());
  }

  #curve({ x, y, bottom }) {
    const { samples } = this.#trips;
    const points = samples.map((value, index) => `${x(index).toFixed(1)} ${y(value).toFixed(1)}`);
    const curve = `M${points.join("L")}`;
    const area = `${curve}V${bottom}H${x(0).toFixed(1)}Z`;
    return [
      shape("path", { class: "area", d: area }),
      shape("path", { class: "curve", d: curve }),
      shape("path", { class: "dots", d: points.map((point) => `M${point}h0`).join("") }),
    ];
  }

  #lines({ y, right }) {
    const p50 = y(this.#trips.quantile(0.5));
    const p99 = y(this.#trips.quantile(0.99));
    // The labels keep apart where the lines do not. p99 is never below p50.
    const middle = (p50 + p99) / 2;
    const apart = Math.max((p50 - p99) / 2, 7);
    return [
      shape("line", { class: "p50", x1: MARGIN.left, x2: right, y1: p50, y2: p50 }),
      shape("line", { class: "p99", x1: MARGIN.left, x2: right, y1: p99, y2: p99 }),
      shape("text", { class: "p50-label", x: right + 8, y: middle + apart + 4 }, "p50"),
      shape("text", { class: "p99-label", x: right + 8, y: middle - apart + 4 }, "p99"),
    ];
  }

  #label() {
    const { samples } = this.#trips;
    if (samples.length === 0) return "No round trips yet";
    const [p50, p99] = [0.5, 0.99].map((q) => formatDuration(this.#trips.quantile(q)));
    return `The last ${samples.length} round trips: half took at most ${p50}, 99 % at most ${p99}`;
  }
}

function grid(ticks, { y, right }) {
  // Over many decades only the powers of ten have room.
  const shown = ticks.length > 8 ? ticks.filter((tick) => /^1(e|0*$)|^0\.0*1$/.test(tick)) : ticks;
  return shown.flatMap((tick) => [
    shape("line", { class: "grid", x1: MARGIN.left, x2: right, y1: y(tick), y2: y(tick) }),
    shape(
      "text",
      { x: MARGIN.left - 8, y: y(tick) + 4, "text-anchor": "end" },
      formatDuration(tick),
    ),
  ]);
}

function shape(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}
