package main

import (
	"slices"
	"testing"
)

// TestBases finds the merge bases in small histories, children first.
func TestBases(t *testing.T) {
	tests := []struct {
		name    string
		parents [][]int // by commit
		a, b    int
		want    []int
	}{
		{"a fork", [][]int{{2}, {2}, {3}, nil}, 0, 1, []int{2}},
		{"one is the other's ancestor", [][]int{{1}, {2}, nil}, 0, 2, []int{2}},
		{"criss-cross", [][]int{{2, 3}, {3, 2}, {4}, {4}, nil}, 0, 1, []int{2, 3}},
		{"an ancestor of a base is none", [][]int{{2}, {2, 3}, {3}, nil}, 0, 1, []int{2}},
		{"nothing in common", [][]int{nil, nil}, 0, 1, nil},
	}
	for _, tt := range tests {
		var h history
		for _, p := range tt.parents {
			h = append(h, commit{parents: p})
		}
		if got := h.bases(tt.a, tt.b); !slices.Equal(got, tt.want) {
			t.Errorf("%s: bases %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestCause sorts differences between a merge and what people wrote.
func TestCause(t *testing.T) {
	const base, ours, theirs = "package a\n\nfunc b() {}\n", "package a\n\nfunc a() " +
		"{}\n\nfunc b() {}\n", "package a\n\nfunc c() {}\n\nfunc b() {}\n"
	const got = "package a\n\nfunc a() {}\n\nfunc c() {}\n\nfunc b() {}\n"
	const git = "package a\n\n<<<<<<< ours\nfunc a() {}\n=======\nfunc c() {}\n>>>>>>> theirs\n\nfunc b() {}\n"
	tests := []struct{ people, want string }{
		{"package a\n\nimport \"x\"\n\nfunc a() {}\n\nfunc c() {}\n\nfunc b() {}\n", importsOnly},
		{"package a\n\nfunc c() {}\n\nfunc a() {}\n\nfunc b() {}\n", orderOnly},
		{"package a\n\n// a.\nfunc a() {}\n\nfunc c() {}\n\nfunc b() {}\n", commentOnly},
		{"package a\n\nfunc a() {}\n\nfunc c() {}\n\nfunc b() { x() }\n", elsewhere},
		{"package a\n\nfunc a() {}\n\nfunc d() {}\n\nfunc b() {}\n", peopleWrote},
		{ours, tookOurs},
		{theirs, tookTheirs},
	}
	for _, tt := range tests {
		v := versions{[]byte(base), []byte(ours), []byte(theirs), []byte(tt.people)}
		if is := cause(v, []byte(git), []byte(got)); is != tt.want {
			t.Errorf("people wrote\n%s\ncause %q, want %q", tt.people, is, tt.want)
		}
	}
	if !read([]byte("package a\n\nfunc a() { f(1, 2) }\n")).equal(read([]byte("package a\nfunc a() " +
		"{\n\tf(1,\n\t\t2,\n\t)\n}\n"))) {
		t.Error("layout alone makes a difference")
	}
}
