#!/usr/bin/env bash
# Makes the pictures of the documents again. Two of them are text (SVG), drawn from
# real runs by tests, which fail when the picture is old: new.svg by TestPicture in
# generator/cli, tour.svg by TestTour in e2e. accounts.png shows accounts: table. The
# sheets of captchas are new ones at each run, so nothing compares them; their keys
# are printed. Needs chromium and curl.
#
#   docs/pictures.sh              all of them
#   docs/pictures.sh new tour     these
set -eu
cd "$(dirname "$0")/.."
docs=$PWD/docs
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

shoot() { # shoot URL FILE WIDTH HEIGHT
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
    --virtual-time-budget=5000 --window-size="$3,$4" --screenshot="$2" "$1" 2>/dev/null
}

new() { # the questions of "sessionseed new", all answered by Enter
  go test ./generator/cli -count=1 -run '^TestPicture$' -update
}

accounts() { # the form, the mailbox, and where the link in a mail leads
  go build -o "$work/sessionseed" .
  "$work/sessionseed" new "$work/users" --yes --quiet --module example.com/users --store sqlite --accounts table \
    --captcha=false --public-url http://localhost:8081 --cors-origin http://localhost:5174 >/dev/null
  cd "$work/users"
  go build -o service . && go build -o front ./demo
  ./service 2>/dev/null &
  ./front 2>/dev/null &
  until curl -fs http://localhost:8081/healthz >/dev/null && curl -fs http://localhost:5174/ >/dev/null; do sleep 0.2; done
  curl -fsS http://localhost:8081/register -H 'Origin: http://localhost:5174' -H 'Content-Type: application/json' \
    -d '{"email": "you@example.com", "password": "a few words of mine"}' >/dev/null
  token=$(curl -fsS http://localhost:8081/mailbox | grep -o '#confirm=[A-Za-z0-9_-]*')
  cd - >/dev/null
  shoot http://localhost:5174/ "$work/form.png" 480 860
  shoot http://localhost:5174/mailbox.html "$work/mailbox.png" 480 860
  shoot "http://localhost:5174/$token" "$work/link.png" 480 860
  echo '<body style="margin:0;display:flex"><img src="form.png"><img src="mailbox.png"><img src="link.png">' >"$work/accounts.html"
  shoot "file://$work/accounts.html" "$docs/accounts.png" 1440 860
}

tour() { # the animated picture of the README
  (cd e2e && go test -count=1 -run '^TestTour$' -update-tour .)
}

sheet() { # 48 captchas of either size, by Chromium
  (cd bench/captcha && go run . -at 120x30x4 -sheet "$docs/captcha-sheet.png" -key "$work/small.txt" &&
    go run . -at 160x60x4 -sheet "$docs/captcha-sheet-160x60.png" -key "$work/large.txt")
  cat "$work/small.txt" "$work/large.txt"
}

for picture in ${@:-new tour accounts sheet}; do
  case $picture in
  new | tour | accounts | sheet) $picture ;;
  *) echo "no picture $picture; there are new, tour, accounts and sheet" >&2; exit 2 ;;
  esac
done
