module github.com/sessionseed/sessionseed/templates/service/bench/cors

go 1.26.0

require (
	github.com/jub0bs/cors v0.9.0
	github.com/sessionseed/sessionseed v0.0.0
)

require (
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/sessionseed/sessionseed => ../..
