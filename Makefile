# Every target is one line and is listed by `make help`. What takes more than a line stands in .ci/.
TOOL := go tool -modfile=.ci/tools/go.mod
FUZZTIME ?= 10s
N ?= 20000
SEED ?= 1
KILLS ?= 200
MESSAGES ?= 5000
DURATION ?= 0s
# Arithmetic of others that shares nothing and is five times as slow under the race detector. What calls it is
# watched, and so is every byte that is signed: Ed25519 reads the same input by code that is watched.
UNWATCHED := $(foreach p,filippo.io/mldsa/... filippo.io/age/internal/bech32 golang.org/x/crypto/scrypt \
  $(addprefix crypto/internal/fips140/,edwards25519/... mlkem sha3),-gcflags=$(p)=-race=false)
# Stories of whole nodes wait more than they compute: so many of a package at a time, and so many packages.
PARALLEL ?= 6
PACKAGES ?= 4
RELAY ?= own
HISTORY ?=
TESTS ?=
SIZE ?= quick
ONLY ?=
.DEFAULT_GOAL := help
.PHONY: help build test race fuzz bench microbench lint fmt generate pages vectors demo cover deps check interop baseline sim chaos model mutants faults browser

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/valise: one static binary
	CGO_ENABLED=0 go build -trimpath -o bin/valise ./cmd/valise

test: ## run every test; needs only Go
	go test -timeout 30m -p $(PACKAGES) -parallel $(PARALLEL) ./...

race: ## run under the race detector every package that starts a goroutine, but long stories of one; needs a C compiler
	packages=$$(.ci/concurrent) && GORACE="$$GORACE atexit_sleep_ms=0" CGO_ENABLED=1 go test -race $(UNWATCHED) -p $(PACKAGES) -parallel $(PARALLEL) -timeout 30m $$packages

model: ## check the model of delivery in every state, and that it finds each seeded mistake; needs spin
	.ci/model

mutants: ## make one mistake at a time in the real code, and see that a test finds it
	.ci/mutants

sim: ## play N seeds (20000) from SEED (1) with keyed hashes for signatures, and 300 with real ones and age
	.ci/sim $(N) $(SEED)

faults: ## kill, EIO, ENOSPC and power failures at every moment, on real nodes (root, Linux; make deps)
	CGO_ENABLED=0 go build -tags faults -o bin/faults ./cmd/trial/faults && GOGC=400 bin/faults

browser: ## look at every page in a real browser, in six languages; pictures in bin/screenshots; TESTS=name chooses (make deps)
	.ci/browser '$(TESTS)'

chaos: build ## kill, cut and wipe three nodes and a relay: SEED, KILLS (200), MESSAGES (5000), DURATION, RELAY=own|cluster, HISTORY
	go run ./cmd/trial/chaos -seed $(SEED) -kills $(KILLS) -messages $(MESSAGES) -duration $(DURATION) -relay $(RELAY) -history '$(HISTORY)'

fuzz: ## run every fuzz target for FUZZTIME each (10s)
	.ci/fuzz $(FUZZTIME)

bench: ## measure the product against a straight line and against mail, as ratios: SIZE=smoke|quick|full, ONLY=speed,...
	CGO_ENABLED=0 go build -o bin/bench ./cmd/trial/bench && bin/bench -size $(SIZE) -only '$(ONLY)'

microbench: ## run the benchmarks beside the code
	go test -run '^$$' -bench . -benchmem ./...

lint: ## run the linters of .golangci.yml; the first run builds them
	$(TOOL) golangci-lint run

fmt: ## format Go and proto files in place
	gofmt -w $$(git ls-files -co --exclude-standard '*.go') && $(TOOL) buf format -w

generate: ## regenerate the Go code of proto/valise/v1
	$(TOOL) buf generate

pages: ## regenerate docs/cli.md and the kept manual page from the program
	go test ./cmd/valise -run 'TestPagesAreAsTheProgramIs|TestManualPageIsAsKept' -update

vectors: ## regenerate proto/vectors; the same bytes every time
	.ci/vectors

demo: build ## two invented States and a relay on this machine: one inquiry there and back
	bin/valise demo --once

cover: ## tests with coverage of all packages; writes cover.out
	go test -coverpkg=./... -coverprofile=cover.out ./... && go tool cover -func=cover.out | tail -n 1

deps: ## install what check, race and interop need beside Go (root, Debian); says what and why
	.ci/deps

check: ## what CI checks beside the tests: lint, regenerated code and vectors, contract, house rules
	.ci/check

interop: build ## open the vectors and check proofs in JavaScript, and call nodes from Python; needs Node 20 and Debian's python3-grpcio
	.ci/interop

baseline: ## take the present contract as the one that later versions must not break
	$(TOOL) buf build --as-file-descriptor-set --exclude-source-info -o .ci/contract.binpb
