/**
 * A client of the Dumbwaiter API: signed requests or guest tokens, safe repetition, problems as errors.
 *
 * @typedef {Record<string, any>} Json
 * @typedef {{ keyId: string, secret: string } | { token: string }} Credentials
 * @typedef {{ timeout?: number, attempts?: number, epoch?: number, fetch?: typeof fetch }} Options
 *   `timeout` is in milliseconds, for each of at most `attempts`. `epoch` is the highest that any reply had.
 * @typedef {{ query?: Record<string, string | number>, body?: Json, key?: string }} Content
 *   `key` is the Idempotency-Key of a POST or PUT.
 */

const SCHEME = "DUMBWAITER-HMAC-SHA256";
const EPOCH = "Dumbwaiter-Epoch";
// Milliseconds before the first repetition; the limit doubles each time.
const FIRST_WAIT = 250;
const LONGEST_WAIT = 30_000;

/** The method and the path of each operation, by its operationId in /openapi.json. */
export const OPERATIONS = Object.freeze({
  get_menu: ["GET", "/v1/stores/{store}/menu"],
  place_order: ["POST", "/v1/orders"],
  get_order: ["GET", "/v1/orders/{order}"],
  list_orders: ["GET", "/v1/orders"],
  add_payment: ["POST", "/v1/orders/{order}/payments"],
  add_refund: ["POST", "/v1/orders/{order}/refunds"],
  cancel_order: ["POST", "/v1/orders/{order}/cancel"],
  move_order: ["POST", "/v1/orders/{order}/fulfilment"],
  create_guest_token: ["POST", "/v1/guest-tokens"],
});

/** A reply with an error, as problem details by RFC 9457. `code` is for programs; docs/api/problems.md lists it. */
export class Problem extends Error {
  /** @param {number} status @param {Json} document */
  constructor(status, document) {
    super(`${status} ${document.code ?? "reply of a gateway"}: ${document.detail ?? ""}`);
    this.name = "Problem";
    this.status = status;
    this.document = document;
    /** @type {string | undefined} */
    this.code = document.code;
    /** @type {Json[]} */
    this.errors = document.errors ?? [];
  }
}

/** No attempt got a reply. The server may have done the work: send the same request with the same key again. */
export class NoReply extends Error {
  name = "NoReply";
}

/** The region was failed over. Use the address of the other region, and give it the epoch of this client. */
export class RegionSuperseded extends Error {
  name = "RegionSuperseded";
}

/** A key or a guest token of the API at one address. Throws `Problem`, `NoReply` or `RegionSuperseded`. */
export class Client {
  #credentials;
  #fetch;

  /**
   * @param {string} base The address before /v1.
   * @param {Credentials & Options} options
   */
  constructor(base, { timeout = 30_000, attempts = 5, epoch = 0, fetch = globalThis.fetch, ...credentials }) {
    if ("secret" in credentials && typeof document !== "undefined") {
      throw new Error("A page must not hold a secret: every user can read it. Use a guest token.");
    }
    if (attempts < 1) throw new RangeError("attempts must be 1 or more");
    this.base = base.replace(/\/+$/, "");
    this.timeout = timeout;
    this.attempts = attempts;
    this.epoch = epoch;
    this.#credentials = credentials;
    this.#fetch = fetch;
  }

  /** The menu of a store, with its sold-out items. @param {string} store */
  getMenu(store) {
    return this.#call("get_menu", { store });
  }

  /** Place an order. @param {Json} order @param {string} [key] */
  placeOrder(order, key) {
    return this.#call("place_order", {}, { body: order, key });
  }

  /** An order by its id. @param {string} order */
  getOrder(order) {
    return this.#call("get_order", { order });
  }

  /** A page of orders: {orders, next}. `next` is the `cursor` of the following page. @param {Content["query"]} query */
  listOrders(query = {}) {
    return this.#call("list_orders", {}, { query });
  }

  /** Record a payment. Returns the order. @param {string} order @param {Json} payment @param {string} [key] */
  addPayment(order, payment, key) {
    return this.#call("add_payment", { order }, { body: payment, key });
  }

  /** Record a refund. Returns the order. @param {string} order @param {Json} refund @param {string} [key] */
  addRefund(order, refund, key) {
    return this.#call("add_refund", { order }, { body: refund, key });
  }

  /** Cancel an order. Returns the order. @param {string} order @param {string} reason @param {string} [key] */
  cancelOrder(order, reason, key) {
    return this.#call("cancel_order", { order }, { body: { reason }, key });
  }

  /** Move an order to its next step. Returns the order. @param {string} order @param {string} status @param {string} [key] */
  moveOrder(order, status, key) {
    return this.#call("move_order", { order }, { body: { status }, key });
  }

  /** Make a token for the device of a guest: {token, expires_at, numbers, …}. @param {Json} right @param {string} [key] */
  createGuestToken(right, key) {
    return this.#call("create_guest_token", {}, { body: right, key });
  }

