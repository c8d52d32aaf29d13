# TTBoost: `make help` lists the targets.
#
# PROFILE  release (default), debug, asan (AddressSanitizer and UBSan), tsan; each builds in build/$(PROFILE)
# CC       gcc or clang
SHELL    := /bin/bash
MAKEFLAGS += -r --no-print-directory
ifeq ($(origin CC),default)
CC       := gcc
endif
PROFILE  ?= release
ifneq ($(filter asan,$(MAKECMDGOALS)),)
PROFILE  := asan
endif
ifneq ($(filter tsan,$(MAKECMDGOALS)),)
PROFILE  := tsan
endif
ifneq ($(filter fuzz,$(MAKECMDGOALS)),)
PROFILE  := fuzz
CC       := clang
endif
BUILD    := build/$(PROFILE)
GEN      := build/gen
VERSION  := $(shell cat VERSION 2>/dev/null)

SERVICES := auth license media events
DAEMONS  := gateway $(SERVICES)
# Programs that recipes start find the profile's binaries by it.
export TTB_PROFILE = $(notdir $(BUILD))

# ---- flags -----------------------------------------------------------------------------------------------------------
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef
CFLAGS_release := -O2 -D_FORTIFY_SOURCE=2
CFLAGS_debug   := -O0
CFLAGS_asan    := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CFLAGS_fuzz    := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CFLAGS_tsan    := -O1 -fsanitize=thread -fno-omit-frame-pointer
# The sanitizers have a crypt_r of their own, which calls the real one: --as-needed would leave that out.
WITH_CRYPT     := -Wl,--no-as-needed -lcrypt -Wl,--as-needed
LDFLAGS_asan   := -fsanitize=address,undefined $(WITH_CRYPT)
LDFLAGS_fuzz   := -fsanitize=fuzzer,address,undefined $(WITH_CRYPT)
LDFLAGS_tsan   := -fsanitize=thread $(WITH_CRYPT)
# libnats' header has a function with an empty parameter list: system headers are exempt from our warnings, its own folder is one.
ALL_CFLAGS := -std=gnu17 -g -fPIE -fstack-protector-strong $(WARNINGS) $(CFLAGS_$(PROFILE)) \
              -D_GNU_SOURCE -DTTB_VERSION='"$(VERSION)"' -I. -Ibuild -pthread $(CFLAGS)
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now -Wl,--as-needed -pthread $(LDFLAGS_$(PROFILE)) $(LDFLAGS)
ALL_CFLAGS += -isystem /usr/include/postgresql
LDLIBS   := -lpq -lnats -lunistring -lmicrohttpd -lwebsockets -lev -ljansson -ljwt -lnettle -lcrypt -lprotobuf-c -lcurl -ldeflate -lz -lssl -lcrypto -lm

