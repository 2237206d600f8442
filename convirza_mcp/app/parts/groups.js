// Groups: bars, columns over time, and a heat map of two groupings.
const TIMES = ["day", "week", "month", "hour"], LISTED = ["conversations", "unread", "waiting", "answered"];
// Columns that a card in a chat shows, and of these the first to go where it is narrow.
const SHORT = ["conversations", "waiting", "first_median", "first_within_target", "close_median", "change"], EXTRA = ["waiting", "first_within_target"];
const condition = (by, label) => `${by}="${String(label).replaceAll('"', '""')}"`;
const isFolded = label => /^\d+ more( groups?)?$/.test(label ?? "");
const lower = name => words(name).toLowerCase();

// The labels in order, with the empty hours and weekdays between the first and the last, so that a gap is visible.
const SCALES = {hour: [...Array(24).keys()].map(hour => `${hour}:00`.padStart(5, "0")),
  weekday: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]};
const onScale = (labels, scale = []) => {
  const has = label => labels.includes(label);
  return [...scale.slice(scale.findIndex(has), scale.findLastIndex(has) + 1), ...labels.filter(label => !scale.includes(label))];
};

function groups(answer, view) {
  const [by, then] = answer.columns;
  if (!answer.rows.length) return [];
  if (answer.cells) return [heat(answer, view, by, answer.cells.split(" by ")[1], answer.columns.slice(1), answer.rows.map(([label, ...counts]) => [label, counts]))];
  if (then !== "conversations") {
    const columns = onScale([...new Set(answer.rows.map(row => row[1]))], SCALES[then]), rows = new Map();
    for (const row of answer.rows) {
      if (!rows.has(row[0])) rows.set(row[0], columns.map(() => null));
      rows.get(row[0])[columns.indexOf(row[1])] = at(answer, row, "conversations");
    }
    return [heat(answer, view, by, then, columns, [...rows]), view.inline ? null : whole(answer, "All figures by group", view)];
  }
  return TIMES.includes(by) && answer.rows.length > 2 ? [timeline(answer, view, by)] : [bars(answer, view, by)];
}

function bars(answer, view, by) {
  const head = titled(view, `By ${lower(by)}`), all = barTable(answer, view, by, head);
  return el("section", {}, head, view.inline ? all : scrolled(head, all), more(answer.rows.length));
}

function barTable(answer, view, by, head) {
  const {rows, columns} = answer, count = row => at(answer, row, "conversations");
  const most = Math.max(1, ...rows.filter(row => !isFolded(row[0])).flatMap(row => [count(row), at(answer, row, "conversations_before") ?? 0]));
  const names = columns.slice(1).filter(name => (!view.inline || SHORT.includes(name)) && !name.endsWith("_before"));
  const hide = name => EXTRA.includes(name) || !SHORT.includes(name) || name === "first_median" && names.includes("close_median") ? " extra" : "";
  const cell = (row, name) => {
    const value = at(answer, row, name), text = name === "change" && value === "few" ? "too few" : figure(value);
    const only = LISTED.includes(name) && !isFolded(row[0]) && (name === "conversations" ? condition(by, row[0]) : `${condition(by, row[0])},${name}`);
    return el("td", {class: `n${hide(name)} ${name === "change" ? value : ""}`}, listing(text, only, value, view, row[0]),
      columns.includes(`${name}_before`) ? el("span", {class: "was"}, ` was ${figure(at(answer, row, `${name}_before`))}`) : "");
  };
  return table(answer.compared_to ? "bars compared" : "bars", head,
    [column(words(by)), el("td", {class: "track"}), ...names.map(name => column(name === "conversations" ? LONG : words(name), `n${hide(name)}`))],
    fill(el("tbody"), rows, row => {
      const drawn = bar(count(row) / most);
      if (view.drills && count(row) && !isFolded(row[0])) drawn.addEventListener("click", () => view.list(condition(by, row[0]), row[0]));
      return el("tr", {"data-fold": true}, el("th", {scope: "row", class: "name"}, said(row[0] ?? "–")), el("td", {class: "track"}, drawn), names.map(name => cell(row, name)));
    }, view));
}

const scrolled = (head, ...children) => el("div", {class: "scroll", tabindex: 0, role: "region", "aria-labelledby": head.id}, ...children);
const more = (rows, total) => el("p", {class: "note", "data-more": Number.isInteger(total) ? Math.max(rows, total) : rows, hidden: true});

// A real table for what a drawing shows.
function whole(answer, label, view) {
  const head = el("summary", {id: `s${++lastId}`}, label), box = scrolled(head);
  later(view, () => box.append(table("", head,
    answer.columns.map((name, place) => column(words(name), place ? "n" : "")), fill(el("tbody"), answer.rows, row => el("tr", {},
    row.map((value, place) => place === 0 ? el("th", {scope: "row"}, said(value ?? "–")) : el("td", {class: "n"}, typeof value === "string" && seconds(value) === null && !/%/.test(value) ? said(value) : figure(value)))), view))));
  return el("details", {}, head, box);
}

