"use strict";
// The customer's page asks for the delivery again and again; an unchanged one costs a 304. All text goes in as text.
const WORDS = {
  en: {
    title: (number) => `Delivery ${number}`, promise: (from, until) => `Between ${from} and ${until}`,
    preparing: "Being prepared", ready: "Packed", picked_up: "Picked up", on_the_way: "On the way", arrived: "At the door",
    delivered: "Delivered", failed: "Not delivered", returning: "On the way back", returned: "Back at the store",
    cancelled: "Cancelled", arrival: (low, high) => `Arrives in ${low} to ${high} minutes`, near: "The courier is near",
    atDoor: "The courier is at your door",
    stale: (time) => `Last seen at ${time}`, pin: (pin) => `PIN at the door: ${pin}`, map: "Sketch of store, courier and door",
    store: "Store", door: "Door", courier: "Courier", stars: "How was it?", complaint: "Is something wrong?", send: "Send",
    sent: "Sent. Thank you.", offline: "No connection. Trying again.", gone: "There is no such delivery.", star: (n) => `${n} of 5`,
    talk: "Messages", to: "To", text: "Message", desk: "Store", you: "You", written: "Sent.", tooMany: "No more messages. Call the store.",
    absent: "There is no courier now. Write to the store.", photo: "Show the photo at the door",
  },
  zh: {
    title: (number) => `配送 ${number}`, promise: (from, until) => `预计 ${from} 至 ${until} 送达`,
    preparing: "备货中", ready: "已打包", picked_up: "已取货", on_the_way: "配送中", arrived: "已到门口",
    delivered: "已送达", failed: "未送达", returning: "退回途中", returned: "已退回门店",
    cancelled: "已取消", arrival: (low, high) => `约 ${low}–${high} 分钟后到达`, near: "配送员就在附近",
    atDoor: "配送员已到您门口",
    stale: (time) => `最后位置时间 ${time}`, pin: (pin) => `收货码:${pin}`, map: "门店、配送员与门口示意图",
    store: "门店", door: "门口", courier: "配送员", stars: "本次体验如何?", complaint: "有什么问题吗?", send: "提交",
    sent: "已提交,谢谢。", offline: "没有网络,正在重试。", gone: "没有这个配送。", star: (n) => `${n} 星`,
    talk: "消息", to: "发给", text: "消息内容", desk: "门店", you: "您", written: "已发送。", tooMany: "消息已达上限,请致电门店。",
    absent: "暂无配送员,请联系门店。", photo: "查看门口照片",
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

const [WIDE, HIGH, EDGE, TILE] = [320, 240, 35, 256];

/** Puts places into the frame of the map: without tiles on a plain grid, else in the projection of the tiles. */
function projection(points, tiles) {
  const across = Math.cos((points.reduce((sum, point) => sum + point.lat, 0) / points.length) * Math.PI / 180);
  const flat = tiles ? mercator : ({ lat, lon }) => [lon * across, -lat];
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => flat(point)[axis]));
  const middle = [xs, ys].map((all) => (Math.max(...all) + Math.min(...all)) / 2);
  const fitting = Math.min(...[[xs, WIDE], [ys, HIGH]].map(([all, room]) => (room - 2 * EDGE) / Math.max(Math.max(...all) - Math.min(...all), 1e-9)));
  const zoom = tiles ? Math.max(0, Math.min(tiles.most_zoom, Math.floor(Math.log2(fitting / TILE)))) : null;
  const scale = tiles ? TILE * 2 ** zoom : Math.min(fitting, 2e6);
  const corner = [middle[0] * scale - WIDE / 2, middle[1] * scale - HIGH / 2];
  return { zoom, corner, spot: (point) => flat(point).map((value, axis) => value * scale - corner[axis]) };
}

/** A place on the square of the Web Mercator projection, each side 1 long. */
function mercator({ lat, lon }) {
  const radians = Math.max(-85.05, Math.min(85.05, lat)) * Math.PI / 180;
  return [(lon + 180) / 360, (1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2];
}

/** The tiles behind the frame, those that are there already as they are. */
function lay(tiles, { zoom, corner }) {
  const old = new Map([...find("tiles").children].map((tile) => [tile.getAttribute("href"), tile]));
  const shown = [];
  const [left, top] = corner.map((value) => Math.floor(value / TILE));
  for (let x = left; tiles && x * TILE < corner[0] + WIDE; x += 1) {
    for (let y = Math.max(top, 0); y < 2 ** zoom && y * TILE < corner[1] + HIGH; y += 1) {
      const round = ((x % 2 ** zoom) + 2 ** zoom) % 2 ** zoom;
      const href = tiles.url.replace("{z}", zoom).replace("{x}", round).replace("{y}", y);
      const tile = old.get(href) || shape("image", { href, width: TILE, height: TILE });
      tile.setAttribute("x", x * TILE - corner[0]);
      tile.setAttribute("y", y * TILE - corner[1]);
      shown.push(tile);
    }
  }
  find("tiles").replaceChildren(...shown);
}

function draw(view, place) {
  const points = [["store", view.store], ["door", view.door], ["courier", place]].filter(([, point]) => point);
  const map = find("map");
  const tiles = points.length < 2 ? null : view.map_tiles;
  map.toggleAttribute("hidden", points.length < 2);
  find("attribution").hidden = !tiles;
  say("attribution", tiles ? tiles.attribution : "");
  if (points.length < 2) {
    // After the end the page forgets the courier's last place.
    for (const part of ["tiles", "marks"]) find(part).replaceChildren();
    return;
  }
  say("map-name", words.map);
  const plane = projection(points.map(([, point]) => point), tiles);
  lay(tiles, plane);
  const marks = [];
  if (view.store && view.door) {
    const [[x1, y1], [x2, y2]] = [plane.spot(view.store), plane.spot(view.door)];
    marks.push(shape("line", { x1, y1, x2, y2, class: "way" }));
  }
  for (const [name, point] of points) {
    const [cx, cy] = plane.spot(point);
    marks.push(shape("circle", { cx, cy, r: name === "courier" ? 9 : 7, class: name === "courier" ? "courier" : "place" }));
    const isLeft = cx > WIDE / 2; // the word stays within the frame
    marks.push(shape("text", { x: isLeft ? cx - 12 : cx + 12, y: cy - 8, "text-anchor": isLeft ? "end" : "start" }, words[name]));
  }
  find("marks").replaceChildren(...marks);
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
  find("photo").hidden = !view.has_photo;
  let arrival = "";
  if (view.state === "arrived" || (place && place.at_door && !place.stale)) arrival = words.atDoor;
  else if (place && place.stale) arrival = words.stale(clock(place.at));
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

/** The address holds for a minute, so it is asked for when somebody wants to see the photo. */
async function showPhoto() {
  try {
    const reply = await fetch(`${api}/photo`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
    if (reply.ok) location.assign((await reply.json()).url);
    else find("photo").hidden = true;
  } catch {
    say("arrival", words.offline);
  }
}

function prepare() {
  document.documentElement.lang = language;
  for (const [id, text] of [["stars-name", words.stars], ["complaint-name", words.complaint], ["send", words.send],
    ["talk-name", words.talk], ["to-name", words.to], ["text-name", words.text], ["write-send", words.send], ["photo", words.photo]]) say(id, text);
  for (const party of ["courier", "desk"]) find("to").append(new Option(words[party], party));
  find("photo").addEventListener("click", showPhoto);
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
