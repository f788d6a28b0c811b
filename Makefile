# Dragoman. `make demo` and `make check` are all you need; CONTRIBUTING.md tells the rest.
#
#   make            build build/dragoman
#   make demo       install what is missing, build, and run the demo (PORT=7000 ADDRESS=127.0.0.1)
#   make check      install what is missing, build, and pass every test
#   make asan tsan  the same tests under AddressSanitizer and UBSan; the threaded ones under TSan
#   make bench      measure against other servers, below two minutes (FULL=1: all, and the goals)
#                   BENCH_FLAGS="--against PATH": only against another build of dragoman
#   make bench-count  count instructions and send() calls, and compare with tests/bench/counts.tsv
#   make layers     the rules on what may include what
#   make format     put the sources into shape;  make format-check only looks
#   make install    DESTDIR= PREFIX=/usr/local
#   make clean

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

PREFIX  ?= /usr/local
PORT    ?= 7000
ADDRESS ?= 127.0.0.1
CC      := gcc
VARIANT ?= release

VERSION := 0.1.0

# Every core, unless the caller said how many.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

# The release variant is the product; the others have a folder of their own below build/.
OUT         := $(if $(filter release,$(VARIANT)),build,build/$(VARIANT))
BINARY      := $(OUT)/dragoman
OPT_release := -O2 -g
OPT_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
OPT_tsan    := -O1 -g -fsanitize=thread

WARN   := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
CFLAGS := -std=c11 -D_GNU_SOURCE -DDRAGOMAN_VERSION='"$(VERSION)"' $(WARN) $(OPT_$(VARIANT)) -I. -pthread
LIBS   := -lwebsockets -luv -lconfig -lsodium -licui18n -licuuc -lpcre2-8 -lzmq -lssl -lcrypto -pthread
LDFLAGS := $(OPT_$(VARIANT)) -pthread

