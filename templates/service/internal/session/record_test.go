package session

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestRecord(t *testing.T) {
	for _, e := range []envelope{
		{},
		{created: 1, touched: 1<<48 - 1},
		{created: 1_800_000_000_000, touched: 1_800_000_000_001, idle: 42},
		{created: 1, touched: 2, browser: true},
		{created: 1, touched: 2, brief: 1<<48 - 1},
		{created: 1, touched: 2, idle: 3, browser: true, auth: 4, stamp: 1<<64 - 1, user: strings.Repeat("é", 256)},
	} {
		got, payload, err := decodeRecord(e.encode([]byte("payload")))
		if err != nil || got != e || string(payload) != "payload" {
			t.Errorf("decodeRecord(encode(%+v)) = %+v, %q, %v", e, got, payload, err)
		}
	}
}

// Earlier versions wrote two more fields, which have no meaning any more.
func TestRecordOfEarlierVersion(t *testing.T) {
	record := []byte{1, flagIdle | flagUser | flagAuthor | flagSince}
	record = append48(append48(append48(record, 1), 2), 3)
	record = append(record, "auth"...)
	record = append48(append48(record, 99), 4)
	record = append(record, 0, 0, 0, 0, 0, 0, 0, 5, 0, 3)
	record = append(record, `ann{"a":1}`...)
	got, payload, err := decodeRecord(record)
	if want := (envelope{created: 1, touched: 2, idle: 3, auth: 4, stamp: 5, user: "ann"}); err != nil || got != want ||
		string(payload) != `{"a":1}` {
		t.Errorf("decodeRecord = %+v, %q, %v, want %+v", got, payload, err, want)
	}
}

// A record that was cut off anywhere in its head is refused.
func TestRecordCut(t *testing.T) {
	e := envelope{created: 1, touched: 2, idle: 3, brief: 6, auth: 4, stamp: 5, user: "ann"}
	record := e.encode(nil)
	for n := range record {
		if _, _, err := decodeRecord(record[:n]); err == nil {
			t.Errorf("decodeRecord took %d of %d bytes", n, len(record))
		}
	}
}

// FuzzRecord: whatever is read is written as it was read.
func FuzzRecord(f *testing.F) {
	full := envelope{created: 1, touched: 2, idle: 3, browser: true, brief: 6, auth: 4, stamp: 5, user: "ann"}
	f.Add(full.encode([]byte("{}")))
	f.Add([]byte{envelopeVersion})
	f.Add([]byte("m"))
	f.Fuzz(func(t *testing.T, record []byte) {
		e, payload, err := decodeRecord(record)
		if err != nil {
			return
		}
		again := e.encode(payload)
		e2, payload2, err := decodeRecord(again)
		if err != nil || e2 != e || !bytes.Equal(payload, payload2) {
			t.Errorf("%x was read as %+v, %x and, once written, as %+v, %x (%v)", record, e, payload, e2, payload2, err)
		}
	})
}

func TestMergeFields(t *testing.T) {
	tests := []struct {
		name, base, mine, theirs, want string
	}{
		{"nobody", `{"a":1}`, `{"a":1}`, `{"a":1}`, `{"a":1}`},
		{"mine", `{"a":1}`, `{"a":2}`, `{"a":1}`, `{"a":2}`},
		{"theirs", `{"a":1}`, `{"a":1}`, `{"a":2}`, `{"a":2}`},
		{"both, other fields", `{"a":1,"b":1}`, `{"a":2,"b":1}`, `{"a":1,"b":2}`, `{"a":2,"b":2}`},
		{"both, one field", `{"a":1}`, `{"a":2}`, `{"a":3}`, `{"a":2}`},
		{"mine adds", `{}`, `{"a":1}`, `{"b":1}`, `{"a":1,"b":1}`},
		{"mine removes", `{"a":1,"b":1}`, `{"b":1}`, `{"a":5,"b":1}`, `{"b":1}`},
		{"theirs removes", `{"a":1,"b":1}`, `{"a":1,"b":2}`, `{"b":1}`, `{"b":2}`},
		{"deep values are one field", `{"a":{"x":1}}`, `{"a":{"x":1,"y":1}}`, `{"a":{"x":2}}`, `{"a":{"x":1,"y":1}}`},
		{"unknown field", `{"a":1}`, `{"a":2}`, `{"a":1,"new":true}`, `{"a":2,"new":true}`},
		{"null becomes an object", `null`, `{"a":1}`, `{"b":1}`, `{"a":1,"b":1}`},
		{"no objects", `[1]`, `[2]`, `[3]`, `[2]`},
		{"mine is null", `{"a":1}`, `null`, `{"a":1}`, `null`},
		{"theirs is damaged", `{"a":1}`, `{"a":2}`, `{`, `{"a":2}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := string(mergeFields([]byte(tt.base), []byte(tt.mine), []byte(tt.theirs)))
			if got != tt.want {
				t.Errorf("mergeFields(%s, %s, %s) = %s, want %s", tt.base, tt.mine, tt.theirs, got, tt.want)
			}
		})
	}
}

// FuzzMerge: what nobody else changed comes out as mine, and what I left alone comes out as theirs.
func FuzzMerge(f *testing.F) {
	f.Add(`{"a":1}`, `{"a":2}`)
	f.Add(`{"a":1,"b":[]}`, `{}`)
	f.Fuzz(func(t *testing.T, x, y string) {
		var mx, my map[string]any
		if json.Unmarshal([]byte(x), &mx) != nil || json.Unmarshal([]byte(y), &my) != nil || mx == nil || my == nil {
			return
		}
		bx, _ := json.Marshal(mx)
		by, _ := json.Marshal(my)
		for name, got := range map[string][]byte{"mine": mergeFields(bx, by, bx), "theirs": mergeFields(bx, bx, by)} {
			var m map[string]any
			if err := json.Unmarshal(got, &m); err != nil || !reflect.DeepEqual(m, my) {
				t.Errorf("%s: merging %s into %s = %s (%v)", name, by, bx, got, err)
			}
		}
	})
}
