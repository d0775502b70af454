#!/usr/bin/env bash
# Makes the pictures of the documents again. Two of them are text (SVG), drawn from
# real runs by tests, which fail when the picture is old: new.svg by TestPicture in
# generator/cli, tour.svg by TestTour in e2e. The sheets of captchas are new ones at
# each run, so nothing compares them; their keys are printed. Needs chromium.
#
#   docs/pictures.sh              all of them
#   docs/pictures.sh new tour     these
set -eu
cd "$(dirname "$0")/.."
docs=$PWD/docs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

new() { # the questions of "sessionseed new", all answered by Enter
  go test ./generator/cli -count=1 -run '^TestPicture$' -update
}

tour() { # the animated picture of the README
  (cd e2e && go test -count=1 -run '^TestTour$' -update-tour .)
}

sheet() { # 48 captchas of either size, by Chromium
  (cd bench/captcha && go run . -at 120x30x4 -sheet "$docs/captcha-sheet.png" -key "$work/small.txt" &&
    go run . -at 160x60x4 -sheet "$docs/captcha-sheet-160x60.png" -key "$work/large.txt")
  cat "$work/small.txt" "$work/large.txt"
}

for picture in ${@:-new tour sheet}; do
  case $picture in
  new | tour | sheet) $picture ;;
  *) echo "no picture $picture; there are new, tour and sheet" >&2; exit 2 ;;
  esac
done
