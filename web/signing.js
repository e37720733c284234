// Signs requests as docs/api/signing.md says. The page that is served holds this text in place of its script element.
"use strict";

// What /v1 and the pages hang under: in the cloud the host itself, on one machine a folder of the emulator.
const base = new URL(".", location.href).href.replace(/\/$/, "");

// Authorization and X-Dumbwaiter-Time for a request with this key: {id, secret}.
async function signedHeaders(key, method, url, body = "") {
  const address = new URL(url, location.href);
  const path = address.pathname.slice(new URL(base).pathname.replace(/\/$/, "").length);
  const time = (Date.now() / 1000).toFixed(3);
  const text = [
    method.toUpperCase(),
    decodeURIComponent(path).split("/").map(encoded).join("/"),
    canonicalQuery(address.searchParams),
    hex(await crypto.subtle.digest("SHA-256", utf8(body))),
    time,
  ].join("\n");
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const secret = await crypto.subtle.importKey("raw", utf8(key.secret), hmac, false, ["sign"]);
  const signature = hex(await crypto.subtle.sign("HMAC", secret, utf8(text)));
  return {
    Authorization: `DUMBWAITER-HMAC-SHA256 Credential=${key.id}, Signature=${signature}`,
    "X-Dumbwaiter-Time": time,
  };
}

const utf8 = (text) => new TextEncoder().encode(text);
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

// RFC 3986: everything but letters, digits and - . _ ~
const encoded = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const canonicalQuery = (parameters) =>
  [...parameters]
    .map(([name, value]) => [encoded(name), encoded(value)])
    .sort((one, other) => compare(one[0], other[0]) || compare(one[1], other[1]))
    .map((pair) => pair.join("="))
    .join("&");

// The key lives as long as the tab, and both pages share it.
const storedKey = {
  read: () => JSON.parse(sessionStorage.getItem("dumbwaiter.key") ?? "null"),
  write: (key) => sessionStorage.setItem("dumbwaiter.key", JSON.stringify(key)),
  forget: () => sessionStorage.removeItem("dumbwaiter.key"),
};
