// A login without a password, by a link that comes by mail.

import { modes, tokens } from "./account.js";

modes.link = {
  title: "Log in by mail",
  button: "Send a link",
  path: "/login/link",
  done: ["We have sent you a mail.", "The link in it logs you in, and creates an account if you have none."],
};
tokens.login = {
  title: "Log in",
  text: "This browser is logged in when you press the button.",
  button: "Log in",
  path: "/login/link/use",
  enters: true,
};
