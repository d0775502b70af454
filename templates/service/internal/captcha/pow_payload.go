package captcha

import (
	"encoding/base64"
	"encoding/json"
)

const (
	powAlgorithm    = "SHA-256"
	maxPoWPayload   = 2048 // bytes of base64; ALTCHA's own are about 500
	powHashHexBytes = 64
)

// powSolution is what the browser sends back, after base64.
type powSolution struct {
	Algorithm string `json:"algorithm"`
	Challenge string `json:"challenge"`
	Number    int    `json:"number"`
	Salt      string `json:"salt"`
	Signature string `json:"signature"`
}

// parsePoW reads the base64 JSON of a solution. It refuses with ErrPayload whatever no widget would send. Members it does not know are
// ignored: widgets add the time they took.
func parsePoW(payload string) (powSolution, error) {
	var s powSolution
	if len(payload) > maxPoWPayload {
		return s, ErrPayload
	}
	text, err := base64.StdEncoding.Strict().DecodeString(payload)
	if err != nil {
		return s, ErrPayload
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return powSolution{}, ErrPayload
	}
	if s.Algorithm != powAlgorithm || s.Number < 0 || s.Number > maxPoWNumber ||
		len(s.Challenge) != powHashHexBytes || len(s.Signature) != powHashHexBytes {
		return powSolution{}, ErrPayload
	}
	return s, nil
}
