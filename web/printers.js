// The console's view of printing: which store can print, what waits for a person. Its helpers are the page's own.
"use strict";

const MOST_PAGES = 20;
const TROUBLED_WORDS = {
  unknown: "The ticket may or may not be on paper: look at the printer.",
  failed: "It could not be printed.",
  expired: "It was not printed in time.",
  waiting: "It has waited too long.",
};
const STATE = {
  queued: ["waits", "wait"], sent: ["on its way", "wait"], received: ["in the store", "wait"], printing: ["printing", "wait"],
  printed: ["on paper", "good"], failed: ["failed", "bad"], unknown: ["unknown", "bad"], expired: ["too late", "bad"],
  cancelled: ["withdrawn", ""],
};
const AGENT = {
  online: ["agent on line", "good"], offline: ["agent off line", "bad"], never_seen: ["agent never seen", "bad"],
  revoked: ["agent revoked", ""],
};
let shownFleet = null;

async function lookAtPrinting(wanted) {
  try {
    const stores = await wholeFleet();
    if (!wanted()) return [];
    showFleet(stores);
    concludePrinting(null);
    $("header [role=status]").textContent = `as of ${new Date().toLocaleTimeString()}`;
    return [];
  } catch (trouble) {
    if (wanted() && !trouble.leave) concludePrinting(trouble);
    return [trouble];
  }
}

function concludePrinting(trouble) {
  $("#printing").hidden = false;
  $("main").classList.toggle("stale", Boolean(trouble));
  complain($("#printing .trouble"), trouble);
}

async function wholeFleet() {
  const stores = [];
  let cursor = "";
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await get(`/v1/printing/fleet?chain=${encodeURIComponent(chain)}&limit=200${cursor}`);
    stores.push(...page.stores);
    if (!page.next) break;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
  return stores;
}

function forgetPrinting() {
  shownFleet = null;
  $("#printing .content").replaceChildren();
  $("#sheet").close();
}

// Nothing is drawn anew that has not changed: a button must not vanish under a finger.
function showFleet(stores) {
  const text = JSON.stringify(stores, (name, value) => (["seen_at", "reported_at"].includes(name) ? undefined : value));
  if (text === shownFleet) return;
  shownFleet = text;
  const jobs = stores.flatMap((store) => store.jobs.map((job) => ({ ...job, name: store.name })));
  const more = stores.reduce((sum, store) => sum + store.jobs_for_person, 0) - jobs.length;
  const sorted = [...stores].sort((one, other) => one.can_print - other.can_print || compare(one.name, other.name));
  const parts = [element("p", "sum", headline(stores), element("small", "", "can print now"))];
  if (jobs.length) {
    parts.push(element("h2", "", "Waits for a person"), element("ul", "jobs", ...jobs.map(jobForPerson)));
    if (more > 0) parts.push(element("p", "soft", `and ${more} older ones: ask for a store's newest tickets`));
  }
  parts.push(element("h2", "", "Stores"), stores.length
    ? element("ul", "fleet", ...sorted.map(storeRow))
    : element("p", "soft", "No store is set up to print yet."));
  $("#printing .content").replaceChildren(...parts);
}

const headline = (stores) => `${stores.filter((store) => store.can_print).length} of ${stores.length} stores`;

function jobForPerson(job) {
  const made = element("li", "wanted",
    element("span", "what", `${numberOf(job)} · ${job.name} · ${job.printer}`, element("small", "", TROUBLED_WORDS[job.attention])),
    element("time", "soft", new Date(job.attention_at).toLocaleString(undefined, timeStyle(job.attention_at))));
  const looked = ["unknown", "waiting"].includes(job.attention);
  made.append(element("span", "acts",
    act("Look", "second", () => showPaper(job)),
    looked ? act("On paper", "", () => resolve(job, "on_paper")) : null,
    act("Print again", looked ? "second" : "", () => resolve(job, "again")),
    act("Not needed", "second", () => resolve(job, "dismissed"))));
  return made;
}

