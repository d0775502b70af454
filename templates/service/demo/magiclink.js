// A login without a password, by a link that comes by email.

import { modes, tokens } from "./account.js";

modes.link = {
  title: "Log in by email",
  button: "Send a link",
  path: "/login/link",
  done: ["We have sent you an email.", "The link in it logs you in, and creates an account if you have none."],
};
tokens.login = {
  title: "Log in",
  text: "Press the button to log in on this browser.",
  button: "Log in",
  path: "/login/link/use",
  enters: true,
};
