package config

import (
	"strings"
	"testing"
	"time"
)

// TestNIST_5_1_5: the chosen lifetimes are within the limits of the chosen
// assurance level (NIST SP 800-63B-4, sections 2.1.3, 2.2.3 and 2.3.3), and
// activity starts the inactivity limit anew (5.2).
func TestNIST_5_1_5(t *testing.T) {
	limits := map[int]struct{ overall, inactivity time.Duration }{
		0: {400 * 24 * time.Hour, 400 * 24 * time.Hour},
		1: {30 * 24 * time.Hour, 30 * 24 * time.Hour},
		2: {24 * time.Hour, time.Hour},
		3: {12 * time.Hour, 15 * time.Minute},
	}
	limit, known := limits[Assurance]
	if !known {
		t.Fatalf("there is no assurance level %d", Assurance)
	}
	inactivity := MaxAge
	browser := MaxAge == -1
	if browser {
		inactivity = min(30*time.Minute, AbsoluteMaxAge) // as Session.MaxAge says
	}
	if AbsoluteMaxAge > limit.overall || inactivity > limit.inactivity {
		t.Errorf("AAL%d allows %v overall and %v without activity; the sessions have %v and %v", Assurance, limit.overall, limit.inactivity, AbsoluteMaxAge, inactivity)
	}
	if Assurance >= 2 && !Rolling && !browser {
		t.Errorf("AAL%d: activity does not start the inactivity limit anew", Assurance)
	}
}

// TestNIST_5_1_NoFallbackToHTTP: with an assurance level no setting of a run
// brings the session to plain http, but on this machine itself.
func TestNIST_5_1_NoFallbackToHTTP(t *testing.T) {
	for _, test := range []struct {
		name    string
		level   int
		changes map[string]string
		want    string // part of the message; empty: it starts
	}{
		{"https", 2, nil, ""},
		{"plain http", 2, map[string]string{"PUBLIC_URL": "http://api.example.com", "CORS_ORIGINS": "http://app.example.com", "COOKIE_NAME": "sid", "COOKIE_SECURE": "false"}, "may not travel over plain http"},
		{"plain http at the lowest level", 1, map[string]string{"PUBLIC_URL": "http://api.example.com", "CORS_ORIGINS": "http://app.example.com", "COOKIE_NAME": "sid", "COOKIE_SECURE": "false"}, "AAL1"},
		{"plain http without a level", 0, map[string]string{"PUBLIC_URL": "http://api.example.com", "CORS_ORIGINS": "http://app.example.com", "COOKIE_NAME": "sid", "COOKIE_SECURE": "false"}, ""},
		{"this machine", 3, map[string]string{"PUBLIC_URL": "http://localhost:8080", "CORS_ORIGINS": "http://localhost:5173", "COOKIE_NAME": "sid", "COOKIE_SECURE": "false"}, ""},
		{"not Secure", 3, map[string]string{"COOKIE_NAME": "sid", "COOKIE_SECURE": "false"}, "COOKIE_SECURE=true"},
		{"not Secure without a level", 0, map[string]string{"COOKIE_NAME": "sid", "COOKIE_SECURE": "false"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := loadProductionAt(test.level, test.changes)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("Load = %v, want an error with %q", err, test.want)
			}
		})
	}
}
