// The page: who is logged in, the form, and what went wrong in plain words.

import { call, forgetsCookie, service } from "./api.js";

const at = (id) => document.getElementById(id);
const form = at("login-form");

at("page-origin").textContent = location.origin;

export const cookieHint = (next = "log in again") =>
  "The service set a cookie, and it did not come back. " +
  (forgetsCookie()
    ? `The box for the classic mistake is checked, so this page sends no credentials. Uncheck it, then ${next}.`
    : "The browser rejected it: its developer tools say why, under Network, Set-Cookie.");

// explanations turn the name of an error into a sentence and a hint. Other
// scripts add their own.
export const explanations = {
  blocked: () => [
    `No answer from ${service} reached this page.`,
    `Either the service is not running, or it does not list ${location.origin} in CORS_ORIGINS. ` +
      "The page cannot see which; the browser's console says more.",
  ],
  refused: () => [
    "The user name or the password is wrong.",
    "The service does not say which, so that nobody can find out who has an account.",
  ],
  not_logged_in: () =>
    forgetsCookie()
      ? ["The service got no cookie, so it does not know who you are.", cookieHint()]
      : ["You are no longer logged in.", "Your session was ended elsewhere, or it has expired."],
  too_many: ({ message }) => ["Too many attempts.", sentence(message)],
  cross_origin: () => ["The service refuses requests from this page.", `Add ${location.origin} to CORS_ORIGINS.`],
  unavailable: () => ["The service cannot reach its session store.", "Try again in a moment."],
};

export function explain(answer) {
  return explanations[answer.result?.error]?.(answer) ?? [sentence(answer.message ?? "something went wrong")];
}

// sentence makes one of a message of the service.
export function sentence(message) {
  return message[0].toUpperCase() + message.slice(1) + ".";
}

export function say(sentences, bad) {
  const box = at("status");
  box.replaceChildren(...sentences.filter(Boolean).map((s) => Object.assign(document.createElement("p"), { textContent: s })));
  box.classList.toggle("bad", bad);
  box.hidden = false;
}

export function quiet() {
  at("status").hidden = true;
  for (const input of document.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

// incomplete marks the first field that has to be filled in, and says so.
export function incomplete(form) {
  const empty = [...form.elements].find((input) => input.required && !input.disabled && !input.value.trim());
  if (!empty) return false;
  empty.setAttribute("aria-invalid", "true");
  empty.focus();
  say([`Please fill in: ${empty.labels[0].textContent}.`], true);
  return true;
}

// showForm also lets other scripts know why the form is shown: start, logout, expired,
// lost (a login that did not hold), or the name of the error that refused one.
export function showForm(reason, answer) {
  at("user-card").hidden = true;
  at("login-card").hidden = false;
  document.title = "Log in";
  document.dispatchEvent(new CustomEvent("login-form", { detail: { reason, answer } }));
}

function showUser({ username, since }) {
  at("login-card").hidden = true;
  at("user-card").hidden = false;
  at("user").textContent = username;
  at("avatar").textContent = [...username][0] ?? "";
  at("since").dateTime = since;
  at("since").textContent = new Date(since).toLocaleString();
  document.title = username;
}

// fail says what went wrong, and shows the form to somebody whose session has ended.
export function fail(answer) {
  say(explain(answer), true);
  if (answer.result?.error !== "not_logged_in") return;
  showForm("expired");
  at("username").focus();
}

// busy keeps a button from being pressed twice.
export async function busy(button, work) {
  button.disabled = true;
  try {
    await work();
  } finally {
    button.disabled = false;
  }
}

// refresh shows who is logged in, or the form with a reason.
export async function refresh(reason) {
  const me = await call("GET", "/me");
  if (me.state) showUser(me.result);
  else showForm(reason, me);
  return me;
}

// enter follows a login: the next request shows whether the session holds.
export async function enter() {
  const me = await refresh("lost");
  if (!me.state) {
    say(["The login worked, but the next request was not logged in.", cookieHint()], true);
    return;
  }
  form.reset();
  say(["You are logged in."], false);
  at("user-title").focus();
}

async function login() {
  quiet();
  if (incomplete(form)) return;
  const answer = await call("POST", "/login", Object.fromEntries(new FormData(form)));
  if (!answer.state) {
    say(explain(answer), true);
    showForm(answer.result?.error, answer);
    return;
  }
  await enter();
}

async function logout() {
  const answer = await call("POST", "/logout");
  if (!answer.state) {
    say(explain(answer), true);
    return;
  }
  if (forgetsCookie()) {
    say(["The service answered, but it got no cookie, so it ended no session.", cookieHint("log out again")], true);
    return;
  }
  showForm("logout");
  say(["You are logged out. The session has ended on the service."], false);
  at("username").focus();
}

async function logoutOthers() {
  const answer = await call("POST", "/logout/others");
  if (answer.state) {
    say(["All your other sessions have ended. This one stays."], false);
    return;
  }
  fail(answer);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  busy(at("submit"), login);
});
at("logout").addEventListener("click", (event) => busy(event.currentTarget, logout));
at("logout-others").addEventListener("click", (event) => busy(event.currentTarget, logoutOthers));

// Other scripts listen from their first line on, so wait for them.
addEventListener("DOMContentLoaded", async () => {
  const me = await refresh("start");
  if (!me.state && me.status !== 401) say(explain(me), true);
});
