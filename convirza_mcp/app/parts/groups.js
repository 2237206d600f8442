// Groups: bars, columns over time, and a heat map of two groupings.
const TIMES = ["day", "week", "month", "hour"], FIGURES = ["conversations", "unread", "waiting", "answered"];
const SHORT = {conversations: 1, waiting: 1, first_median: 1, first_within_target: 1, close_median: 1, change: 1};
const EXTRA = {waiting: 1, first_within_target: 1};
const MISSING = {agent: "no agent", phone_number: "no line", status: "no status", team: "no team", parent_group: "no parent group", account: "no account"};
const condition = (by, label) => TIMES.includes(by) && label === "no time" || label === MISSING[by] ? `${by}=none`
  : `${by}="${String(label).replaceAll('"', '""')}"`;
const isFolded = label => /^\d+ more( groups?)?$/.test(label ?? "");

function groups(answer, view) {
  const [by, then] = answer.columns;
  if (!answer.rows.length) return [];
  if (answer.cells) return [heat(answer, view, by, answer.cells.split(" by ")[1], answer.columns.slice(1),
    answer.rows.map(([label, ...counts]) => [label, counts]))];
  if (then !== "conversations") {
    const columns = [...new Set(answer.rows.map(row => row[1]))], rows = new Map();
    for (const row of answer.rows) {
      if (!rows.has(row[0])) rows.set(row[0], columns.map(() => null));
      rows.get(row[0])[columns.indexOf(row[1])] = at(answer, row, "conversations");
    }
    return [heat(answer, view, by, then, columns, [...rows]), view.inline ? null : whole(answer, "All figures by group")];
  }
  return TIMES.includes(by) && answer.rows.length > 2 ? [timeline(answer, view, by)] : [bars(answer, view, by)];
}

function bars(answer, view, by) {
  const rows = answer.rows, most = Math.max(1, ...rows.map(row => Math.max(at(answer, row, "conversations"), at(answer, row, "conversations_before") ?? 0)));
  const names = answer.columns.slice(1).filter(name => (!view.inline || SHORT[name]) && !name.endsWith("_before")), head = el(h2(view), {id: `s${++lastId}`}, `By ${words(by).toLowerCase()}`);
  const hide = name => name !== "conversations" && (EXTRA[name] || !SHORT[name]) ? " extra" : "";
  const table = el("table", {class: answer.compared_to ? "bars compared" : "bars", "aria-labelledby": head.id},
    el("thead", {}, el("tr", {}, el("th", {scope: "col"}, words(by)), el("td", {class: "track"}),
      names.map(name => el("th", {scope: "col", class: `n${hide(name)}`}, words(name).replace("Conversations", "Conver\u00adsations"))))),
    el("tbody", {}, rows.map(row => el("tr", {"data-fold": true}, el("th", {scope: "row", class: "name"}, said(row[0] ?? "–")),
      el("td", {class: "track"}, bar(at(answer, row, "conversations") / most)),
      names.map(name => el("td", {class: `n${hide(name)} ${name === "change" ? row.at(-1) : ""}`},
        FIGURES.includes(name) && !isFolded(row[0]) ? listing(figure(at(answer, row, name)), [condition(by, row[0]), name === "conversations" ? "" : name].filter(Boolean).join(","), at(answer, row, name), view, row[0])
          : figure(at(answer, row, name)), beforeIn(answer, row, name)))))));
  return el("section", {}, head, el("div", view.inline ? {} : scrolled(head), table), more(rows.length));
}

const beforeIn = (answer, row, name) => answer.columns.includes(`${name}_before`) ? el("span", {class: "was"}, ` was ${figure(at(answer, row, `${name}_before`))}`) : "";
const scrolled = head => ({class: "scroll", tabindex: 0, role: "region", "aria-labelledby": head.id});
const more = (rows, total) => el("p", {class: "note", "data-more": Number.isInteger(total) ? Math.max(rows, total) : rows, hidden: true});

// A real table for what a drawing shows: behind a button, or unseen where a card may have no more buttons.
function whole(answer, label) {
  const head = el("summary", {id: `s${++lastId}`}, label);
  const table = el("table", {"aria-labelledby": head.id}, el("thead", {}, el("tr", {}, answer.columns.map((name, place) => el("th", {scope: "col", class: place ? "n" : ""}, words(name))))),
    el("tbody", {}, answer.rows.map(row => el("tr", {}, row.map((value, place) => place ? el("td", {class: "n"}, typeof value === "string" && seconds(value) === null && !/%/.test(value) ? said(value) : figure(value)) : el("th", {scope: "row"}, said(value ?? "–")))))));
  return el("details", {}, head, el("div", scrolled(head), table));
}

