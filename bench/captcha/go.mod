module github.com/sessionseed/sessionseed/templates/service/bench/captcha

go 1.26.0

require github.com/sessionseed/sessionseed v0.0.0

require (
	github.com/dchest/captcha v1.1.0
	github.com/steambap/captcha v1.4.1
	golang.org/x/image v0.47.0
)

require (
	github.com/golang/freetype v0.0.0-20170609003504-e2365dfdc4a0 // indirect
	github.com/sessionseed/sessionseed/templates/service/bench v0.0.0
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
	golang.org/x/text v0.44.0 // indirect
)

replace github.com/sessionseed/sessionseed => ../..

replace github.com/sessionseed/sessionseed/templates/service/bench => ../