  /**
   * Send any operation.
   * @param {string} method
   * @param {string} path It begins with /v1.
   * @param {Content} [content]
   * @returns {Promise<Json>}
   */
  async request(method, path, { query = {}, body, key } = {}) {
    const text = body === undefined ? "" : JSON.stringify(body);
    /** @type {Record<string, string>} */
    const headers = { [EPOCH]: String(this.epoch) };
    if (text) headers["Content-Type"] = "application/json";
    if (method !== "GET") headers["Idempotency-Key"] = key ?? randomKey();
    const reply = await this.#repeat(method, path.split("/").map(encoded).join("/"), encodedQuery(query), text, headers);
    if (reply.status >= 300) throw new Problem(reply.status, reply.document);
    return reply.document;
  }

  /** @param {keyof typeof OPERATIONS} operation @param {Record<string, string>} values @param {Content} [content] */
  #call(operation, values, content) {
    const [method, template] = OPERATIONS[operation];
    if (Object.values(values).some((value) => value.includes("/"))) throw new RangeError("an id has no slash");
    return this.request(method, template.replace(/\{(\w+)\}/g, (_, name) => values[name]), content);
  }

  // The last reply of at most `attempts`. Each attempt has the same key and a signature of its own.
  async #repeat(method, path, query, text, headers) {
    for (let attempt = 1; ; attempt += 1) {
      let retryAfter = null;
      try {
        const reply = await this.#send(method, path, query, text, headers);
        this.#noteEpoch(reply);
        if (attempt === this.attempts || !isTemporary(reply)) return reply;
        retryAfter = reply.headers.get("Retry-After");
      } catch (failure) {
        if (failure instanceof RegionSuperseded) throw failure;
        if (attempt === this.attempts) {
          throw new NoReply(`no reply to ${method} ${path} in ${attempt} attempts`, { cause: failure });
        }
      }
      await new Promise((done) => setTimeout(done, waitOf(attempt, retryAfter)));
    }
  }

  async #send(method, path, query, text, headers) {
    const authorization = await this.#authorization(method, path, query, text);
    const send = this.#fetch;
    const reply = await send(this.base + path + (query && `?${query}`), {
      method,
      body: text || undefined,
      headers: { ...headers, ...authorization },
      signal: globalThis.AbortSignal?.timeout?.(this.timeout), // a mini-program has none
    });
    return { status: reply.status, headers: reply.headers, document: objectOf(await reply.text()) };
  }

  async #authorization(method, path, query, text) {
    if ("token" in this.#credentials) return { Authorization: `Bearer ${this.#credentials.token}` };
    const { keyId, secret } = this.#credentials;
    const now = (Date.now() / 1000 + Math.random() / 1000).toFixed(6);
    const hash = hex(await crypto.subtle.digest("SHA-256", utf8(text)));
    const signature = await hmac(secret, [method, path, query, hash, now].join("\n"));
    return { Authorization: `${SCHEME} Credential=${keyId}, Signature=${signature}`, "X-Dumbwaiter-Time": now };
  }

  #noteEpoch({ status, headers, document }) {
    const epoch = Number(headers.get(EPOCH) ?? this.epoch);
    if (epoch < this.epoch || (status === 503 && document.code === "region_superseded")) {
      throw new RegionSuperseded(`${this.base} has epoch ${epoch}, and epoch ${this.epoch} was seen`);
    }
    this.epoch = epoch;
  }
}

// Whether the same request may succeed later. An error without a code comes from a gateway.
function isTemporary({ status, document }) {
  if ([429, 500, 502, 503, 504].includes(status)) return true;
  return document.code === "in_flight" || (status === 404 && document.code === undefined);
}

// Milliseconds until the next attempt: a random time below a limit that doubles, and at least `Retry-After`.
function waitOf(attempt, retryAfter) {
  const jitter = Math.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt);
  return retryAfter !== null && /^\d+$/.test(retryAfter) ? Math.max(jitter, Number(retryAfter) * 1000) : jitter;
}

function objectOf(text) {
  try {
    const document = JSON.parse(text);
    return document !== null && typeof document === "object" ? document : {};
  } catch {
    return {};
  }
}

// RFC 3986: encodeURIComponent leaves five more characters as they are.
function encoded(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function encodedQuery(query) {
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  return Object.entries(query)
    .map(([name, value]) => [encoded(name), encoded(String(value))])
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map((pair) => pair.join("="))
    .join("&");
}

async function hmac(secret, text) {
  const key = await crypto.subtle.importKey("raw", utf8(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return hex(await crypto.subtle.sign("HMAC", key, utf8(text)));
}

const utf8 = (text) => new TextEncoder().encode(text);
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// A mini-program has no crypto. Its key must be unique, not secret.
function randomKey() {
  const random = () => Math.random().toString(36).slice(2);
  return globalThis.crypto?.randomUUID?.() ?? `${Date.now().toString(36)}-${random()}-${random()}`;
}
