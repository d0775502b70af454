package main

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/session/subject"
)

// row is one line of the report: a route of a library. The libraries are
// programs of their own, since the globals of one are work for the garbage
// collector of the others.
type row struct {
	name, library string
	route         subject.Route
}

var rows = []row{
	{"bare", "floor", subject.Untouched},
	{"floor of a read", "floor", subject.Read},
	{"ours untouched", "ours", subject.Untouched},
	{"scs untouched", "scs", subject.Untouched},
	{"gorilla untouched", "gorilla", subject.Untouched},
	{"gin untouched", "gin", subject.Untouched},
	{"ours read", "ours", subject.Read},
	{"scs read", "scs", subject.Read},
	{"gorilla read", "gorilla", subject.Read},
	{"gin read", "gin", subject.Read},
	{"ours read of many", "ours", subject.ReadMany},
	{"scs read of many", "scs", subject.ReadMany},
	{"ours write", "ours", subject.Write},
	{"scs write", "scs", subject.Write},
	{"gorilla write", "gorilla", subject.Write},
	{"gin write", "gin", subject.Write},
}

// build compiles the libraries' programs into dir.
func build(dir string) error {
	cmd := exec.Command("go", "build", "-o", dir, "./floor", "./ours", "./scs", "./gorilla", "./gin")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// heap is the live heap of each session in a library's store, in bytes.
func heap(dir, library string) (bytes float64, err error) {
	out, err := exec.Command(filepath.Join(dir, library), "-heap").Output()
	if err != nil {
		return 0, err
	}
	return bytes, json.Unmarshal(out, &bytes)
}

// process serves one row.
type process struct {
	cmd     *exec.Cmd
	in, out io.Closer
	ask     *json.Encoder
	answers *json.Decoder
}

func start(dir string, r row) (*process, error) {
	cmd := exec.Command(filepath.Join(dir, r.library), "-route", string(r.route))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &process{cmd, in, out, json.NewEncoder(in), json.NewDecoder(out)}, cmd.Start()
}

// measure has the process answer requests for the given CPU time.
func (p *process) measure(share time.Duration) (f subject.Figure, err error) {
	if err := p.ask.Encode(share); err != nil {
		return f, err
	}
	return f, p.answers.Decode(&f)
}

func (p *process) stop() {
	p.in.Close()
	p.out.Close()
	p.cmd.Wait()
}
