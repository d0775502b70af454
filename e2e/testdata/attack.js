// What a hostile page can try without help from the victim's front end. Every
// attempt returns what it learned; the test expects a fixed answer for each.

const attempts = {
  async readMe() { return (await fetch(api + "/me", { credentials: "include" })).text(); },
  async readCode() { return (await fetch(api + "/code", { credentials: "include" })).text(); },
  async logoutByFetch() { return (await fetch(api + "/logout", { method: "POST", credentials: "include" })).text(); },
  async logoutOthersByFetch() { return (await fetch(api + "/logout/others", { method: "POST", credentials: "include" })).text(); },
  async logoutWithPreflight() {
    const headers = { "Content-Type": "application/json" };
    return (await fetch(api + "/logout", { method: "POST", credentials: "include", headers, body: "{}" })).text();
  },
  async logoutNoCORS() { return (await fetch(api + "/logout", { method: "POST", mode: "no-cors", credentials: "include" })).type; },
  async loginNoCORS() {
    const body = JSON.stringify({ username: "mallory", password: "x", code: "x" });
    return (await fetch(api + "/login", { method: "POST", mode: "no-cors", credentials: "include", body })).type;
  },
  async readMeNoCORS() {
    const answer = await fetch(api + "/me", { mode: "no-cors", credentials: "include" });
    const text = await answer.text();
    return answer.status || text ? "read " + text : answer.type;
  },
  async beacon() { navigator.sendBeacon(api + "/logout", "{}"); return "sent"; },
  async meAsImage() { return image("/me"); },
  async meAsScript() {
    return new Promise((resolve) => {
      const script = document.createElement("script");
      script.onload = () => resolve("ran");
      script.onerror = () => resolve("refused");
      script.src = api + "/me";
      document.body.append(script);
    });
  },
  async meInFrame() { return frame((f) => { f.src = api + "/me"; }); },
  async logoutByFormInFrame() { return frame((f) => post("/logout", f)); },
  async logoutOthersByFormInFrame() { return frame((f) => post("/logout/others", f)); },
  async loginByFormInFrame() { return frame((f) => post("/login", f)); },
};

// The captcha's picture is the one answer that is made to be shown elsewhere.
const pictures = {
  async codeAsImage() { return image("/code"); },
  async codeInFrame() { return frame((f) => { f.src = api + "/code"; }); },
};

function image(path) {
  return new Promise((resolve) => {
    const img = new Image();
    img.onerror = () => resolve("refused");
    img.onload = () => {
      const canvas = document.createElement("canvas");
      const painter = canvas.getContext("2d");
      painter.drawImage(img, 0, 0);
      try {
        resolve("read " + painter.getImageData(0, 0, 1, 1).data.length);
      } catch (e) {
        resolve("shown, not read: " + e.name);
      }
    };
    img.src = api + path;
    document.body.append(img);
  });
}

function frame(fill) {
  return new Promise((resolve) => {
    const f = document.createElement("iframe");
    f.name = "frame" + document.querySelectorAll("iframe").length;
    let loads = 0;
    f.onload = () => {
      if (++loads === 1) { fill(f); return; } // the empty document
      try {
        resolve("read " + f.contentDocument.body.innerText);
      } catch { resolve("not read"); }
      if (f.contentDocument === null) resolve("not read");
    };
    f.src = "about:blank";
    document.body.append(f);
  });
}

// A form that looks like JSON to a careless server.
function post(path, target) {
  const form = document.createElement("form");
  form.method = "POST";
  form.action = api + path;
  form.enctype = "text/plain";
  form.target = target ? target.name : "_self";
  const field = document.createElement("input");
  field.name = '{"username":"mallory","password":"x","code":"x","ignore":"';
  field.value = '"}';
  form.append(field);
  document.body.append(form);
  form.submit();
}

async function attack(list) {
  const learned = {};
  for (const [name, attempt] of Object.entries(list)) {
    try {
      learned[name] = await attempt();
    } catch (e) {
      learned[name] = e.name;
    }
  }
  return learned;
}
