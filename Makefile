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
BUILD    := build/$(PROFILE)
GEN      := build/gen
VERSION  := $(shell cat VERSION 2>/dev/null)

SERVICES := auth license media events
DAEMONS  := gateway $(SERVICES)

# ---- flags -----------------------------------------------------------------------------------------------------------
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef
CFLAGS_release := -O2 -D_FORTIFY_SOURCE=2
CFLAGS_debug   := -O0
CFLAGS_asan    := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CFLAGS_tsan    := -O1 -fsanitize=thread -fno-omit-frame-pointer
LDFLAGS_asan   := -fsanitize=address,undefined
LDFLAGS_tsan   := -fsanitize=thread
# libnats' header has a function with an empty parameter list: system headers are exempt from our warnings, its own folder is one.
ALL_CFLAGS := -std=gnu17 -g -fPIE -fstack-protector-strong $(WARNINGS) $(CFLAGS_$(PROFILE)) \
              -D_GNU_SOURCE -DTTB_VERSION='"$(VERSION)"' -I. -Ibuild -pthread $(CFLAGS)
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now -Wl,--as-needed -pthread $(LDFLAGS_$(PROFILE)) $(LDFLAGS)
ALL_CFLAGS += -isystem /usr/include/postgresql
LDLIBS   := -lpq -lnats -lmicrohttpd -lwebsockets -ljansson -ljwt -lnettle -lcrypt -lprotobuf-c -lcurl -lz -lssl -lcrypto -lm

# ---- sources ---------------------------------------------------------------------------------------------------------
find_c    = $(sort $(shell find $(1) -name '*.c' 2>/dev/null))
objects   = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIB_SRC  := $(call find_c,lib)
PROTO    := $(wildcard proto/*.yaml)
# The messages of all services: what they and the gateway call each other with.
MESSAGES_SRC := $(foreach s,$(SERVICES),$(GEN)/$(s)/messages.c)

# A daemon is its folder without main.c and without the worker programs below it (service_src), its generated part, and main.c.
service_src = $(filter-out services/$(1)/main.c $(call find_c,services/$(1)/voice/worker),$(call find_c,services/$(1)))
gen_src_auth    := $(GEN)/auth/api.c $(GEN)/auth/migrations.c
gen_src_license := $(GEN)/license/api.c $(GEN)/license/migrations.c
gen_src_media   := $(GEN)/media/api.c
gen_src_events  := $(GEN)/events/api.c $(GEN)/events/migrations.c $(GEN)/webcast.pb-c.c
gen_src_gateway := $(GEN)/gateway/routes.c $(GEN)/gateway/assets.c

VOICE_SRC := $(call find_c,services/media/voice/worker)
SIM_SRC   := $(call find_c,tools/webcast-sim)
BENCH_SRC := $(wildcard bench/*.c)
UNIT_SRC  := $(call find_c,tests/unit)
FUZZ_SRC  := $(wildcard tests/fuzz/*.c)

BIN      := $(addprefix $(BUILD)/bin/ttb-,$(DAEMONS) voice) $(BUILD)/bin/webcast-sim $(patsubst bench/%.c,$(BUILD)/bin/bench-%,$(BENCH_SRC))
UNIT_BIN := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))

# ---- targets ---------------------------------------------------------------------------------------------------------
.DEFAULT_GOAL := all
.PHONY: all help deps run up down status test unit integration check asan tsan fuzz bench format lint clean gen

all: $(BIN) ## build every program of the profile

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo "  PROFILE=release|debug|asan|tsan  CC=gcc|clang  TTB_*_PORT and TTB_STATE_DIR: see README.md"

deps: ## install the Debian packages that building, running and testing need
	@tools/install-packages

gen: $(GEN)/stamp ## write the generated sources to build/gen

include tools/rules.mk