# ---- sources ---------------------------------------------------------------------------------------------------------
find_c    = $(sort $(shell find $(1) -name '*.c' 2>/dev/null))
objects   = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIB_SRC  := $(call find_c,lib)
PROTO    := $(wildcard proto/*.yaml)
# The messages of all services: what they and the gateway call each other with.
MESSAGES_SRC := $(foreach s,$(SERVICES),$(GEN)/$(s)/messages.c)

# A daemon is its folder without main.c and without the worker programs below it (service_src), its generated part, and main.c.
WORKER_FOLDERS := services/media/workers/child services/media/voice/worker services/media/audio/worker
service_src = $(filter-out services/$(1)/main.c $(call find_c,$(WORKER_FOLDERS)),$(call find_c,services/$(1)))
gen_src_auth    := $(GEN)/auth/api.c $(GEN)/auth/migrations.c
gen_src_license := $(GEN)/license/api.c $(GEN)/license/migrations.c
gen_src_media   := $(GEN)/media/api.c $(GEN)/media/migrations.c
gen_src_events  := $(GEN)/events/api.c $(GEN)/events/migrations.c $(GEN)/webcast.pb-c.c
gen_src_gateway := $(GEN)/gateway/routes.c $(GEN)/gateway/assets.c

CHILD_SRC := $(call find_c,services/media/workers/child)
VOICE_SRC := $(call find_c,services/media/voice/worker)
AUDIO_SRC := $(call find_c,services/media/audio/worker)
VOICE_LIBS := -lespeak-ng -lseccomp -lm
AUDIO_LIBS := -lavformat -lavfilter -lavcodec -lswresample -lavutil -lebur128 -lseccomp -lm
SIM_SRC   := $(call find_c,tools/webcast-sim)
BENCH_SRC := $(wildcard bench/*.c)
UNIT_SRC  := $(call find_c,tests/unit)
FUZZ_BIN  := $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(wildcard tests/fuzz/*_fuzz.c))
REPLAY_BIN := $(patsubst tests/fuzz/%_fuzz.c,$(BUILD)/replay/%,$(wildcard tests/fuzz/*_fuzz.c))
FUZZ_SECONDS ?= 60
CODE_FOLDERS := lib services tools tests bench deploy
C_FILES    = $(shell find $(CODE_FOLDERS) -name '*.[ch]')

BIN      := $(addprefix $(BUILD)/bin/ttb-,$(DAEMONS) voice audio) $(BUILD)/bin/webcast-sim $(patsubst bench/%.c,$(BUILD)/bin/bench-%,$(BENCH_SRC))
UNIT_BIN := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))

# ---- targets ---------------------------------------------------------------------------------------------------------
.DEFAULT_GOAL := all
.PHONY: all help docs deps run up down status test unit integration history soak races odd-texts test-deploy test-k8s test-kube check asan tsan fuzz images bench format lint clean gen

all: $(BIN) ## build every program of the profile

help: ## list the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo "  PROFILE=release|debug|asan|tsan  CC=gcc|clang  TTB_*_PORT and TTB_STATE_DIR: see README.md"

deps: ## install the Debian packages that building, running and testing need
	@tools/install-packages

# The packages come first: nothing builds without them.
run: deps ## start the suite, show its logs, stop it at Ctrl-C
	@$(MAKE) all
	@tools/stack run

up: deps ## start the suite in the background
	@$(MAKE) all
	@tools/stack up

down: ## stop it
	@tools/stack down

status: ## what of it runs
	@tools/stack status

test: all $(UNIT_BIN) $(REPLAY_BIN) ## all tests; the last line counts them
	@tests/run --integration $(UNIT_BIN) $(REPLAY_BIN)

unit: $(UNIT_BIN) $(REPLAY_BIN) ## unit tests, and what fuzzing once found of interest
	@tests/run $(UNIT_BIN) $(REPLAY_BIN)

integration: all ## integration tests only
	@tests/run --integration

history: all ## kill parts of a suite under load for TTB_HISTORY_SECONDS (120), and prove that nothing was lost
	@tests/history/run

soak: all ## lives with faults at random for SOAK_SECONDS (1800): what TikTok delivers reaches clients once and in order
	@tests/soak/run

races: all ## many who want one key, or the key of one order: 100 rounds
	@TTB_RACE_ROUNDS=100 /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/integration/test_races.py

odd-texts: all ## have 100,000 odd texts spoken (TTB_ODD_TEXTS): each is answered, and no daemon dies
	@tests/odd_texts/run

test-deploy: ## build the images and run deploy/compose by podman: requests, scaling, replacing, backup and restore
	@tests/deploy/compose.sh

test-k8s: all ## render deploy/k8s, and hold it against Kubernetes' schemas and our own rules (needs npm)
	@tests/deploy/k8s.py

test-kube: ## start the pods of deploy/k8s by podman, use them, take them down (needs root, podman, npm, and images)
	@tests/deploy/kube_play.py

asan: test ## all tests with AddressSanitizer and UBSan

tsan: test ## all tests with ThreadSanitizer

check: all ## what a change must pass: layers, format, shell, all tests by gcc, clang, asan, tsan
	@tools/check-layers
	@tools/check-banned $(CC) $(BUILD)
	@clang-format-14 --dry-run -Werror $(C_FILES)
	@shellcheck $$(grep -rlE '^#!.*(/| )(ba)?sh$$' $(CODE_FOLDERS) .ci)
	@$(MAKE) test
	@$(MAKE) CC=clang BUILD=build/clang test
	@$(MAKE) asan
	@$(MAKE) tsan
	@$(MAKE) fuzz FUZZ_SECONDS=0 # the targets as libFuzzer builds them

fuzz: $(FUZZ_BIN:=.run) ## feed every decoder odd bytes, each for FUZZ_SECONDS (60; 0: only what tests/fuzz/corpus holds)

docs: all ## write the reference of all settings to build/docs/configuration.md
	@mkdir -p build/docs
	@tools/config-docs $(BUILD)/bin >build/docs/configuration.md
	@echo build/docs/configuration.md

images: ## build the container images; deploy/images/build tells its settings
	@deploy/images/build

bench: all ## measure the suite against its goals: docs/benchmarks.md
	@bench/run

format: ## lay the C code out by .clang-format
	@clang-format-14 -i $(C_FILES)

lint: $(GENERATED) ## clang-tidy's opinion, by .clang-tidy; fails when it has one
	@! printf '%s\n' $(filter %.c,$(C_FILES)) | xargs -P $$(nproc) -I{} clang-tidy-14 --quiet {} -- $(ALL_CFLAGS) 2>&1 | \
	  grep -v 'warnings\? generated'

clean: ## remove all that was built, but not the state of a running suite
	@rm -rf $(filter-out build/run,$(wildcard build/*))

gen: $(GEN)/stamp ## write the generated sources to build/gen

include tools/rules.mk
include deploy/install.mk