FLOORS  := codecs routes conf bridge
# Every folder of ours, however deep.
in = $(sort $(wildcard $(foreach depth,* */* */*/* */*/*/*,$(addsuffix /$(depth)$(2),$(1)))))
SOURCES := $(call in,$(FLOORS),.c)
OBJECTS := $(SOURCES:%.c=$(OUT)/o/%.o)
PARTS   := $(filter-out $(OUT)/o/bridge/command/main.o,$(OBJECTS))

SUPPORT := $(sort $(wildcard tests/support/*.c))
TESTS   := $(foreach test,$(call in,$(addprefix tests/,$(FLOORS)),.c),$(if $(filter test_%,$(notdir $(test))),$(test)))
TESTBIN := $(TESTS:%.c=$(OUT)/%)
REPLAY  := $(OUT)/tests/replay
SWARM   := build/tests/system/swarm
FORMATTED := $(call in,$(FLOORS) tests,.c) $(call in,$(FLOORS) tests,.h)

.PHONY: bench-packages bench-build all demo check check-run unit transcripts system rows asan tsan bench bench-count layers format format-check clang-format install clean packages test-packages

all: packages
	@$(MAKE) --no-print-directory $(JOBS) $(BINARY)

# ---- packages: installs what is missing, once; says so first ----
packages: build/.packages
test-packages: build/.packages-tests

build/.packages: contrib/packages.sh
	@mkdir -p build
	@sh contrib/packages.sh
	@touch $@

build/.packages-tests: contrib/packages.sh
	@mkdir -p build
	@sh contrib/packages.sh tests
	@touch $@ build/.packages

# ---- building ----
$(BINARY): $(OBJECTS)
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(OUT)/o/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/libdragoman.a: $(PARTS)
	@rm -f $@
	@ar rcs $@ $^

$(OUT)/tests/%: $(OUT)/o/tests/%.o $(SUPPORT:%.c=$(OUT)/o/%.o) $(OUT)/libdragoman.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS) -o $@ $^ -lcmocka -ljansson $(LIBS)

# The load client is never instrumented: what is tested is the server.
$(SWARM): $(wildcard tests/system/*.[ch]) Makefile
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 -g -o $@ $(filter %.c,$^)

-include $(shell find build -name '*.d' 2>/dev/null)

# ---- running ----
demo: all
	@exec ./$(BINARY) demo --port $(PORT) --address $(ADDRESS)

check: test-packages
	@$(MAKE) --no-print-directory $(JOBS) check-run

# ---- tests: every program prints its own closing lines; tests/run adds them up ----
check-run: $(BINARY) $(TESTBIN) $(REPLAY) $(SWARM)
	@VARIANT=$(VARIANT) OUT=$(OUT) sh tests/run $(TESTBIN)

unit: $(TESTBIN)
	@for t in $(TESTBIN); do $$t || exit 1; done

transcripts: $(REPLAY)
	@$(REPLAY) tests/transcripts/*.chat

system: $(BINARY) $(SWARM)
	@OUT=$(OUT) VARIANT=$(VARIANT) /usr/bin/python3 tests/system/run.py

rows:
	@sh tests/rows

asan: test-packages
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=asan check-run

tsan: test-packages
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=tsan check-run

# ---- measuring: see tests/bench/README.md. Not a part of check. ----
BENCH := build/bench
BENCH_CFLAGS := -std=c11 -D_GNU_SOURCE $(WARN) -O2 -g -I.

$(BENCH)/load: $(wildcard tests/bench/load*.[ch]) Makefile
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(BENCH_CFLAGS) -o $@ $(filter %.c,$^) -lssl -lcrypto

$(BENCH)/limit $(BENCH)/relay $(BENCH)/zmq_echo $(BENCH)/backend: $(BENCH)/%: tests/bench/%.c Makefile
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(BENCH_CFLAGS) -o $@ $< $(LIBS_$*)

LIBS_relay    := -lwebsockets
LIBS_zmq_echo := -lzmq
LIBS_backend  := -lzmq

# Links the product itself, and the tests' codec probe and stage.
$(BENCH)/count: build/o/tests/bench/count.o $(SUPPORT:%.c=build/o/%.o) build/libdragoman.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS) -o $@ $^ -lcmocka -ljansson $(LIBS)

bench-packages: test-packages
	@sh tests/bench/install.sh $(BENCH)/npm

bench-build: $(BINARY) $(BENCH)/load $(BENCH)/limit $(BENCH)/relay $(BENCH)/zmq_echo $(BENCH)/backend $(BENCH)/count

bench: bench-packages
	@$(MAKE) --no-print-directory $(JOBS) bench-build
	@/usr/bin/python3 tests/bench/bench.py $(if $(FULL),--full) $(BENCH_FLAGS)

bench-count: bench-packages
	@$(MAKE) --no-print-directory $(JOBS) bench-build
	@/usr/bin/python3 tests/bench/counts.py $(if $(UPDATE),--update)

layers:
	@/usr/bin/python3 tests/layers

format: clang-format
	@clang-format -i $(FORMATTED)

format-check: clang-format
	@clang-format --dry-run -Werror $(FORMATTED)

clang-format:
	@command -v clang-format >/dev/null || { echo "install Debian's package clang-format (14)"; exit 1; }

install: $(BINARY)
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/dragoman
	install -D -m 644 contrib/man/dragoman.1 $(DESTDIR)$(PREFIX)/share/man/man1/dragoman.1
	install -D -m 644 contrib/man/dragoman.cfg.5 $(DESTDIR)$(PREFIX)/share/man/man5/dragoman.cfg.5
	install -D -m 644 contrib/man/dragoman-backend.7 $(DESTDIR)$(PREFIX)/share/man/man7/dragoman-backend.7
	install -d $(DESTDIR)$(PREFIX)/share/dragoman/schema/examples
	install -m 644 $(wildcard contrib/schema/*.json) $(DESTDIR)$(PREFIX)/share/dragoman/schema
	install -m 644 $(wildcard contrib/schema/examples/*.json) $(DESTDIR)$(PREFIX)/share/dragoman/schema/examples
	install -D -m 644 conf/dragoman.cfg $(DESTDIR)$(PREFIX)/share/doc/dragoman/dragoman.cfg

clean:
	rm -rf build
