// The mailbox of development. It asks the service every two seconds, while somebody looks.

const service = document.querySelector("meta[name=api]").content;
const state = document.getElementById("state");
const mails = document.getElementById("mails");
const links = /https?:\/\/\S+/g;

const element = (name, properties) => Object.assign(document.createElement(name), properties);

// withLinks makes links of the addresses in a text. They open in this tab, as those of an email would.
function withLinks(text) {
  const box = element("p", { className: "text" });
  let from = 0;
  for (const { 0: url, index } of text.matchAll(links)) {
    box.append(text.slice(from, index), element("a", { href: url, textContent: url }));
    from = index + url.length;
  }
  box.append(text.slice(from));
  return box;
}

function show(mail) {
  const card = element("article", { className: "card" });
  const line = element("p", { className: "hint", textContent: `to ${mail.to}, ` });
  line.append(element("time", { dateTime: mail.at, textContent: new Date(mail.at).toLocaleString() }));
  card.append(element("h2", { textContent: mail.subject }), line, withLinks(mail.text));
  return card;
}

let shown = ""; // what is on the page: it is left alone until something else is there

async function look() {
  if (document.hidden) return;
  let text = `No answer from ${service}. Is it running, and does it list ${location.origin} in CORS_ORIGINS?`;
  try {
    const answer = await (await fetch(`${service}/mailbox`)).json();
    if (!answer.state) {
      text = "The service has no mailbox: it sends its emails, or it does not run on this machine.";
    } else {
      const now = JSON.stringify(answer.result);
      if (now !== shown) mails.replaceChildren(...answer.result.map(show));
      shown = now;
      text = { 0: "Waiting for emails.", 1: "1 email." }[answer.result.length] ?? `${answer.result.length} emails.`;
    }
  } catch {
    // the text says it
  }
  if (state.textContent !== text) state.textContent = text; // read aloud when it changes
}

look();
setInterval(look, 2000);
document.addEventListener("visibilitychange", look);
