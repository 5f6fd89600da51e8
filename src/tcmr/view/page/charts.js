// Curves over time as SVG, as wide as the time line above them.

const HEIGHT = 100;
const ATTENTION = ["past", "current", "future"];
const NUMBER = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });

/** A row with one line for each person; returns { element, show(frame, visible) }. */
export function lineChart(title, unit, quantity, persons, last) {
  const top = niceCeiling(Math.max(...persons.map((person) => highest(person[quantity]))));
  const row = chartRow(title, `${NUMBER.format(top)} ${unit}`, last);
  const lines = persons.map((person) => {
    const y = (value) => HEIGHT * (1 - Math.min(1, value / top));
    const line = row.draw("path", { class: "line", d: polyline(person, (at) => y(person[quantity][at])) });
    line.style.setProperty("--person", person.css);
    line.classList.toggle("second", person.result > 0);
    return line;
  });
  const values = persons.map((person) => row.addValue(person));
  const show = (frame, visible) =>
    persons.forEach((person, number) => {
      lines[number].style.display = visible(person) ? "" : "none";
      const value = person.row(frame) < 0 ? NaN : person[quantity][person.row(frame)];
      values[number].textContent = Number.isFinite(value) ? `${value.toFixed(2)} ${unit}` : "–";
      values[number].parentElement.hidden = !visible(person);
    });
  return { element: row.element, show };
}

/** A row with one person's attention to past, current and future, as shares that fill it. */
export function attentionChart(person, last) {
  const row = chartRow(`Attention, ${person.label}`, "100 %", last);
  row.element.classList.add("attention");
  const share = (at, parts) => person.attention.subarray(3 * at, 3 * at + parts).reduce((a, b) => a + b, 0);
  for (let part = ATTENTION.length - 1; part >= 0; part--)
    row.draw("path", { class: ATTENTION[part], d: area(person, (at) => HEIGHT * share(at, part + 1)) });
  const values = ATTENTION.map((name) => row.addValue({ name, label: name }));
  const show = (frame, visible) => {
    row.element.hidden = !visible(person);
    const at = person.row(frame);
    values.forEach((value, part) => {
      value.textContent = at < 0 ? "–" : `${Math.round(100 * person.attention[3 * at + part])} %`;
    });
  };
  return { element: row.element, show };
}

function chartRow(title, top, last) {
  const element = document.createElement("div");
  element.className = "chart";
  element.innerHTML = '<div class="legend"><h3></h3><dl></dl></div><div class="plot"><span class="top"></span></div>';
  element.querySelector("h3").textContent = title;
  element.querySelector(".top").textContent = top;
  const svg = create("svg", { viewBox: `0 0 ${Math.max(last, 1)} ${HEIGHT}`, preserveAspectRatio: "none" });
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${title} over time`);
  element.querySelector(".plot").append(svg);
  return {
    element,
    draw: (tag, attributes) => svg.appendChild(create(tag, attributes)),
    addValue: ({ css, label, name, result }) => {
      const entry = document.createElement("div");
      entry.innerHTML = "<dt></dt><dd></dd>";
      entry.className = name ?? "of-person";
      entry.classList.toggle("second", result > 0);
      if (css) entry.style.setProperty("--person", css);
      entry.querySelector("dt").textContent = label;
      element.querySelector("dl").append(entry);
      return entry.querySelector("dd");
    },
  };
}

function create(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** The path through the frames with a value, lifted where there is none. */
function polyline(person, y) {
  let path = "";
  let drawing = false;
  for (let at = 0; at < person.seen.length; at++) {
    const height = y(at);
    if (Number.isFinite(height)) path += `${drawing ? "L" : "M"}${person.first_frame + at} ${height.toFixed(2)}`;
    drawing = Number.isFinite(height);
  }
  return path;
}

/** The area from the top down to y, for each unbroken stretch of frames. */
function area(person, y) {
  let path = "";
  for (let at = 0; at < person.seen.length; at++) {
    if (!person.seen[at]) continue;
    const x = person.first_frame + at;
    path += person.seen[at - 1] ? "" : `M${x} 0`;
    path += `L${x} ${y(at).toFixed(2)}`;
    path += person.seen[at + 1] ? "" : `L${x} 0Z`;
  }
  return path;
}

/** The highest value but for the outermost half percent, which would press the rest flat. */
function highest(values) {
  const known = values.filter(Number.isFinite).sort();
  return known[Math.floor(0.995 * (known.length - 1))] ?? 0;
}

function niceCeiling(value) {
  if (!(value > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * unit >= value);
}
