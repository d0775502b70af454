// A computing task instead of the picture, for people who cannot see it: find
// the number whose hash the service asks for. It takes about a second.

import { call } from "./api.js";
import { explanations } from "./app.js";

explanations.work_wrong = () => ["The computing task was not accepted.", "Start it again."];
explanations.work_expired = () => ["The computing task is too old or was used.", "Start it again."];

const code = document.getElementById("code");
const button = document.getElementById("work");
const state = document.getElementById("work-state");
const solution = document.getElementById("altcha");

let working = false; // the button is not disabled meanwhile: it would lose the focus

function reset(text) {
  solution.value = "";
  code.required = true;
  code.disabled = false;
  working = false;
  state.textContent = text;
}

async function sha256(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function solve({ challenge, salt, maxNumber }) {
  for (let number = 0; number <= maxNumber; number++) {
    if ((await sha256(salt + number)) === challenge) return number;
    if (number === maxNumber >> 1) state.textContent = "Still working. It will not take much longer.";
  }
  throw new Error("no solution");
}

async function work() {
  state.textContent = "Working. This takes a moment.";
  const task = await call("GET", "/code/work");
  if (!task.state) throw new Error("no task");
  const { algorithm, challenge, salt, signature } = task;
  const number = await solve(task);
  solution.value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
  code.value = "";
  code.required = false;
  code.disabled = true;
  state.textContent = "Done: you can go on without the picture.";
}

button.addEventListener("click", async () => {
  if (working) return;
  if (!globalThis.crypto?.subtle) {
    state.textContent = "Browsers compute this on https pages and on localhost only.";
    return;
  }
  working = true;
  try {
    await work();
  } catch {
    reset("That did not work. Try again in a moment.");
  }
});

// A solution is valid for one login.
document.addEventListener("login-form", () => reset("Your browser can do a small computing task instead."));
