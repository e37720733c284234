"use strict";
// The customer's page asks for the delivery again and again; an unchanged one costs a 304. All text goes in as text.
const WORDS = {
  en: {
    title: (number) => `Delivery ${number}`, promise: (from, until) => `Between ${from} and ${until}`,
    preparing: "Being prepared", ready: "Packed", picked_up: "Picked up", on_the_way: "On the way", arrived: "At the door",
    delivered: "Delivered", failed: "Not delivered", returning: "On the way back", returned: "Back at the store",
    cancelled: "Cancelled", arrival: (low, high) => `Arrives in ${low} to ${high} minutes`, near: "The courier is near",
    stale: (time) => `Last seen at ${time}`, pin: (pin) => `PIN at the door: ${pin}`, map: "Sketch of store, courier and door",
    store: "Store", door: "Door", courier: "Courier", stars: "How was it?", complaint: "Is something wrong?", send: "Send",
    sent: "Sent. Thank you.", offline: "No connection. Trying again.", gone: "There is no such delivery.", star: (n) => `${n} of 5`,
    talk: "Messages", to: "To", text: "Message", desk: "Store", you: "You", written: "Sent.", tooMany: "No more messages. Call the store.",
    absent: "There is no courier now. Write to the store.",
  },
  zh: {
    title: (number) => `配送 ${number}`, promise: (from, until) => `预计 ${from} 至 ${until} 送达`,
    preparing: "备货中", ready: "已打包", picked_up: "已取货", on_the_way: "配送中", arrived: "已到门口",
    delivered: "已送达", failed: "未送达", returning: "退回途中", returned: "已退回门店",
    cancelled: "已取消", arrival: (low, high) => `约 ${low}–${high} 分钟后到达`, near: "配送员就在附近",
    stale: (time) => `最后位置时间 ${time}`, pin: (pin) => `收货码:${pin}`, map: "门店、配送员与门口示意图",
    store: "门店", door: "门口", courier: "配送员", stars: "本次体验如何?", complaint: "有什么问题吗?", send: "提交",
    sent: "已提交,谢谢。", offline: "没有网络,正在重试。", gone: "没有这个配送。", star: (n) => `${n} 星`,
    talk: "消息", to: "发给", text: "消息内容", desk: "门店", you: "您", written: "已发送。", tooMany: "消息已达上限,请致电门店。",
    absent: "暂无配送员,请联系门店。",
  },
};
const language = (navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en";
const words = WORDS[language];
const UNDERWAY = ["picked_up", "on_the_way", "arrived"];
const link = location.pathname.split("/").pop();
const api = `../v1/tracks/${encodeURIComponent(link)}`;
const find = (id) => document.getElementById(id);
const say = (id, text) => { if (find(id).textContent !== text) find(id).textContent = text; };
const clock = (text) => new Date(text).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
const tags = {};
const copies = {};

async function ask(part) {
  const headers = tags[part] ? { "If-None-Match": tags[part] } : {};
  const reply = await fetch(api + part, { headers, cache: "no-store", referrerPolicy: "no-referrer" });
  if (reply.status === 304) return copies[part];
  if (reply.status === 404) { delete tags[part]; return null; }
  if (!reply.ok) throw new Error(String(reply.status));
  tags[part] = reply.headers.get("ETag");
  copies[part] = await reply.json();
  return copies[part];
}

function shape(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

function draw(view, place) {
  const points = [["store", view.store], ["door", view.door], ["courier", place]].filter(([, point]) => point);
  const map = find("map");
  map.querySelectorAll(":not(title)").forEach((old) => old.remove());
  map.toggleAttribute("hidden", points.length < 2);
  if (points.length < 2) return;
  say("map-name", words.map);
  const middle = points.reduce((sum, [, point]) => sum + point.lat, 0) / points.length;
  const across = Math.cos((middle * Math.PI) / 180);
  const xs = points.map(([, point]) => point.lon * across);
  const ys = points.map(([, point]) => point.lat);
  const [left, bottom] = [Math.min(...xs), Math.min(...ys)];
  const size = Math.max(Math.max(...xs) - left, (Math.max(...ys) - bottom) * (240 / 170), 1e-6);
  const aside = (240 - ((Math.max(...xs) - left) / size) * 240) / 2;
  const spot = (point) => [40 + aside + ((point.lon * across - left) / size) * 240, 200 - ((point.lat - bottom) / size) * 240];
  if (view.store && view.door) {
    const [[x1, y1], [x2, y2]] = [spot(view.store), spot(view.door)];
    map.append(shape("line", { x1, y1, x2, y2, class: "way" }));
  }
  for (const [name, point] of points) {
    const [cx, cy] = spot(point);
    map.append(shape("circle", { cx, cy, r: name === "courier" ? 9 : 7, class: name === "courier" ? "courier" : "place" }));
    map.append(shape("text", { x: cx + 12, y: cy - 8 }, words[name]));
  }
}

function tell(view, place) {
  document.title = words.title(view.number);
  say("title", document.title);
  say("state", words[view.state] || view.state);
  say("promise", view.poll_seconds ? words.promise(clock(view.wanted_from), clock(view.wanted_until)) : "");
  say("pin", view.pin ? words.pin(view.pin) : "");
  find("pin").hidden = !view.pin;
  const [toCourier] = find("to").options;
  toCourier.disabled = !view.courier;
  if (toCourier.disabled) find("to").value = "desk";
  find("stars").hidden = Boolean(view.poll_seconds) || view.state === "cancelled";
  let arrival = "";
  if (place && place.stale) arrival = words.stale(clock(place.at));
  else if (place && place.near) arrival = words.near;
  else if (place && place.minutes !== null) arrival = words.arrival(Math.max(place.minutes - place.error, 0), place.minutes + place.error);
  say("arrival", arrival);
  draw(view, place);
}

async function watch() {
  let seconds = 15;
  try {
    const view = await ask("");
    if (!view) { say("state", words.gone); find("feedback").hidden = true; return; }
    tell(view, UNDERWAY.includes(view.state) ? await ask("/position") : null);
    seconds = view.poll_seconds;
  } catch {
    say("arrival", words.offline);
  }
  if (seconds) setTimeout(watch, seconds * 1000);
}

// Messages go through the store: neither side learns a number. `after` is the last number that the page has.
const messages = { address: `../v1/delivery-links/${encodeURIComponent(link)}/messages`, after: 0, tag: null, isOver: false };

async function hear() {
  if (messages.isOver) return;
  const headers = messages.tag ? { "If-None-Match": messages.tag } : {};
  const reply = await fetch(`${messages.address}?after=${messages.after}`, { headers, cache: "no-store", referrerPolicy: "no-referrer" });
  if (reply.status === 410) messages.after = (await reply.json()).oldest - 1; // earlier ones are no longer kept
  if (reply.status === 404 || reply.status === 409) closeTalk();
  if (!reply.ok) return;
  const page = await reply.json();
  for (const message of page.messages) if (message.kind === "chat") find("messages").append(bubble(message));
  messages.after = page.next;
  messages.tag = page.next === page.head ? reply.headers.get("ETag") : null;
  find("talk").hidden = false;
}

function closeTalk() {
  messages.isOver = true;
  find("write").hidden = true;
}

function bubble({ sender, values, at }) {
  const item = document.createElement("li");
  const isOwn = sender.party === "customer";
  item.classList.toggle("own", isOwn);
  const small = document.createElement("small");
  small.textContent = `${isOwn ? words.you : sender.name || words[sender.party] || words.desk} · ${clock(at)}`;
  item.append(values.text, small);
  return item;
}

async function listen() {
  await hear().catch(() => undefined);
  if (!messages.isOver) setTimeout(listen, 15_000);
}

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
let draft = null; // the same message sent again has the same id

async function write(event) {
  event.preventDefault();
  const text = find("text").value.trim();
  if (!text) return;
  const to = find("to").value;
  if (!draft || draft.text !== text || draft.to !== to) draft = { id: newId(), to, text };
  try {
    const reply = await fetch(messages.address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(draft) });
    const failure = reply.ok ? null : (await reply.json().catch(() => ({}))).code;
    say("written", reply.ok ? words.written : failure === "nobody_there" ? words.absent : failure === "too_many_messages" ? words.tooMany : words.offline);
    if (!reply.ok) return;
    draft = null;
    find("text").value = "";
    messages.tag = null;
    await hear();
  } catch {
    say("written", words.offline);
  }
}

function prepare() {
  document.documentElement.lang = language;
  for (const [id, text] of [["stars-name", words.stars], ["complaint-name", words.complaint], ["send", words.send],
    ["talk-name", words.talk], ["to-name", words.to], ["text-name", words.text], ["write-send", words.send]]) say(id, text);
  for (const party of ["courier", "desk"]) find("to").append(new Option(words[party], party));
  find("write").addEventListener("submit", write);
  for (let number = 1; number <= 5; number += 1) {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name: "stars", value: String(number) });
    label.append(input, words.star(number));
    find("stars").append(label);
  }
  find("feedback").addEventListener("submit", send);
}

async function send(event) {
  event.preventDefault();
  const stars = Number(new FormData(find("feedback")).get("stars")) || null;
  const complaint = find("complaint").value.trim() || null;
  if (!stars && !complaint) return;
  const body = JSON.stringify({ stars, complaint });
  try {
    const reply = await fetch(`${api}/feedback`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    say("sent", reply.ok ? words.sent : words.offline);
  } catch {
    say("sent", words.offline);
  }
}

prepare();
watch();
listen();
