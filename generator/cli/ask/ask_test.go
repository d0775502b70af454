//go:build linux

package ask

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/sessionseed/sessionseed/generator/cli/ask/ttytest"
)

func TestPromptAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		keys []string // question, keys, question, keys ...
		want string
	}{
		{
			"defaults",
			[]string{"Name", "\r", "Fruit", "\r", "Town", "\r", "Another town", "\r", "Sure?", "\r"},
			"anna 1 [Rome] true",
		},
		{
			"typed",
			[]string{
				"Name",
				"bert\r",
				"Fruit",
				ttytest.Down + "\r",
				"Town",
				"Oslo\r",
				"Another town",
				"Bonn\r",
				"Bonn",
				"\r",
				"Sure?",
				"n\r",
			},
			"bert 2 [Oslo Bonn] false",
		},
		{
			"asked again",
			[]string{
				"Name",
				"x1\r",
				`name "x1" has digits`,
				"carl\r",
				"Fruit",
				ttytest.Up + "\r",
				"Town",
				"\r",
				"Another town",
				"\r",
				"Sure?",
				"y\r",
			},
			"carl 0 [Rome] true",
		},
		{
			"help",
			[]string{
				"Name", "?\r", "any name of letters", "dora\r", "Fruit", "\r", "Town", "\r", "Another town", "\r",
				"Sure?", "\r",
			},
			"dora 1 [Rome] true",
		},
		{
			"edited",
			[]string{
				"Name", "elzZ" + ttytest.Back + ttytest.Left + ttytest.Left + "\x1b[3~" + "ab\r", "Fruit", "\r", "Town",
				"\r", "Another town", "\r", "Sure?", "\r",
			},
			"eabz 1 [Rome] true",
		},
		{
			"wide characters",
			[]string{"Name", "张三\r", "Fruit", "\r", "Town", "\r", "Another town", "\r", "Sure?", "\r"},
			"张三 1 [Rome] true",
		},
		{
			"keys without a meaning",
			[]string{
				"Name", "\x1bxf\x1b[1;5Cr\x1b[15~i\x1bOPtz\x1b[200~\x00\r", "Fruit", "\r", "Town", "\r", "Another town",
				"\r", "Sure?", "\r",
			},
			"fritz 1 [Rome] true",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := ttytest.Start(t, ttytest.Options{}, "questionnaire")
			for i := 0; i < len(test.keys); i += 2 {
				s.Answer(test.keys[i], test.keys[i+1])
			}
			if code := s.Exit(); code != 0 || !s.Shows("answers: "+test.want) {
				t.Errorf("exit %d, want 0 and %q on:\n%s", code, test.want, s)
			}
		})
	}
}

// All answers may be typed or pasted at the first question, before the others are drawn.
func TestPromptTypeAhead(t *testing.T) {
	t.Parallel()
	for _, mute := range []bool{false, true} {
		t.Run(fmt.Sprintf("mute=%t", mute), func(t *testing.T) {
			t.Parallel()
			s := ttytest.Start(t, ttytest.Options{Mute: mute}, "questionnaire")
			s.Answer("Name", "R2\r"+"rita\r"+ttytest.Down+"\r"+"Oslo\rBonn\r\r"+"y\r")
			if code := s.Exit(); code != 0 || !s.Shows("answers: rita 2 [Oslo Bonn] true") {
				t.Errorf("exit %d, want 0 and all answers on:\n%s", code, s)
			}
		})
	}
}

func TestPromptCancel(t *testing.T) {
	t.Parallel()
	questions := []string{"Name", "Fruit", "Town", "Another town", "Sure?"}
	for _, mute := range []bool{false, true} {
		for name, key := range map[string]string{"Ctrl-C": ttytest.CtrlC, "Ctrl-D": ttytest.CtrlD,
			"text and Ctrl-D": "ab" + ttytest.CtrlD} {
			for at := range questions {
				t.Run(fmt.Sprintf("%s at %s mute=%t", name, questions[at], mute), func(t *testing.T) {
					t.Parallel()
					s := ttytest.Start(t, ttytest.Options{Mute: mute}, "questionnaire")
					for _, q := range questions[:at] {
						s.Answer(q, ttytest.Enter)
					}
					s.Answer(questions[at], key)
					if code := s.Exit(); code != 130 || strings.Contains(s.Raw(), "answers") {
						t.Errorf("exit %d, want %d and no answers on:\n%s", code, 130, s)
					}
					if !s.CursorVisible() {
						t.Error("the cursor stays hidden")
					}
					if s.IsRaw() {
						t.Error("the terminal stays in raw mode")
					}
				})
			}
		}
	}
}

func TestPromptSignal(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			s := ttytest.Start(t, ttytest.Options{}, "questionnaire")
			s.See("Name")
			if err := s.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if code := s.Exit(); code != 130 {
				t.Errorf("exit %d, want %d", code, 130)
			}
			if s.IsRaw() {
				t.Error("the terminal stays in raw mode")
			}
		})
	}
}

func TestPromptNarrow(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{10, 3}, {20, 6}, {30, 4}, {40, 24}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			s := ttytest.Start(t, ttytest.Options{Cols: size[0], Rows: size[1]}, "questionnaire")
			s.Answer("Name", "bert\r")
			s.Answer("pear", ttytest.Down+"\r")
			s.Answer("Town", "Oslo\r")
			s.Answer("Another town", "\r")
			s.Answer("Sure?", "n\r")
			if code := s.Exit(); code != 0 || !strings.Contains(s.Raw(), "answers: bert 2 [Oslo] false") {
				t.Errorf("exit %d, want 0 and all answers on:\n%s", code, s)
			}
		})
	}
}

