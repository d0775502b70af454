#!/usr/bin/env bash
# Makes the pictures of the documents again: demo.png, new.png, captcha-sheet.png
# and captcha-sheet-160x60.png with their keys, which are printed. Needs chromium,
# script (util-linux) and node.
#
#   docs/pictures.sh              all of them
#   docs/pictures.sh demo new     these
set -eu # no pipefail: the one who answers may be cut off
cd "$(dirname "$0")/.."
docs=$PWD/docs
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
go build -o "$work/sessionseed" .

shoot() { # shoot URL FILE WIDTH HEIGHT
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
    --virtual-time-budget=5000 --window-size="$3,$4" --screenshot="$2" "$1" 2>/dev/null
}

demo() { # the demo page before the login, at its own origin
  "$work/sessionseed" new "$work/shop" --yes --quiet --module example.com/shop >/dev/null
  cd "$work/shop"
  go build -o service . && go build -o front ./demo
  ./service 2>/dev/null &
  ./front 2>/dev/null &
  until curl -fs http://localhost:8080/healthz >/dev/null && curl -fs http://localhost:5173/ >/dev/null; do sleep 0.2; done
  cd - >/dev/null
  shoot http://localhost:5173/ "$docs/demo.png" 560 1078
}

new() { # the questions, all answered by Enter, as the plain line mode prints them
  cd "$work"
  # One answer a second, so that the terminal's echo follows its question.
  (sleep 3; echo shop; for _ in $(seq 12); do sleep 1; echo; done) 2>/dev/null |
    PATH=$PWD:$PATH script -qec "stty cols 100; NO_COLOR=1 sessionseed new --accessible" /dev/null |
    sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g; s/\r//g; s/&/\&amp;/g; s/</\&lt;/g' >new.txt
  cd - >/dev/null
  {
    echo '<meta charset="utf-8"><body style="margin:0;background:#0d1117;color:#e6edf3;font:14px/1.45 monospace">'
    echo '<pre style="margin:20px"><span style="color:#7ee787">$ sessionseed new</span>'
    cat "$work/new.txt"
    echo '</pre>'
  } >"$work/new.html"
  shoot "file://$work/new.html" "$docs/new.png" 860 "$((60 + 21 * $(wc -l <"$work/new.txt")))"
}

sheet() { # 48 captchas of either size, by Chromium
  (cd bench/captcha && go run . -at 120x30x4 -sheet "$docs/captcha-sheet.png" -key "$work/small.txt" &&
    go run . -at 160x60x4 -sheet "$docs/captcha-sheet-160x60.png" -key "$work/large.txt")
  cat "$work/small.txt" "$work/large.txt"
}

for picture in "${@:-demo new sheet}"; do
  for one in $picture; do
    case $one in
    demo | new | sheet) $one ;;
    *) echo "no picture $one; there are demo, new and sheet" >&2; exit 2 ;;
    esac
  done
done
