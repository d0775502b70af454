// Package generator holds the rooms of the generator; it has no code of its own.
//
//	options     the answers: one row says everything about an option
//	policy      from where service and pages are to the cookie's attributes
//	tree        a project in memory
//	render      options to a tree, from the living template
//	project     a directory on disk: lock, transaction, undo; the only room that writes files of it
//	state       what makes it a project: .sessionseed, options, creation, keys
//	changeset   what a run does with each file, and its application
//	sources     the Go code of a project as it will be after a run
//	regenerate  plans a change set from base, ours and theirs; checks
//	doctor      why a browser would lose the session of a running service
//	cli         the commands; cli/ask asks the questions
//	internal    problem, dotenv, yamledit, gomod, goedit, compile, mount; merge with textmerge, treemerge, goimport
//
// The flow, in the field's words: answers -> Options -> Plan -> Tree ("theirs") ->
// three-way merge with base and ours -> change set -> Apply: stage, compile, commit.
// Up to the change set all is a function of the project's files, the options and the
// generator, and runs no program. Imports run one way, which a test holds:
//
//	cli -> {regenerate, doctor} -> {render, changeset, sources} -> state -> project
//	    -> {options, tree} -> policy -> internal
//
// docs/layout.md walks one command through the rooms.
package generator
