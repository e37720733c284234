// The way into a page: its form #enter asks for chain and key; both are kept while the tab lives.
"use strict";

const $ = (selector, within = document) => within.querySelector(selector);
let key = storedKey.read();
let chain = new URLSearchParams(location.search).get("chain") ?? localStorage.getItem("dumbwaiter.chain") ?? "";

function labelled(text, name, settings) {
  const label = document.createElement("label");
  label.append(`${text} `, Object.assign(document.createElement("input"), { name, required: true, spellcheck: false, ...settings }));
  return label;
}

// Calls `enter` at once where the key is known, else `ask`, and `enter` once somebody gave one.
function letIn(enter, ask) {
  const [title, button, note] = ["h2", "button", "small"].map((tag) => document.createElement(tag));
  title.textContent = "Which chain, and with which key?";
  button.textContent = "Show";
  note.textContent = "The key stays in this tab and is forgotten when you close it.";
  $("#enter").replaceChildren(
    title,
    labelled("Chain", "chain", { autocomplete: "organization", autocapitalize: "none", value: chain }),
    labelled("Key id", "id", { autocomplete: "username", autocapitalize: "none" }),
    labelled("Secret", "secret", { type: "password", autocomplete: "current-password" }),
    button,
    note,
  );
  $("#enter").addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = $("#enter").elements;
    key = { id: fields.id.value.trim(), secret: fields.secret.value.trim() };
    chain = fields.chain.value.trim();
    storedKey.write(key);
    localStorage.setItem("dumbwaiter.chain", chain);
    enter();
  });
  if (key && chain) enter();
  else ask();
}

// The form again, for another chain or key.
function forgetKey() {
  storedKey.forget();
  key = null;
  $("#enter").hidden = false;
  $("#enter").elements.chain.value = chain;
}