// Where a time stands on the axis: one that no conversation has leaves a gap.
const DAY = 86400000;
const place = (by, label) => by === "hour" ? parseInt(label, 10) : by === "month" ? Number(label.slice(0, 4)) * 12 + Number(label.slice(5)) : Math.round(Date.parse(label) / DAY / (by === "week" ? 7 : 1));
// The window above has the year.
const short = (by, label) => ["day", "week"].includes(by) && /^\d{4}-/.test(label) ? label.slice(5) : label;

function timeline(answer, view, by) {
  const rows = answer.rows.filter(row => !isFolded(row[0]) && !Number.isNaN(place(by, row[0]))),
    left = answer.rows.filter(row => !rows.includes(row)).map(row => row[0]).join(", ");
  const counts = rows.map(row => at(answer, row, "conversations")), past = rows.map(row => at(answer, row, "conversations_before") ?? 0),
    both = counts.some((count, at) => count && past[at]);
  const most = Math.max(1, ...counts, ...past), start = place(by, rows[0][0]), step = 720 / (place(by, rows.at(-1)[0]) - start + 1),
    every = Math.ceil(rows.length / (innerWidth / parseFloat(getComputedStyle(main).fontSize) < 36 ? 4 : 9));
  const drawing = picture("columns", "720 100", `Conversations by ${by}`, rows.map((row, at) => `${row[0]}: ${figure(counts[at])}`).join(", "));
  const axis = el("div", {class: "axis", "aria-hidden": "true"});
  rows.forEach((row, at) => {
    const x = (place(by, row[0]) - start) * step, rect = (kind, count, gap) => {
      const height = count && Math.max(2, count / most * 100);
      return drawing.appendChild(svg("rect", {class: `fill ${kind}`, x: x + step * gap, width: step * (1 - 2 * gap), y: 100 - height, height}));
    };
    // Where both periods have the same times, one column stands before the other.
    if (past[at]) rect("idle", past[at], both ? .04 : .12);
    const shape = rect("", counts[at], both ? .24 : .12);
    if (view.drills && counts[at]) shape.addEventListener("click", () => view.list(condition(by, row[0]), row[0]));
    if (at % every === 0 && at <= rows.length - every / 2) {
      const edge = at === 0 && step < 60, label = axis.appendChild(el("span", {class: edge ? "edge" : ""}, short(by, row[0])));
      if (!edge) label.style.left = `${(x + step / 2) / 7.2}%`;
    }
  });
  const peak = counts.indexOf(Math.max(...counts)), id = `s${++lastId}`, text = `Table by ${lower(by)}`;
  // Behind a button, or unseen where a card may have no more buttons.
  const name = view.inline ? el("p", {id}, text) : el("summary", {id}, text),
    box = view.inline ? el("div", {class: "unseen"}, name) : el("details", {open: Boolean(view.report)}, name);
  later(view, () => { const all = barTable(answer, {...view, inline: false}, by, name); box.append(view.inline ? all : scrolled(name, all)); });
  return el("section", {}, titled(view, `Conversations by ${lower(by)}`),
    el("p", {class: "note"}, past.some(Boolean) ? [swatch("idle"), "the period compared with · "] : "", `Most: ${figure(counts[peak])}, ${rows[peak][0]}${left ? ` · In the table only: ${left}` : ""}`), drawing, axis, box);
}

function heat(answer, view, by, then, columns, rows) {
  const most = Math.max(1, ...rows.filter(([label]) => !isFolded(label)).flatMap(([, counts]) => counts)),
    head = titled(view, `${answer.cells ? "By" : "Conversations by"} ${lower(by)} and ${lower(then)}`);
  const level = count => count === 0 ? "l0" : count ? `l${Math.max(1, Math.ceil(Math.min(1, count / most) * 4))}` : "";
  const cell = (label, name, count) => el("td", {class: level(count)}, count === null ? unseen("none")
    : listing(figure(count), !isFolded(label) && !isFolded(name) && name !== null && `${condition(by, label)},${condition(then, name)}`, count, view, `${label}, ${name}`));
  const made = table(columns.length > 12 ? "heat dense" : "heat", head, [el("td"), ...columns.map(name => column(said(short(then, name ?? "–"))))],
    fill(el("tbody"), rows, ([label, counts]) => el("tr", {"data-fold": true}, el("th", {scope: "row"}, said(label)), counts.map((count, place) => cell(label, columns[place], count))), view));
  made.prepend(el("colgroup", {}, el("col"), el("col", {span: columns.length})));
  return el("section", {}, head, made, more(rows.length));
}
