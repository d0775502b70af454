// Accounts: registration, a new password, and the links that come by mail. The form of the login serves for all that
// a visitor can ask for, one mode after the other, so that its captcha does too.

import { call } from "./api.js";
import { busy, enter, explain, explanations, fail, incomplete, quiet, refresh, say, sentence, showForm } from "./app.js";

const at = (id) => document.getElementById(id);
const form = at("login-form");

explanations.refused = () => [
  "The email address or the password is wrong, or the address is not confirmed yet.",
  "The service does not say which, so that nobody can find out who has an account.",
];
explanations.link_expired = () => ["This link was used already, or it is too old.", "Ask for a new one."];
explanations.unfit = ({ message }) => [sentence(message)];
explanations.login_again = () => ["Type your current password.", "It may be left out for a few minutes after a login."];

// modes are what the form can send. Other scripts add their own.
export const modes = {
  login: { title: "Log in", button: "Log in", path: "/login", password: "current-password" },
  register: {
    title: "Create an account",
    button: "Create account",
    path: "/register",
    password: "new-password",
    done: [
      "We have sent you an email.",
      "Open the link in it to confirm your address; then you can log in. If you have an account already, the email says so.",
    ],
  },
  forgot: {
    title: "Forgot your password?",
    button: "Send a link",
    path: "/password/forgot",
    done: [
      "We have sent you an email.",
      "The link in it works for a short time. If there is no account with this address, the email says so.",
    ],
  },
};

// tokens are the links of the emails: /#confirm=TOKEN and so on.
export const tokens = {
  confirm: {
    title: "Confirm your address",
    text: "One more step, and your account is ready.",
    button: "Confirm",
    path: "/confirm",
    done: ["Your address is confirmed.", "You can log in now."],
  },
  reset: {
    title: "Choose a new password",
    text: "At least 8 characters. All sessions of your account end, including any that somebody else opened with the old password.",
    button: "Set password",
    path: "/password/reset",
    password: true,
    done: ["Your password is changed.", "Log in with the new one."],
  },
  email: {
    title: "Use your new address",
    text: "After this step you log in with this address.",
    button: "Use this address",
    path: "/email/confirm",
    done: ["Your address is changed."],
  },
};

// working is busy, and gives the focus back to the button unless it is somewhere by now.
async function working(button, work) {
  await busy(button, work);
  if (document.activeElement === document.body) button.focus();
}

let mode = "login";

function showMode(name) {
  mode = name;
  const { title, button, password } = modes[mode];
  at("login-title").textContent = document.title = title;
  at("submit").textContent = button;
  const input = at("password");
  for (const element of [input, input.labels[0]]) element.hidden = !password;
  input.disabled = !password;
  input.value = "";
  input.autocomplete = password ?? "off";
  at("new-password-hint").hidden = password !== "new-password";
  input.setAttribute("aria-describedby", password === "new-password" ? "new-password-hint" : "");
  for (const part of form.querySelectorAll("[data-mode]")) part.hidden = part.dataset.mode !== mode;
  for (const other of document.querySelectorAll(".modes button")) other.hidden = other.value === mode;
}

async function send() {
  quiet();
  if (incomplete(form)) return;
  const { path, done } = modes[mode];
  const body = Object.fromEntries(new FormData(form));
  // The service wants true or false, and FormData has a box as text.
  for (const box of form.querySelectorAll("input[type=checkbox]")) body[box.name] = box.checked;
  const answer = await call("POST", path, body);
  if (!answer.state) {
    say(explain(answer), true);
    showForm(answer.result?.error, answer);
    document.title = modes[mode].title;
    return;
  }
  if (mode === "login") {
    await enter();
    return;
  }
  showMode("login");
  showForm("sent"); // which brings a new picture
  say(done, false);
  at("status").focus();
}

// The listener of the plain login is on the form too, and comes after this one.
form.addEventListener(
  "submit",
  (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    working(at("submit"), send);
  },
  { capture: true },
);

function prepareForm() {
  const email = at("username");
  email.name = "email";
  email.inputMode = "email";
  email.labels[0].textContent = "Email address";
  at("password-hint").remove(); // of the one account in .env
  const buttons = document.createElement("div");
  buttons.className = "actions modes";
  for (const [name, { title }] of Object.entries(modes)) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", value: name });
    button.textContent = title;
    button.addEventListener("click", () => {
      quiet();
      showMode(name);
      email.focus();
    });
    buttons.append(button);
  }
  form.after(buttons);
}

