// Elements. Text goes through textContent alone; attributes get only our own words and numbers.
const SVG = "http://www.w3.org/2000/svg";
const put = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") node.addEventListener("click", value);
    else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter(child => child !== undefined && child !== null && child !== false));
  return node;
};
const el = (tag, attributes = {}, ...children) => put(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) => put(document.createElementNS(SVG, tag), attributes, children);
// A stranger's text: its own direction, isolated from ours.
const said = text => { const node = el("bdi", {dir: "auto"}); node.textContent = text; return node; };
let lastId = 0;
// A heading that names the table below it.
const titled = (view, text) => el(view.report ? "h3" : "h2", {id: `s${++lastId}`}, text);
const table = (kind, head, columns, body) => el("table", {class: kind, "aria-labelledby": head.id}, el("thead", {}, el("tr", {}, columns)), body);
const column = (text, kind = "") => el("th", {scope: "col", class: kind}, text);
const fact = (label, ...value) => el("div", {}, el("dt", {}, label), el("dd", {}, value));
function picture(kind, size, title, text) {
  const id = ++lastId;
  return svg("svg", {class: kind, viewBox: `0 0 ${size}`, preserveAspectRatio: "none", role: "img", "aria-labelledby": `t${id} d${id}`},
    svg("title", {id: `t${id}`}, title), svg("desc", {id: `d${id}`}, text));
}
const bar = (share, kind = "") => svg("svg", {class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true"},
  svg("rect", {class: `fill ${kind}`, width: share > 0 ? Math.max(1.5, Math.min(1, share) * 100) : 0, height: 10}));
// What the first paint does not need follows after it; a report may be printed at once, so nothing waits there.
const later = (view, work) => view.report ? work() : requestAnimationFrame(() => setTimeout(work));
// No card in a chat has room for more rows than FIRST, so it makes no others.
const FIRST = 20;
function fill(list, items, make, view) {
  const add = (from, to) => list.append(...items.slice(from, to).map((item, at) => make(item, from + at)));
  add(0, FIRST);
  if (items.length > FIRST && !view.inline) later(view, () => add(FIRST));
  return list;
}
const swatch = kind => svg("svg", {class: "swatch", viewBox: "0 0 10 10", "aria-hidden": "true"}, svg("rect", {class: `fill ${kind}`, width: 10, height: 10, rx: 2}));
const unseen = text => el("span", {class: "unseen"}, text);