func TestPromptLines(t *testing.T) {
	t.Parallel()
	s := ttytest.Start(t, ttytest.Options{Env: []string{"TERM=dumb"}}, "questionnaire")
	for _, step := range [][2]string{
		{"Name [anna]", "x1\r"}, {"Not accepted", "?\r"}, {"any name of letters", "bert\r"},
		{"1 to 3 [2]", "9\r"}, {"not one of the choices", "plum\r"},
		{"Town [Rome]", "Oslo\r"}, {"Another town", "\r"}, {"Sure? [Y/n]", "no\r"},
	} {
		s.SeeLine(step[0])
		s.Send(step[1])
	}
	if code := s.Exit(); code != 0 || !s.Shows("answers: bert 2 [Oslo] false") {
		t.Errorf("exit %d, want 0 and all answers on:\n%s", code, s)
	}
	if strings.Contains(s.Raw(), "\x1b") {
		t.Errorf("escape sequences on a dumb terminal: %q", s.Raw())
	}
}

func TestPromptLinesCancel(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"Ctrl-C": ttytest.CtrlC, "Ctrl-D": ttytest.CtrlD} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := ttytest.Start(t, ttytest.Options{Env: []string{"TERM=dumb"}}, "questionnaire")
			s.SeeLine("Name")
			s.Send(key)
			if code := s.Exit(); code != 130 {
				t.Errorf("exit %d, want %d", code, 130)
			}
		})
	}
}

// A < goes back from a question of any kind: as the first key of an answer, and in a list at any time. What was asked
// stays on the screen in one line.
func TestPromptBack(t *testing.T) {
	t.Parallel()
	for _, mute := range []bool{false, true} {
		t.Run(fmt.Sprintf("mute=%t", mute), func(t *testing.T) {
			t.Parallel()
			s := ttytest.Start(t, ttytest.Options{Mute: mute}, "questionnaire")
			for _, step := range [][2]string{
				{"Name (anna)", "<"}, {"Name <", "a<b\r"}, {"Hello, a<b", "<"}, {"Fruit <", "bert\r"},
				{"Hello, bert", "plu<"}, {"? Fruit < ? Name (anna)", "carl\r"}, {"Hello, carl", "\r"},
				{"Town (Rome)", "Oslo\r"}, {"Another town", "<"}, {"Another town < ? Town (Rome)", "Bonn\r"},
				{"Town Bonn", "\r"}, {"Sure?", "x\r"}, {"not a valid answer", "<"}, {"Sure? < ? Town (Rome)", "\r"},
				{"Town Rome", "\r"}, {"Another town ? Sure? (Y/n)", "n\r"},
			} {
				s.Answer(step[0], step[1])
			}
			if code := s.Exit(); code != 0 || !s.Shows("answers: carl 1 [Rome] false") {
				t.Errorf("exit %d, want 0 and all answers on:\n%s", code, s)
			}
			if s.Shows("> plum") || s.Shows("- green") {
				t.Errorf("a list stays on the screen:\n%s", s)
			}
		})
	}
}

func TestPromptLinesBack(t *testing.T) {
	t.Parallel()
	s := ttytest.Start(t, ttytest.Options{Env: []string{"TERM=dumb"}}, "questionnaire")
	for _, step := range [][2]string{
		{"Name [anna]: ", "bert\r"}, {"1 to 3 [2]: ", "<\r"}, {"[2]: < Name [anna]: ", "carl\r"},
		{"Hello, carl", "1\r"}, {"Town [Rome]: ", "Oslo\r"}, {"Another town: ",
			"<\r"}, {"Another town: < Town [Rome]: ", "\r"},
		{"Another town: < Town [Rome]: Another town: ", "\r"}, {"Sure? [Y/n]: ", "\r"},
	} {
		s.SeeLine(step[0])
		s.Send(step[1])
	}
	if code := s.Exit(); code != 0 || !s.Shows("answers: carl 0 [Rome] true") {
		t.Errorf("exit %d, want 0 and all answers on:\n%s", code, s)
	}
}

// ? shows help in a list too, a filter that matches nothing says so, and what was
// refused stays visible.
func TestPromptSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := ttytest.Start(t, ttytest.Options{}, "questionnaire")
	s.Answer("Name", "x1\r")
	s.Answer(`? Name x1 X name "x1" has digits write letters ? Name (anna)`, "x2\r")
	s.Answer(`? Name x1 X name "x1" has digits write letters ? Name x2 X name "x2" has digits`, "bert\r")
	s.Answer("Fruit", "?")
	s.Answer("what you eat ? Fruit [arrows or letters] apple", "q\r")
	s.Answer("Fruit [arrows or letters] q nothing matches", ttytest.Back+"plu\r")
	s.Answer("Fruit plum ? Town", "\r")
	s.Answer("Another town", "\r")
	s.Answer("Sure?", "perhaps\r")
	s.Answer(`"perhaps" is not a valid answer`, "y\r")
	if code := s.Exit(); code != 0 || !s.Shows("answers: bert 2 [Rome] true") || !s.Shows("? Name x1") {
		t.Errorf("exit %d, want 0, all answers and the refused name on:\n%s", code, s)
	}
}
