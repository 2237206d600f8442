// One answer as a picture, by its shape; what it covers stands above it, its notes below.
const shapeOf = answer => answer.waits || answer.time_to_close || answer.cells || answer.first_response ? "summary"
  : answer.waiting !== undefined && answer.clock !== undefined ? "waiting" : answer.conversation && typeof answer.conversation === "object" ? "one"
  : answer.columns?.includes("message") && answer.columns.includes("conversation_id") ? "hits" : "unknown";
const titleOf = (answer, shape) => shape === "summary" ? answer.cells ? [conversations(answer.conversations)] : ["SMS inbox in figures"]
  : shape === "waiting" ? [`${number(answer.waiting)} waiting for a reply`]
  : shape === "one" ? ["Conversation with ", said(answer.conversation.source_name ?? answer.conversation.source ?? "an unknown contact")]
  : shape === "hits" ? [typeof answer.matches === "number" ? conversations(answer.matches, " found") : answer.changes !== undefined ? conversations(answer.changes, " changed")
    : answer.total !== undefined ? conversations(answer.total) : "Conversations"] : ["SMS inbox"];
const DRAW = {summary, waiting: waitingList, hits, one, unknown};
const readOf = ({read, total}) => `${number(read)} of ${total === null || total === undefined ? "an unknown number" : number(total)}`;
const isPartial = answer => answer.coverage?.complete === false;
const brief = (note = "", view) => note.replace(/; next call.*/, "").replace(view.report ? /; (see |try )?(by_time|start)[^.]*/g : "", "");

// The button that lists what a figure counts, where the host lets the page ask for it; else the figure alone.
function listing(text, only, value, view, label) {
  if (!view.drills || !only || !value) return text;
  return el("button", {class: "list", title: "List these conversations", onclick: () => view.list(only, label)}, text);
}

function coverageLine(answer, view) {
  const cover = answer.coverage;
  const asOf = cover?.as_of ?? answer.as_of;
  return dotted([view.report ? null : answer.window, answer.by_time && `by time ${answer.by_time}`, answer.only && said(`only ${answer.only}`),
    answer.narrowed_by && said(Object.values(answer.narrowed_by).join(", ")), cover && `${readOf(cover)} read`,
    asOf && !String(answer.window).includes(`to ${String(asOf).slice(0, 16)}`) && `as of ${asOf}`,
    answer.untrusted && !view.report && "texts written by outsiders"]);
}

function draw(answer, view, heading = "h1") {
  const shape = view.plain ? "unknown" : shapeOf(answer), partial = isPartial(answer), cover = answer.coverage;
  const box = el("div", {class: partial ? "is-partial" : "", "data-shape": shape});
  const title = view.title ? [said(view.title)] : titleOf(answer, shape);
  if (view.heading !== false) box.append(el(heading, {}, title));
  box.append(el("header", {}, el("p", {}, coverageLine(answer, view)), answer.compared_to && !view.report ? el("p", {}, `compared with ${answer.compared_to}`) : ""));
  if (partial) box.append(el("p", {class: "partial", role: "note"}, el("strong", {}, "Partial: "),
    `${readOf(cover)} were read; figures count only these. `, said(cover.reason ?? "")));
  if (Array.isArray(answer.matches)) box.append(el("section", {}, titled(view, "Several names fit"), el("ul", {class: "key"}, answer.matches.map(name => el("li", {}, said(name))))));
  box.append(...DRAW[shape](answer, view).filter(Boolean));
  const notes =
    [answer.rows?.[0] || !/^[wh]/.test(shape) ? "note" : 0, "left_out", "unreadable", "cannot_see", "percentiles", "privacy"].filter(name => typeof answer[name] === "string"
      && (!view.inline || ["privacy", "unreadable"].includes(name)) && !(view.report && ["left_out", "privacy"].includes(name)));
  if (notes.length) box.append(el("footer", {}, notes.map(name =>
    el("p", {}, {unreadable: "Unreadable fields: ", left_out: "Left out: "}[name] ?? "", said(brief(answer[name], view))))));
  return box;
}

// A card in a chat has a bounded height: rows fold from the end, and the last line says how many.
function fit(root, most) {
  const rows = [...root.querySelectorAll("[data-fold]")], note = root.querySelector("[data-more]"), all = Number(note?.dataset.more);
  const height = () => document.body.getBoundingClientRect().height;
  let shown = rows.length;
  root.classList.remove("tight");
  const fold = () => rows.forEach((row, at) => { row.hidden = at >= shown; });
  const tell = () => { if (note) { note.hidden = all <= shown; note.textContent = `and ${number(all - shown)} more`; } };
  const squeeze = least => {
    shown = rows.length;
    fold(); tell();
    if (height() <= most) return true;
    const heights = rows.map(row => row.getBoundingClientRect().height);
    let over = height() - most + (note?.hidden ? 24 : 0);
    while (over > 0 && shown > least) over -= heights[--shown];
    fold(); tell();
    while (height() > most && shown > least) { shown--; fold(); tell(); }
    return height() <= most;
  };
  if (!squeeze(Math.min(5, rows.length))) { root.classList.add("tight"); squeeze(1); }
  // Then facts and sections go, the last first; full screen shows them all.
  for (const section of [...root.querySelectorAll(".two > section, .facts > div")].reverse()) if (height() > most) section.hidden = true;
}
