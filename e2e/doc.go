// Package e2e tests generated services from outside, most of all in real browsers.
//
//	go test .                     needs Chromium, Firefox, nginx, and Node with npm for the services of testdata
//	go test . -screenshots DIR    also writes pictures of the demo page
//
// Run "go mod download" in the parent directory first: generated projects are built offline, from the module cache.
//
// One run builds the generator, lets it make a project for each topology of
// front end and service, builds these projects and starts them on loopback.
// Chromium knows made-up names such as app.shop.test by --host-resolver-rules
// and Firefox by a proxy in the test process; https is a reverse proxy there, too,
// with a certificate made for the run. The browsers reach nothing
// outside the machine; npm ci and go mod download do, for testdata.
//
// The service never shows the text of a captcha. The tests read it where an
// owner could: in the session store. project_test.go adds a store package to the
// generated project that repeats the records of the memory store in files, and
// re-points the import of main.go to it, as the generator does for its own
// stores, and it names the account in .env. Everything else runs as it was generated, except where a test changes
// the code of a project of its own.
package e2e