// Where a time stands on the axis: one that no conversation has leaves a gap.
const DAY = 86400000;
const place = (by, label) => by === "hour" ? parseInt(label, 10) : by === "month" ? Number(label.slice(0, 4)) * 12 + Number(label.slice(5)) : Math.round(Date.parse(label) / DAY / (by === "week" ? 7 : 1));

function timeline(answer, view, by) {
  const rows = answer.rows.filter(row => !isFolded(row[0]) && !Number.isNaN(place(by, row[0]))), counts = rows.map(row => at(answer, row, "conversations"));
  const past = rows.map(row => at(answer, row, "conversations_before") ?? 0), most = Math.max(1, ...counts, ...past), start = place(by, rows[0][0]), steps = place(by, rows.at(-1)[0]) - start + 1, step = 720 / steps, id = ++lastId;
  const short = label => by === "hour" || by === "month" ? label : label.slice(5), left = answer.rows.length - rows.length;
  const drawing = svg("svg", {class: "columns", viewBox: "0 0 720 100", preserveAspectRatio: "none", role: "img", "aria-labelledby": `t${id} d${id}`},
    svg("title", {id: `t${id}`}, `Conversations by ${by}`), svg("desc", {id: `d${id}`}, rows.map((row, at) => `${row[0]}: ${figure(counts[at])}`).join(", ")));
  const axis = el("div", {class: "axis", "aria-hidden": "true"}), every = Math.ceil(rows.length / (innerWidth < 500 ? 4 : 9));
  const tall = count => count && Math.max(2, count / most * 100);
  rows.forEach((row, at) => {
    const x = (place(by, row[0]) - start) * step, height = tall(counts[at]);
    if (past[at]) drawing.append(svg("rect", {class: "fill idle", x: x + step * .02, width: step * .96, y: 100 - tall(past[at]), height: tall(past[at])}));
    const shape = drawing.appendChild(svg("rect", {class: "fill", x: x + step * .12, width: step * .76, y: 100 - height, height}));
    if (view.drills && counts[at]) shape.addEventListener("click", () => view.list(condition(by, row[0]), row[0]));
    if (at % every === 0 && at <= rows.length - every / 2) { const label = axis.appendChild(el("span", {}, short(row[0]))); label.style.left = at ? `${(x + step / 2) / 7.2}%` : "0"; }
  });
  const head = el(h2(view), {}, `Conversations by ${words(by).toLowerCase()}`), peak = Math.max(0, counts.indexOf(Math.max(...counts))), table = bars(answer, {...view, inline: false, drills: view.drills}, by);
  return el("section", {}, head, el("p", {class: "note"}, `${past.some(Boolean) ? "Gray: the period compared with. " : ""}Most: ${figure(counts[peak])}, ${rows[peak][0]}${left ? ` · ${left} more in the table` : ""}`), drawing, axis,
    view.inline ? el("div", {class: "unseen"}, table.querySelector("table")) : el("details", {}, el("summary", {}, `Table by ${words(by).toLowerCase()}`), table.children[1]));
}

function heat(answer, view, by, then, columns, rows) {
  const most = Math.max(1, ...rows.filter(([label]) => !isFolded(label)).flatMap(([, counts]) => counts));
  const level = count => count === 0 ? "l0" : count ? `l${Math.max(1, Math.ceil(Math.min(1, count / most) * 4))}` : "";
  const head = el(h2(view), {id: `s${++lastId}`}, answer.cells ? `By ${words(by).toLowerCase()} and ${words(then).toLowerCase()}` : `Conversations by ${words(by).toLowerCase()} and ${words(then).toLowerCase()}`);
  const cell = (label, column, count) => el("td", {class: level(count)}, count === null ? unseen("none") : isFolded(label) || isFolded(column) || column === null
    ? figure(count) : listing(figure(count), `${condition(by, label)},${condition(then, column)}`, count, view, `${label}, ${column}`));
  return el("section", {}, head, el("table", {class: columns.length > 12 ? "heat dense" : "heat", "aria-labelledby": head.id}, el("colgroup", {}, el("col"), el("col", {span: columns.length})),
    el("thead", {}, el("tr", {}, el("td", {}), columns.map(name => el("th", {scope: "col"}, said(name ?? "–"))))),
    el("tbody", {}, rows.map(([label, counts]) => el("tr", {"data-fold": true}, el("th", {scope: "row"}, said(label)),
      counts.map((count, place) => cell(label, columns[place], count)))))), more(rows.length));
}
