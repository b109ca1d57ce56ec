# Unit tests of the plain-C half, without a server and without its headers, under the address and undefined-behaviour
# sanitizers.  Every test/unit/test_*.c is a program of its own, linked with all of src/json, src/asl, src/jsonata and
# src/interpreter.
#
#   make unit                            build and run all; the last line is `N passed, N failed`
#   make unit UNIT_TESTS=test_path       some of them
#   make check-jsonpath FILE=…           a file of JSONPath cases with the library's answers (test/corpora/paths.py)
#   make check-jsonata FILE=…            a file of JSONata cases (test/corpora/jsonata.py)
#   make fuzz FUZZ_SECONDS=60            every test/fuzz/*.c for so long (needs clang)

UNIT_CC      ?= gcc
UNIT_DIR      = build/unit
UNIT_CFLAGS   = -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -g -O1 -fsanitize=address,undefined \
                -fno-sanitize-recover=undefined -fno-omit-frame-pointer -Isrc -Itest/unit $(LIBRARY_CFLAGS) -MMD -MP
# A later cmocka deprecates assert_in_range, whose successors Debian 12 does not have.
UNIT_CFLAGS  += -Wno-error=deprecated-declarations
UNIT_SOURCES  = $(sort $(wildcard src/json/*.c src/asl/*.c src/jsonata/*.c src/interpreter/*.c src/draw/*.c))
UNIT_OBJECTS  = $(patsubst src/%.c,$(UNIT_DIR)/%.o,$(UNIT_SOURCES))
UNIT_TESTS    = $(patsubst test/unit/%.c,%,$(sort $(wildcard test/unit/test_*.c)))
UNIT_PROGRAMS = $(UNIT_TESTS:%=$(UNIT_DIR)/%)

.PHONY: unit fuzz check-jsonpath check-jsonata clean-unit

unit: $(UNIT_PROGRAMS)
	@test/unit/run $(UNIT_PROGRAMS)

$(UNIT_DIR)/%.o: src/%.c
	@mkdir -p $(@D)
	@$(UNIT_CC) $(UNIT_CFLAGS) -c $< -o $@

# An archive, made anew: a source that is gone must not live on in it.
$(UNIT_DIR)/lower_half.a: $(UNIT_OBJECTS)
	@rm -f $@
	@ar rcs $@ $^

# The tests of allocation failures put themselves between everything and malloc.
$(UNIT_DIR)/test_allocation $(UNIT_DIR)/test_interpreter_allocation $(UNIT_DIR)/test_jsonata_allocation: UNIT_WRAP = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

$(UNIT_DIR)/%: test/unit/%.c $(UNIT_DIR)/lower_half.a
	@$(UNIT_CC) $(UNIT_CFLAGS) $< $(UNIT_DIR)/lower_half.a $(UNIT_WRAP) -o $@ -lcmocka $(LIBRARY_LIBS) -lm

# The tool is for the corpora, which are many: quick, not sanitized.
build/asl_tool: test/unit/asl_tool.c $(UNIT_SOURCES) $(wildcard src/json/*.h src/asl/*.h src/asl/*.def)
	@mkdir -p $(@D)
	@$(UNIT_CC) -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -O2 -g -Isrc $(LIBRARY_CFLAGS) $< \
		$(filter src/json/% src/asl/% src/jsonata/%,$(UNIT_SOURCES)) -o $@ $(LIBRARY_LIBS) -lm

# (The functions of its library alone: build/unit/jsonata_functions_tool.)
build/jsonata_tool: test/unit/jsonata_tool.c $(UNIT_SOURCES) $(wildcard src/json/*.h src/asl/error.* src/asl/errors.def src/jsonata/*.h src/jsonata/*.def)
	@mkdir -p $(@D)
	@$(UNIT_CC) -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -O2 -g -Isrc $(LIBRARY_CFLAGS) $< \
		$(filter src/json/% src/asl/% src/jsonata/%,$(UNIT_SOURCES)) -o $@ $(LIBRARY_LIBS) -lm

# Whole executions in memory, for test/cases and the recordings.
RUN_CASE = $(UNIT_CC) -g -Wall -Wextra -Werror -Isrc -Itest/unit $(LIBRARY_CFLAGS) test/unit/run_case.c \
	$(filter src/json/% src/asl/% src/jsonata/% src/interpreter/%,$(UNIT_SOURCES)) -o $@ $(LIBRARY_LIBS) -lm
RUN_CASE_NEEDS = test/unit/run_case.c $(wildcard test/unit/world*.h src/*/*.h src/*/*.def) $(UNIT_SOURCES)

build/run_case: $(RUN_CASE_NEEDS)
	@mkdir -p $(@D)
	@$(RUN_CASE) -O1

build/run_case_sanitized: $(RUN_CASE_NEEDS)
	@mkdir -p $(@D)
	@$(RUN_CASE) -fsanitize=address,undefined -fno-sanitize-recover=all

check-jsonpath:
	@test -n "$(FILE)" || { echo "usage: make check-jsonpath FILE=cases.jsonl" >&2; exit 2; }
	@python3 test/corpora/paths.py "$(FILE)"

check-jsonata:
	@test -n "$(FILE)" || { echo "usage: make check-jsonata FILE=cases.jsonl" >&2; exit 2; }
	@python3 test/corpora/jsonata.py "$(FILE)"

FUZZ_CC      ?= clang-14
FUZZ_SECONDS ?= 30
FUZZ_TARGETS  = $(patsubst test/fuzz/%.c,%,$(sort $(wildcard test/fuzz/*.c)))

fuzz: $(FUZZ_TARGETS:%=build/fuzz/%)
	@for target in $(FUZZ_TARGETS); do \
		mkdir -p build/fuzz/corpus_$$target; \
		build/fuzz/$$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
			$$([ -f test/fuzz/$$target.dict ] && echo -dict=test/fuzz/$$target.dict) \
			-artifact_prefix=build/fuzz/ -print_final_stats=1 build/fuzz/corpus_$$target \
			$$([ -d test/fuzz/seeds/$$target ] && echo test/fuzz/seeds/$$target) 2>build/fuzz/$$target.log \
			|| { tail -40 build/fuzz/$$target.log; exit 1; }; \
		echo "$$target: $$(sed -n 's/^stat::number_of_executed_units: *//p' build/fuzz/$$target.log) runs, nothing found"; \
	done

build/fuzz/%: test/fuzz/%.c $(UNIT_SOURCES)
	@mkdir -p $(@D)
	@$(FUZZ_CC) -std=c11 -D_POSIX_C_SOURCE=200809L -g -O1 -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=undefined -Isrc $(LIBRARY_CFLAGS) $< $(filter src/json/% src/asl/% src/jsonata/% src/interpreter/%,$(UNIT_SOURCES)) -o $@ $(LIBRARY_LIBS) -lm

clean-unit:
	rm -rf build/unit build/fuzz build/asl_tool build/jsonata_tool build/run_case build/run_case_sanitized

-include $(UNIT_OBJECTS:.o=.d) $(UNIT_PROGRAMS:%=%.d)
