// The picture in the login form.

import { call } from "./api.js";
import { cookieHint, explanations } from "./app.js";

explanations.captcha_wrong = (answer) =>
  answer.result.triesLeft > 0
    ? ["That is not the right captcha answer.", `Attempts left with this picture: ${answer.result.triesLeft}.`]
    : ["That is not the right captcha answer.", "Here is a new picture."];
explanations.captcha_expired = () => [
  "The service no longer knows this picture.",
  "Here is a new one. If this happens every time, the cookie is lost:",
  cookieHint(),
];

const picture = document.getElementById("picture");
const code = document.getElementById("code");
const another = document.getElementById("another");

async function load() {
  another.disabled = true;
  const answer = await call("GET", "/code");
  another.disabled = false;
  if (picture.src) URL.revokeObjectURL(picture.src);
  code.value = "";
  if (!answer.state) {
    picture.removeAttribute("src");
    another.textContent = "Try again";
    return;
  }
  another.textContent = "Another picture";
  // Light ink is for a dark page (option inverse): the box behind the picture follows it. Luma of BT.601, 0 to 255.
  const ink = /<path fill="#(..)(..)(..)/.exec(answer.result.svg).slice(1);
  const [red, green, blue] = ink.map((part) => parseInt(part, 16));
  picture.parentElement.classList.toggle("dark", 0.3 * red + 0.59 * green + 0.11 * blue > 100);
  picture.src = URL.createObjectURL(new Blob([answer.result.svg], { type: "image/svg+xml" }));
}

another.addEventListener("click", async () => {
  await load();
  code.focus();
});

// A picture with tries left stays; a used or missing one is replaced.
document.addEventListener("login-form", async ({ detail }) => {
  if (detail.reason === "captcha_wrong" && detail.answer.result.triesLeft > 0) {
    code.select();
    return;
  }
  await load();
  if (detail.reason?.startsWith("captcha_")) code.focus();
});
