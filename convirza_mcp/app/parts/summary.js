// A summary: figures with comparison, wait bands, response times against the target.
const DELTA = {faster: "faster", slower: "slower", same: "same"}, LONG = "Conver\u00adsations";
const tile = (label, value, then, kind, name, view) => el("div", {class: "tile"}, el("dt", {}, label),
  el("dd", {}, listing(figure(value), name, value, view, label)), then && el("dd", {class: `then ${kind ?? ""}`}, then));
const was = value => value === undefined ? undefined : `${figure(value)} before`;

function tiles(answer, view) {
  const {first_response: first, before, target_minutes: target} = answer, found = [];
  const add = (label, value, ...rest) => value !== undefined && found.push(tile(label, value, ...rest, view));
  add(LONG, answer.conversations, was(before?.conversations), "", null);
  if (answer.time_to_close) add("Median time to close", answer.time_to_close.median, was(before?.time_to_close?.median), "", null);
  else add("Waiting now", answer.waiting, answer.unassigned === undefined ? undefined : `${number(answer.unassigned)} unassigned`, "", "waiting");
  add("Never answered", answer.never_answered, was(before?.never_answered), "", "never_answered");
  if (first) {
    const change = DELTA[answer.change];
    add("Median first reply", first.median, before ? `${change && change !== "same" ? `${change === "faster" ? "▼" : "▲"} ${change} · ` : ""}${was(before.first_response.median)}`
      : `of ${number(first.count)} answered`, change, "answered");
    const [share, ofAll] = String(first.within_target ?? "").split(", ");
    if (first.within_target) add(`Within ${number(target)} min`, share.replace(" of answered", ""), before?.first_response.within_target
      ? was(before.first_response.within_target.split(", ")[0].replace(" of answered", "")) : `of answered, ${percent(ofAll ?? "")}`, "", "first_within_target");
  }
  return el("dl", {class: "tiles"}, found);
}

function waitBands(answer, view) {
  const bands = Object.entries(answer.waits ?? {}), most = Math.max(1, ...bands.map(([, count]) => count));
  if (!answer.waiting) return null;
  const drawn = count => svg("svg", {viewBox: "0 0 10 34", preserveAspectRatio: "none", "aria-hidden": "true"},
    svg("rect", {class: "fill", x: 0, width: 10, y: 34 - Math.max(count && 2, count / most * 34), height: Math.max(count && 2, count / most * 34)}));
  const head = titled(view, "How long they wait");
  return el("section", {}, head, table("bands", head, bands.map(([label]) => column(label)), el("tbody", {}, el("tr", {}, bands.map(([, count]) => el("td", {}, figure(count), drawn(count)))))),
  el("p", {class: "note"}, answer.wait_clock));
}

function responses(answer, view) {
  const first = answer.first_response;
  if (!first?.count) return null;
  const parts = [["good", first.count - answer.late, `In ${number(answer.target_minutes)} min: ${percent(first.within_target)}`],
    ["late", answer.late, `Late: ${figure(answer.late)}`], ["idle", answer.never_answered, `Never answered: ${figure(answer.never_answered)}`]];
  const sum = parts.reduce((all, [, count]) => all + count, 0) || 1;
  let x = 0;
  const drawn = picture("share", "100 10", "First replies against the target", parts.map(([,, text]) => text).join(". "));
  for (const [kind, count] of parts) {
    drawn.append(svg("rect", {class: `fill ${kind}`, x, width: Math.max(0, count / sum * 100 - .4), height: 10}));
    x += count / sum * 100;
  }
  const times = [["Median", first.median], ["Mean", first.mean], ["90% within", first.p90]];
  return el("section", {}, titled(view, "First reply against the target"), drawn,
    el("ul", {class: "key"}, parts.map(([kind,, text]) => el("li", {}, swatch(kind), text))),
    el("p", {class: "note"}, times.map(([label, value]) => `${label} ${figure(value)}`).join(" · ")));
}

// Every figure of the head, by name: full screen and report. Those counted are conditions of the same name.
const COUNTED = ["closed", "unread", "unassigned", "waiting", "pinned", "never_answered", "late", "missed_target", "outside_hours"];
function allFigures(answer, view) {
  const facts = [], add = (label, value, before, name) => facts.push(fact(label, listing(figure(value), name, value, view, label), before === undefined ? "" : ` (${was(before)})`));
  for (const name of ["conversations", ...COUNTED, "unread_messages", "without_time", "closed_without_time", "started_without_time"])
    if (answer[name] !== undefined) add(words(name), answer[name], answer.before?.[name], COUNTED.includes(name) && name);
  for (const [name, label] of [["first_response", "First reply"], ["avg_response", "Average reply"], ["time_to_close", "Time to close"]])
    for (const [part, value] of Object.entries(answer[name] ?? {})) add(`${label}, ${part.replace("within_5m", "within 5 min").replace("within_target", "within target").replace("p90", "90% within")}`, value, answer.before?.[name]?.[part]);
  return el("dl", {class: "facts"}, facts);
}

function summary(answer, view) {
  if (answer.cells) return groups(answer, view);
  const two = view.inline && answer.rows.length ? null : el("div", {class: "two"}, [waitBands(answer, view), responses(answer, view)].filter(Boolean));
  const body = [tiles(answer, view), two, ...groups(answer, view)];
  if (view.inline) return body;
  const all = el("details", {open: Boolean(view.report)}, el("summary", {}, "All figures"));
  later(view, () => all.append(allFigures(answer, view)));
  return [...body, el("section", {}, all)];
}
