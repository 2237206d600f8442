// Figures as the answer gives them, in the reader's way of writing numbers.
let plain, shares;
// A formatter is slow to make: one for each kind of figure. An odd tag raises before it changes anything.
function speak(tag) {
  const made = new Intl.NumberFormat(tag);
  shares = [0, 1].map(digits => new Intl.NumberFormat(tag, {style: "percent", minimumFractionDigits: digits, maximumFractionDigits: 1}));
  plain = made;
}
speak("en");
const number = value => plain.format(value);
const conversations = (count, rest = "") => `${number(count)} conversation${count === 1 ? "" : "s"}${rest}`;
const percent = text => text.replace(/(\d+(?:\.\d+)?)%/g, (_, value) => shares[Number(value.includes("."))].format(value / 100));
const figure = value => typeof value === "number" ? number(value) : value === null || value === undefined ? "–" : percent(String(value));
const UNITS = {s: 1, m: 60, h: 3600, d: 86400};
// "1d 02h", "7m40s" and "40s" in seconds, for the length of a bar alone; null where it is no duration.
const seconds = text => {
  if (typeof text !== "string" || !/^(\d+[dhms]\s*)+$/.test(text)) return null;
  return [...text.matchAll(/(\d+)([dhms])/g)].reduce((sum, [, count, unit]) => sum + count * UNITS[unit], 0);
};
const WORDS = {
  conversation_id: "Conversation", conversation_updated: "Updated", conversation_started: "Started", source_name: "Name", source: "Number",
  unread_count: "Unread", phone_number: "Line", first_median: "Median first reply", first_p90: "90% first reply", first_within_target: "In target",
  close_median: "Median close", close_p90: "90% close", first_response_time: "First reply", avg_response_time: "Average reply",
  conversation_status: "Status", sms_type: "Latest message", ct_user_id: "User", read_but_incoming: "Read, but incoming",
};
const words = name => {
  if (name.endsWith("_before")) return `${words(name.slice(0, -7))}, before`;
  const text = WORDS[name] ?? name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};
const at = (answer, row, name) => row[answer.columns.indexOf(name)];
