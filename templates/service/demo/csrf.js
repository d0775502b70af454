// The session's token, which the service asks for with every change. The login and GET /me return it. It stays in a
// variable: what is in localStorage outlives the session, and after a reload GET /me returns it again.

import { changeHeaders } from "./api.js";
import { explanations } from "./app.js";

explanations.csrf_token = () => [
  "This page does not have the token of your session: you have logged in again in another tab.",
  "Reload the page.",
];

document.addEventListener("answer", ({ detail }) => {
  const token = detail.result?.csrfToken;
  if (token) changeHeaders["X-CSRF-Token"] = token;
});
