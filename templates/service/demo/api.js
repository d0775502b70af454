// The two ways to call the service. Both need one setting for the session: it
// makes the browser keep and send the cookie of another origin.

export const service = document.querySelector("meta[name=api]").content;

// changeHeaders go with every request that may change something. Other scripts add their own.
export const changeHeaders = {};
const headersOf = (method) => (method === "GET" ? {} : changeHeaders);

const clients = {
  async fetch(method, path, body, credentials) {
    const answer = await fetch(service + path, {
      method,
      credentials: credentials ? "include" : "same-origin",
      headers: { ...(body && { "Content-Type": "application/json" }), ...headersOf(method) },
      body: body && JSON.stringify(body),
    });
    return { status: answer.status, ...(await answer.json()) };
  },

  async axios(method, path, body, credentials) {
    const client = axios.create({ baseURL: service, withCredentials: credentials, validateStatus: null });
    const answer = await client.request({ method, url: path, data: body, headers: headersOf(method) });
    return { status: answer.status, ...answer.data };
  },
};

const snippets = {
  fetch: 'fetch(url, { credentials: "include" })',
  axios: "axios.create({ withCredentials: true })",
};

const chosen = () => document.querySelector("input[name=client]:checked").value;
const forget = document.querySelector("#forget");
export const forgetsCookie = () => forget.checked;

// call sends one request and returns {status, message, state, result}. Status 0
// stands for an answer that the browser did not hand over.
export async function call(method, path, body) {
  const start = performance.now();
  let answer;
  try {
    answer = await clients[chosen()](method, path, body, !forget.checked);
  } catch {
    answer = { status: 0, message: "no readable answer", state: 0, result: { error: "blocked" } };
  }
  document.dispatchEvent(new CustomEvent("answer", { detail: answer }));
  note(method, path, answer, performance.now() - start);
  return answer;
}

// note lists a request under "Behind the scenes", newest first.
function note(method, path, answer, took) {
  const cell = (name, text) => Object.assign(document.createElement("span"), { className: name, textContent: text });
  const line = document.createElement("li");
  line.append(
    cell(answer.state ? "good" : "bad", answer.status || "—"),
    cell("what", `${method} ${path}`),
    cell("note", `${chosen()}, ${Math.round(took)} ms`),
  );
  const list = document.querySelector("#requests");
  list.prepend(line);
  while (list.children.length > 8) list.lastChild.remove();
}

// showSnippet makes the line of code follow the switches.
function showSnippet() {
  document.querySelector("#snippet").textContent = forget.checked
    ? snippets[chosen()].replace(/\{.*\}/, chosen() === "fetch" ? "{}" : "")
    : snippets[chosen()];
}

for (const input of document.querySelectorAll("input[name=client]")) {
  input.checked = input.value === (localStorage.getItem("client") ?? "fetch");
  input.addEventListener("change", () => {
    localStorage.setItem("client", input.value);
    showSnippet();
  });
}
forget.addEventListener("change", showSnippet);
showSnippet();
