# How things are made; what there is stands in the Makefile. `make V=1` prints the commands.
V ?=
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

# ---- generated sources -----------------------------------------------------------------------------------------------
$(GEN)/stamp: $(PROTO) tools/protogen
	@mkdir -p $(GEN)
	$(call say,GEN,$(GEN))
	$(Q)tools/protogen --out $(GEN) $(PROTO)
	@touch $@

$(foreach s,$(SERVICES),$(GEN)/$(s)/api.c $(GEN)/$(s)/messages.c) $(GEN)/gateway/routes.c $(GEN)/openapi.json: $(GEN)/stamp ;

$(GEN)/%/migrations.c: tools/embed-sql services/%/migrations
	@mkdir -p $(@D)
	$(Q)tools/embed-sql $* services/$*/migrations >$@
$(foreach s,$(SERVICES),$(eval $(GEN)/$(s)/migrations.c: $(wildcard services/$(s)/migrations/*.sql)))

# The gateway serves the API description and the page that draws it from its own memory.
$(GEN)/gateway/assets.c: tools/embed-file $(GEN)/openapi.json services/gateway/http/docs.html
	@mkdir -p $(@D)
	$(Q)tools/embed-file openapi_json=$(GEN)/openapi.json docs_html=services/gateway/http/docs.html >$@

$(GEN)/webcast.pb-c.c $(GEN)/webcast.pb-c.h &: proto/webcast.proto
	@mkdir -p $(GEN)
	$(Q)protoc-c --proto_path=proto --c_out=$(GEN) webcast.proto

GENERATED := $(GEN)/stamp $(GEN)/webcast.pb-c.h

# Who wants to see something run has the packages installed before the first thing is made.
ifneq ($(filter run up test unit integration history soak races odd-texts asan tsan check bench fuzz lint,$(MAKECMDGOALS)),)
$(GENERATED) $(GEN)/webcast.pb-c.c $(foreach s,$(SERVICES),$(GEN)/$(s)/migrations.c) $(GEN)/gateway/assets.c: | deps
endif

# ---- compiling -------------------------------------------------------------------------------------------------------
# Objects are made anew when the compiler or its flags change.
FLAGS_STAMP := $(BUILD)/flags
$(shell mkdir -p $(BUILD); echo '$(CC) $(subst ','\'',$(ALL_CFLAGS)) | $(ALL_LDFLAGS)' | cmp -s - $(FLAGS_STAMP) || \
        echo '$(CC) $(subst ','\'',$(ALL_CFLAGS)) | $(ALL_LDFLAGS)' >$(FLAGS_STAMP))

$(BUILD)/obj/%.o: %.c $(FLAGS_STAMP) | $(GENERATED)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# protoc-c's output is not ours to mend.
$(BUILD)/obj/$(GEN)/webcast.pb-c.o: ALL_CFLAGS += -Wno-error

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

# ---- linking ---------------------------------------------------------------------------------------------------------
$(BUILD)/libttb.a: $(call objects,$(LIB_SRC))
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/libproto.a: $(call objects,$(MESSAGES_SRC))
	@rm -f $@
	$(Q)ar rcs $@ $^

LIBS := $(BUILD)/libproto.a $(BUILD)/libttb.a

define service_rules
$(BUILD)/lib$(1).a: $(call objects,$(call service_src,$(1)) $(gen_src_$(1)))
	@rm -f $$@
	$$(Q)ar rcs $$@ $$^
# Whole, since query registration is by linker section: an object that only registers must not be dropped.
$(BUILD)/bin/ttb-$(1): $(BUILD)/obj/services/$(1)/main.o $(BUILD)/lib$(1).a $(LIBS)
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$(CC) $(ALL_LDFLAGS) $(BUILD)/obj/services/$(1)/main.o -Wl,--whole-archive $(BUILD)/lib$(1).a -Wl,--no-whole-archive $(LIBS) $(LDLIBS) -o $$@
# A test links its service's code and lib, nothing else.
$(BUILD)/unit/services/$(1)/%: $(BUILD)/obj/tests/unit/services/$(1)/%.o $(BUILD)/lib$(1).a $(LIBS)
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$(CC) $(ALL_LDFLAGS) $$< -Wl,--whole-archive $(BUILD)/lib$(1).a -Wl,--no-whole-archive $(LIBS) $(LDLIBS) -lcmocka -o $$@
endef
$(foreach s,$(DAEMONS),$(eval $(call service_rules,$(s))))

$(BUILD)/bin/ttb-voice: $(call objects,$(VOICE_SRC) $(CHILD_SRC)) $(BUILD)/libttb.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(VOICE_LIBS) -o $@

$(BUILD)/bin/ttb-audio: $(call objects,$(AUDIO_SRC) $(CHILD_SRC)) $(BUILD)/libttb.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(AUDIO_LIBS) -o $@

# What a worker program does with a request, without its sandbox.
AUDIO_OBJECTS := $(call objects,$(filter-out %/main.c,$(AUDIO_SRC)))
VOICE_OBJECTS := $(call objects,$(filter-out %/main.c,$(VOICE_SRC)))
$(BUILD)/unit/services/media/audio/worker/%: $(BUILD)/obj/tests/unit/services/media/audio/worker/%.o $(AUDIO_OBJECTS) $(BUILD)/libttb.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(AUDIO_LIBS) -lcmocka -o $@

$(BUILD)/unit/services/media/voice/worker/%: $(BUILD)/obj/tests/unit/services/media/voice/worker/%.o $(VOICE_OBJECTS) $(BUILD)/libttb.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(VOICE_LIBS) -lcmocka -o $@

# Their common life with it: the test itself is the worker program.
$(BUILD)/unit/services/media/workers/child/%: $(BUILD)/obj/tests/unit/services/media/workers/child/%.o $(call objects,$(CHILD_SRC)) $(BUILD)/libmedia.a $(BUILD)/libttb.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ -lseccomp -lcmocka -o $@

$(BUILD)/bin/webcast-sim: $(call objects,$(SIM_SRC) $(GEN)/webcast.pb-c.c) $(BUILD)/libttb.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LDLIBS) -o $@

# What a measurement of a service's code links.
$(BUILD)/bin/bench-decode: BENCH_WITH := $(BUILD)/libevents.a
$(BUILD)/bin/bench-decode: $(BUILD)/libevents.a
$(BUILD)/bin/bench-%: $(BUILD)/obj/bench/%.o $(BUILD)/libttb.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $< $(BENCH_WITH) $(BUILD)/libttb.a $(LDLIBS) -o $@

$(BUILD)/unit/lib/%: $(BUILD)/obj/tests/unit/lib/%.o $(LIBS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LDLIBS) -lcmocka -o $@

# ---- fuzzing -----------------------------------------------------------------------------------------------------------
# What a fuzz target feeds, where that is not the events service's.
FUZZ_OBJECTS_multipart := $(BUILD)/libgateway.a
FUZZ_OBJECTS_head      := $(BUILD)/libgateway.a
FUZZ_OBJECTS_reading   := $(BUILD)/libmedia.a
FUZZ_OBJECTS_audio     := $(AUDIO_OBJECTS)
FUZZ_OBJECTS_espeak    := $(VOICE_OBJECTS) $(BUILD)/libmedia.a
FUZZ_LIBS_audio        := $(AUDIO_LIBS)
FUZZ_LIBS_espeak       := $(VOICE_LIBS)
fuzz_objects = $(or $(FUZZ_OBJECTS_$(1)),$(BUILD)/libevents.a)
.SECONDEXPANSION:
$(BUILD)/%_fuzz: $(BUILD)/obj/tests/fuzz/%_fuzz.o $$(call fuzz_objects,$$*) $(LIBS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LDLIBS) $(FUZZ_LIBS_$*) -o $@

# The same with an ordinary main that feeds what is in its corpus.
$(BUILD)/replay/%: $(BUILD)/obj/tests/fuzz/%_fuzz.o $(BUILD)/obj/tests/fuzz/replay.o $$(call fuzz_objects,$$*) $(LIBS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LDLIBS) $(FUZZ_LIBS_$*) -o $@

# What it finds worth keeping goes to build/; a crash is left as $(BUILD)/<name>_fuzz.crash-…, to be added to the corpus.
fuzz_corpus = $(wildcard tests/fuzz/corpus/$(patsubst %_fuzz,%,$(notdir $*)))
FUZZ_FLAGS := -timeout=10 $(if $(filter 0,$(FUZZ_SECONDS)),-runs=0,-max_total_time=$(FUZZ_SECONDS))
$(FUZZ_BIN:=.run): %.run: %
	@mkdir -p $*.corpus
	$(call say,FUZZ,$*)
	$(Q)$* $(FUZZ_FLAGS) -artifact_prefix=$*. $*.corpus $(fuzz_corpus) >$*.log 2>&1 || { tail -60 $*.log; exit 1; }

.SECONDARY:
