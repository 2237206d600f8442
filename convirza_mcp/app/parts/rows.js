// Conversations: who is waiting, hits and changes, one conversation, and any other table.
const nameOf = (answer, row) => at(answer, row, "source_name") ?? at(answer, row, "source") ?? "Unknown";
const openOne = (answer, row, view) => {
  const id = at(answer, row, "conversation_id"), name = said(nameOf(answer, row));
  return view.drills ? el("button", {class: "list", onclick: () => view.open(id)}, name) : name;
};
const cut = text => { const shown = [...String(text ?? "").replace(/\s+/g, " ")]; return shown.length > 170 ? `${shown.slice(0, 170).join("")}…` : shown.join(""); };
const by = agent => agent === null || agent === undefined ? "no agent" : agent;
const dotted = parts => parts.filter(part => part || part === 0).flatMap((part, place) => place ? [" · ", part] : [part]);

function waitingList(answer, view) {
  const target = (view.arguments.target_minutes ?? 15) * 60, waits = answer.rows.map(row => seconds(at(answer, row, "waiting"))), most = Math.max(1, ...waits);
  const late = waits.filter(wait => wait > target).length;
  const person = (row, place) => el("li", {"data-fold": true}, el("span", {class: "who"}, `${place + 1}. `, openOne(answer, row, view)),
    el("span", {class: "when"}, waits[place] > target ? el("span", {class: "late-word"}, "late ") : "", figure(at(answer, row, "waiting"))),
    bar(waits[place] / most, waits[place] > target ? "late" : ""),
    el("span", {class: "why"}, dotted([said(at(answer, row, "why")), /no agent/.test(at(answer, row, "why")) ? null : said(by(at(answer, row, "agent"))), `since ${at(answer, row, "since")}`])),
    view.inline ? null : el("span", {class: "words"}, said(cut(at(answer, row, "message")))));
  return [el("p", {class: "note"}, `Longest first. Clock: ${answer.clock}.${waits.length ? ` Late, over ${number(target / 60)} minutes: ${number(late)} of ${number(waits.length)} listed.` : ""}`),
    people(answer, person, view), more(waits.length, answer.waiting_long_enough ?? answer.waiting),
    view.inline ? null : facts(answer, ["waiting_long_enough", "older_open", "read_but_incoming"], view)];
}

// Without rows, the note says why.
const people = ({rows, note}, make, view) => rows.length ? fill(el("ol", {class: "people"}), rows, make, view) : el("p", {class: "quiet"}, said(brief(note, view)));
const facts = (answer, names, view) => {
  const found = names.filter(name => answer[name] !== undefined);
  return found.length ? el("dl", {class: "facts"}, found.map(name => fact(words(name), listing(figure(answer[name]), name === "read_but_incoming" && name, answer[name], view, words(name))))) : null;
};

function hits(answer, view) {
  const replies = answer.rows.map(row => view.slowest ? /answered in (.+)$/.exec(at(answer, row, "why"))?.[1] : undefined), most = Math.max(1, ...replies.map(reply => seconds(reply) ?? 0));
  const person = (row, place) => el("li", {"data-fold": true}, el("span", {class: "who"}, openOne(answer, row, view)),
    el("span", {class: "when"}, replies[place] ?? at(answer, row, "conversation_updated") ?? ""),
    replies[place] ? bar(seconds(replies[place]) / most) : null,
    el("span", {class: "words"}, said(cut(at(answer, row, "message")))),
    el("span", {class: "why"}, dotted([said(by(at(answer, row, "agent"))), at(answer, row, "unread_count") ? `${number(at(answer, row, "unread_count"))} unread` : null,
      at(answer, row, "why") ? said(at(answer, row, "why")) : null, at(answer, row, "state"), view.slowest ? at(answer, row, "conversation_updated") : null])));
  return [people(answer, person, view), more(answer.rows.length, answer.matches ?? answer.changes)];
}

function one(answer, view) {
  const about = answer.conversation, seen = ["source_name", "source", "message", ...(view.inline ? ["avg_response_time", "conversation_started", "sms_type", "ct_user_id", "pin", "agent"] : [])];
  const fields = Object.entries(about).filter(([name, value]) => !seen.includes(name) && value !== null);
  const list = el("dl", {class: "facts"}, fields.map(([name, value]) => fact(words(name), typeof value === "number" && name !== "conversation_id" && name !== "ct_user_id" ? number(value)
    : value === true ? "yes" : value === false ? "no" : said(String(value).replace("T", " ")))));
  return [el("p", {class: "note"}, dotted([said(about.source ?? ""), answer.closed ? "closed" : "open", said(by(about.agent))])),
    about.message === null || about.message === undefined ? null : el("blockquote", {}, said(view.inline ? cut(about.message) : about.message)), list,
    answer.rows?.length ? el("section", {}, titled(view, "Other conversations of this contact"), hits(answer, view)) : null];
}

function unknown(answer, view) {
  const head = Object.entries(answer).filter(([name, value]) => !["columns", "rows", "untrusted", "note", "window"].includes(name) && (typeof value === "number" || typeof value === "string")), rows = titled(view, "Rows");
  return [el("dl", {class: "facts"}, head.map(([name, value]) => fact(words(name), typeof value === "number" ? number(value) : said(value)))),
    Array.isArray(answer.rows) && Array.isArray(answer.columns) && answer.rows.length ? el("section", {}, rows, scrolled(rows, table("", rows, answer.columns.map(name => column(said(words(String(name))))),
      fill(el("tbody"), answer.rows.filter(Array.isArray),
        row => el("tr", {"data-fold": true}, row.map(value => el("td", {}, typeof value === "number" ? String(value)
          : said(cut(typeof value === "object" && value ? JSON.stringify(value) : value ?? "–"))))), view))), more(answer.rows.length)) : null];
}
