package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

// sheet draws 48 pictures, 24 at 120x30 and 24 at 160x60, by Chromium, and beside that file by librsvg (-rsvg.png),
// which must agree. The key goes to its own file, so that the pictures can be read blind first.
func sheet(pngFile, keyFile string) error {
	dir, err := os.MkdirTemp("", "sheet")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	small := tutorial()
	big := tutorial()
	big.Width, big.Height, big.FontSize = 160, 60, 56
	var body, key strings.Builder
	y := 10
	number := 0
	add := func(o captcha.Options, count, columns int) error {
		samples, err := ours(o, count)
		if err != nil {
			return err
		}
		for i, s := range samples {
			number++
			x := 10 + i%columns*(o.Width+30)
			row := y + i/columns*(o.Height+12)
			fmt.Fprintf(&body, `<text x="%d" y="%d" font-family="sans-serif" font-size="9" fill="#666">%d</text>`, x, row+12, number)
			body.WriteString(strings.Replace(s.SVG, "<svg ", fmt.Sprintf(`<svg x="%d" y="%d" `, x+14, row), 1))
			fmt.Fprintln(&key, number, s.Text)
		}
		y += (count+columns-1)/columns*(o.Height+12) + 8
		return nil
	}
	if err := add(small, 24, 5); err != nil {
		return err
	}
	if err := add(big, 24, 4); err != nil {
		return err
	}
	const width = 780
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d"><rect width="100%%" height="100%%" fill="#fff"/>%s</svg>`, width, y, &body)
	page := filepath.Join(dir, "sheet.svg")
	if err := os.WriteFile(page, []byte(svg), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(keyFile, []byte(key.String()), 0o644); err != nil {
		return err
	}
	byRSVG := strings.TrimSuffix(pngFile, ".png") + "-rsvg.png"
	if out, err := exec.Command("rsvg-convert", "-z", "2", "-o", byRSVG, page).CombinedOutput(); err != nil {
		return fmt.Errorf("rsvg-convert: %w: %s", err, out)
	}
	absolute, err := filepath.Abs(pngFile)
	if err != nil {
		return err
	}
	out, err := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
		"--disable-component-update", "--disable-quic", "--disable-sync", "--no-first-run", "--user-data-dir="+filepath.Join(dir, "profile"),
		"--hide-scrollbars", "--force-device-scale-factor=2", fmt.Sprintf("--window-size=%d,%d", width, y),
		"--screenshot="+absolute, "file://"+page).CombinedOutput()
	if err != nil {
		return fmt.Errorf("chromium: %w: %s", err, out)
	}
	return nil
}
