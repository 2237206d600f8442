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
const h2 = view => view.report ? "h3" : "h2";
const bar = (share, kind = "") => svg("svg", {class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true"},
  svg("rect", {class: `fill ${kind}`, width: share > 0 ? Math.max(1.5, Math.min(1, share) * 100) : 0, height: 10}));
const unseen = text => el("span", {class: "unseen"}, text);