// panel makes one of the forms of a user who is logged in: on success it does what comes next.
function panel(id, method, path, next) {
  const form = at(id);
  const button = form.querySelector("button");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    working(button, async () => {
      quiet();
      if (incomplete(form)) return;
      const answer = await call(method, path, Object.fromEntries(new FormData(form)));
      if (!answer.state) {
        if (answer.result?.error === "refused") say(["This is not your current password."], true);
        else fail(answer);
        return;
      }
      form.reset();
      form.closest("details").open = false;
      await next();
      at("status").focus();
    });
  });
}

async function showSessions() {
  const answer = await call("GET", "/sessions");
  if (!answer.state) {
    fail(answer);
    return;
  }
  at("sessions").replaceChildren(
    ...answer.result.map(({ id, since, current }) => {
      const when = new Date(since).toLocaleString();
      const line = document.createElement("li");
      const text = Object.assign(document.createElement("span"), { textContent: `Since ${when}` });
      line.append(text);
      if (current) {
        text.textContent = `This browser, since ${when}`;
        return line;
      }
      const end = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: "End" });
      end.setAttribute("aria-label", `End the session since ${when}`);
      end.addEventListener("click", () =>
        working(end, async () => {
          const answer = await call("DELETE", `/sessions/${encodeURIComponent(id)}`);
          if (answer.state) say(["That session has ended."], false);
          else fail(answer);
          if (answer.result?.error === "not_logged_in") return;
          at("status").focus();
          await showSessions();
        }),
      );
      line.append(end);
      return line;
    }),
  );
}

function prepareUser() {
  at("user-card").append(at("account-panels").content.cloneNode(true));
  panel("password-form", "POST", "/password", async () => {
    await refresh("expired");
    say(["Your password is changed.", "Your other sessions have ended."], false);
  });
  panel("email-form", "POST", "/email", async () => {
    say(["We have sent an email to the new address.", "Open the link in it to change to that address."], false);
  });
  panel("close-form", "DELETE", "/account", async () => {
    showForm("logout");
    say(["Your account is closed."], false);
  });
  at("sessions-panel").addEventListener("toggle", () => at("sessions-panel").open && showSessions());
}

// openToken shows what the link of an email is for. Nothing happens before somebody presses the button: programs that
// look into emails open links as well.
function openToken() {
  const [, kind, token] = /^#(\w+)=([\w-]+)$/.exec(location.hash) ?? [];
  if (!tokens[kind]) return;
  history.replaceState(null, "", location.pathname); // no history keeps it, no reload sends it again
  at("token-card")?.remove();
  document.querySelector("header").after(at("token-template").content.cloneNode(true));
  document.body.classList.add("token-open");
  quiet();
  const { title, text, button, path, password, enters, done } = tokens[kind];
  const form = at("token-form");
  const input = at("token-password");
  at("token-title").textContent = document.title = title;
  at("token-text").textContent = text;
  at("token-submit").textContent = button;
  for (const element of [input, input.labels[0]]) element.hidden = !password;
  input.disabled = !password;
  const close = () => {
    at("token-card").remove();
    document.body.classList.remove("token-open");
  };
  at("token-cancel").addEventListener("click", () => {
    close();
    refresh("start");
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    working(at("token-submit"), async () => {
      quiet();
      if (incomplete(form)) return;
      const answer = await call("POST", path, { token, ...Object.fromEntries(new FormData(form)) });
      if (!answer.state) {
        say(explain(answer), true);
        return;
      }
      close();
      if (enters) {
        await enter();
        return;
      }
      await refresh("start");
      say(done, false);
      at("status").focus();
    });
  });
  at("token-title").focus();
}

// Whoever comes next begins with the login, and finds nothing of who was here.
document.addEventListener("login-form", ({ detail }) => {
  if (["start", "logout", "expired"].includes(detail.reason)) showMode("login");
  for (const details of document.querySelectorAll("#user-card details")) {
    details.open = false;
    details.querySelector("form")?.reset();
  }
});

addEventListener("DOMContentLoaded", () => {
  prepareForm(); // by now the other scripts have added their modes
  prepareUser();
  showMode("login");
  openToken();
});
addEventListener("hashchange", openToken);
