module github.com/sessionseed/sessionseed/generator/bench/merge

go 1.26.0

require github.com/sessionseed/sessionseed v0.0.0

require (
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/mod v0.42.0 // indirect
)

replace github.com/sessionseed/sessionseed => ../..