const numberOf = (job) => `${job.pickup_number ? `No. ${job.pickup_number}` : job.kind}${job.reprint ? ` (reprint ${job.reprint})` : ""}`;
// A key of several chains has to name the chain.
const jobsOf = ({ chain, store }) => `/v1/printing/stores/${encodeURIComponent(`${chain}:${store}`)}/jobs`;
const pathOf = (job) => `${jobsOf(job)}/${job.id}`;
const resolve = (job, resolution) => ask("POST", `${pathOf(job)}/resolve`, { resolution });

function storeRow(store) {
  const agents = store.agents.length ? store.agents.flatMap(agentBadges) : [badge(["no agent", "bad"])];
  const row = element("li", store.can_print ? "" : "wanted",
    element("span", "what", store.name, " ", ...agents, element("small", "", store.store)),
    element("span", "printers", ...store.printers.map((printer) => printerState(store, printer))),
    store.orders_planned ? badge([`${counted(store.orders_planned, "order")} for later`, ""]) : null,
    store.late_uploads ? badge([`${counted(store.late_uploads, "ticket")} came too late in 24 h`, "wait"]) : null);
  row.append(element("span", "acts", act("Newest tickets", "second", () => showTickets(store))));
  return row;
}

// Its identity is used on two machines: a person says which one is right (docs/guide/set-up-a-print-agent.md).
const agentBadges = (agent) => [badge(AGENT[agent.state]), agent.copied ? badge(["copied to another machine", "bad"]) : null];

const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

function printerState(store, printer) {
  const online = store.agents.some((agent) => agent.printing);
  return element("span", "", `${printer.id} `, badge(online || !printer.state ? printerWords(printer) : ["not known now", "bad"]),
    printer.paper === "low" ? badge(["paper low", "wait"]) : null,
    printer.open_jobs ? badge([`${printer.open_jobs} waiting`, printer.can_print ? "wait" : "bad"]) : null);
}

function printerWords({ state, paper, cover, error, trouble }) {
  if (!state) return ["never heard of", ""];
  if (trouble === "other_printer") return ["another printer is at its address", "bad"];
  if (state === "ready") return ["ready", "good"];
  if (state === "mute" || state === "unchecked") return ["prints, tells nothing", "wait"];
  if (state === "unreachable") return ["not reachable", "bad"];
  if (paper === "out") return ["out of paper", "bad"];
  if (cover === "open") return ["cover open", "bad"];
  if (error === "cutter") return ["cutter jammed", "bad"];
  return ["stands still", "bad"];
}

function act(text, className, work) {
  const button = element("button", className, text);
  button.addEventListener("click", async () => {
    button.disabled = true;
    const where = $(".trouble", button.closest("dialog, section"));
    try {
      await work();
      complain(where, null);
      refresh();
    } catch (trouble) {
      complain(where, trouble);
    }
    button.disabled = false;
  });
  return button;
}

function openSheet(title, ...content) {
  $("#sheet h2").textContent = title;
  complain($("#sheet .trouble"), null);
  $("#sheet .content").replaceChildren(...content);
  if (!$("#sheet").open) $("#sheet").showModal();
}

async function showPaper(job) {
  const blob = await ask("GET", `${pathOf(job)}/preview`, undefined, (reply) => reply.blob());
  const picture = new Image();
  picture.alt = `The paper of ${numberOf(job)}`;
  picture.src = await asData(blob);
  openSheet(`${numberOf(job)} · ${job.printer}`, picture);
}

const asData = (blob) =>
  new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });

async function showTickets(store) {
  const { jobs } = await get(`${jobsOf(store)}?limit=30`);
  const rows = jobs.map((job) => {
    const time = element("time", "soft", new Date(job.queued_at).toLocaleString(undefined, timeStyle(job.queued_at)));
    const row = element("li", "", element("span", "what", `${numberOf(job)} · ${job.kind} · ${job.printer}`), badge(STATE[job.state]), time);
    const final = job.ended_at && !job.attention;
    row.append(element("span", "acts", act("Look", "second", () => showPaper(job)), final ? act("Reprint", "second", () => reprint(store, job)) : null));
    return row;
  });
  openSheet(`Newest tickets of ${store.name}`, rows.length ? element("ul", "", ...rows) : element("p", "soft", "None yet."));
}

async function reprint(store, job) {
  await ask("POST", `${pathOf(job)}/reprint`, {});
  await showTickets(store);
}
