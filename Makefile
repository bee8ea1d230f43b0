# offhook, the resident, needs nothing but Go. offhook-window needs a C compiler and a display's libraries.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GO      ?= go
LDFLAGS  = -s -w -X main.version=$(VERSION)
# The window's build is four times quicker with clang.
CC      := $(or $(shell command -v clang),$(CC))
DISPLAYED = $(DISPLAY)$(WAYLAND_DISPLAY)

.PHONY: demo test conformance explore mutants pace build window lint real windows screenshots clean

demo: build ## try everything against a simulated tenant and a simulated phone
ifneq ($(DISPLAYED),)
	@$(MAKE) --no-print-directory window || echo "make: the window could not be built; the demo runs without it" >&2
endif
	bin/offhook demo

test: ## run the tests; those of real parts run where the part is there
	CGO_ENABLED=0 $(GO) test -tags ci ./...

conformance: ## run the suite that every phone system passes, and print the table system by check
	CGO_ENABLED=0 $(GO) run ./sync/phone/conformance/table

explore: ## walk many more states of the engine than `make test` does: half an hour on two cores, and several GB
	CGO_ENABLED=0 OFFHOOK_EXPLORE=1500000 $(GO) test -count=1 -timeout=3h -v -run '^TestExplore$$' ./sync/engine

mutants: ## apply deliberate faults to the engine and see that each is noticed: some minutes
	CGO_ENABLED=0 OFFHOOK_MUTANTS=1 $(GO) test -count=1 -timeout=30m -v -run '^TestMutants$$' ./sync/engine

pace: ## simulate the reading of Teams by whole organisations, for a working day; FORMAT=json for JSON lines
	@CGO_ENABLED=0 $(GO) run ./sync/pace/simulation -format "$(or $(FORMAT),table)"

build: ## build bin/offhook
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/offhook ./app

window: ## build bin/offhook-window, with what it needs on Debian
	@.ci/packages window
	CC="$(CC)" CGO_ENABLED=1 $(GO) build -tags migrated_fynedo,no_emoji,no_animations -trimpath -ldflags '$(LDFLAGS)' -o bin/offhook-window ./app/window

lint: ## gofmt, vet and staticcheck, for the three systems
	@test -z "$$(gofmt -l app sync assets)" || { gofmt -l app sync assets; exit 1; }
	CGO_ENABLED=0 $(GO) vet -tags ci ./...
	CGO_ENABLED=0 GOOS=windows $(GO) vet ./app ./sync/...
	CGO_ENABLED=0 $(GO) tool -modfile=.ci/tools/go.mod staticcheck -tags ci ./...

real: build window ## install and start every real part, and let no test skip it
	.ci/real $(MAKE) --no-print-directory test

windows: ## run what is built for Windows, under Wine: the tests that Windows could make differ, and the program
	@.ci/packages windows
	.ci/windows/windows .ci/windows/tests

screenshots: build window ## take the README's pictures of the real program
	.ci/desktop/desktop .ci/desktop/screenshots

clean: ## remove what was built
	rm -rf bin
