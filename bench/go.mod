module github.com/sessionseed/sessionseed/templates/service/bench

go 1.26.0

require (
	github.com/gorilla/handlers v1.5.2
	github.com/jub0bs/cors v0.9.0
	github.com/rs/cors v1.11.1
	github.com/sessionseed/sessionseed v0.0.0
)

require github.com/felixge/httpsnoop v1.0.3 // indirect

require (
	github.com/alexedwards/scs/v2 v2.9.0
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
)

replace github.com/sessionseed/sessionseed => ../
