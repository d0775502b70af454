// Package differ compares the service's CORS middleware with github.com/jub0bs/cors: thousands of random
// configurations and requests are given to both, and every difference must be one of those listed, each with its
// reason, in the tables of the test.
//
// It is a module of its own so that the comparison's dependency stays out of the generator and of the emitted service.
// Run it with go test in this directory.
package differ
