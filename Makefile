# Dragoman. `make demo` and `make check` are all you need; CONTRIBUTING.md tells the rest.
#
#   make            build build/dragoman; when something is missing, says what and how to get it
#   make deps       install what is missing to build it: Debian's packages, with apt-get as root or
#                   with sudo. test-deps, bench-deps: what the tests, the benchmark need, too
#   make demo       deps, build (quickly, unless `make` did), and run the demo (PORT=7000
#                   ADDRESS=127.0.0.1)
#   make check      test-deps, build, and pass every test; here warnings are errors
#   make asan tsan  the same tests under AddressSanitizer and UBSan; the threaded ones under TSan
#   make fuzz       feed the readers of what comes from outside with whatever libFuzzer invents
#                   (SECONDS=60 for each driver; FUZZ="ws_reader": only this one)
#   make check-doors  put a real nginx and HAProxy before it, open its page in a real chromium, try
#                   promtool on what it says of itself, and fail2ban and systemd on its files;
#                   installs what is missing
#   make bench      measure against other servers, below two minutes (FULL=1: all, and the goals)
#                   BENCH_FLAGS="--against PATH": only against another build of dragoman
#                   BENCH_FLAGS=--storing: only what it costs to store what is said
#   make bench-count  count instructions and send() calls, and compare with tests/bench/counts.tsv
#   make matrix     put the table of what dialects carry into README
#   make endure     ten minutes of everything at once, and what became of it (SECONDS=600, SEED=N)
#   make soak       a million events through each ordered pair of dialects (SEED=N, SOAK=1000000),
#                   and 100,000 clusters in one process each (WORLDS=100000)
#   make layers     the rules on what may include what
#   make format     put the sources into shape;  make format-check only looks
#   make install    DESTDIR= PREFIX=/usr/local; make uninstall removes what that put there
#   make dist       the sources as build/dragoman-VERSION.tar.gz, the same bytes each time
#   make deb        the Debian package, below build/deb/; installs debhelper if it is missing
#   make check-deb  build it, install, try, remove and purge it in a fresh Debian (RELEASE=trixie), as
#                   root; see tests/packages/try.sh
#   make clean
#
# CC is taken as you set it, and CPPFLAGS, CFLAGS, LDFLAGS and LDLIBS stand behind ours, from the
# environment or the command line. HARDENING= builds without the flags of contrib/hardening.sh.
# NATS=yes builds in clusters: it links libnats. Packages and the tests have it.
# V=1 prints the commands.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

comma  := ,
quoted  = '$(subst ','\'',$(1))'

PREFIX  ?= /usr/local
PORT    ?= 7000
ADDRESS ?= 127.0.0.1
VARIANT ?= release
# Make has a CC and an AR of its own, which nobody set.
ifeq ($(origin CC),default)
CC := gcc
endif

VERSION := 0.1.0

# Every core, unless the caller said how many.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

# What the compiler has to harden a program; asked for once, not by each make below this one. But a
# compiler that is yet to be installed says nothing, and is asked again.
ifeq ($(origin HARDENING),undefined)
HARDENING := $(shell sh contrib/hardening.sh $(CC))
endif
ifneq ($(HARDENING),)
export HARDENING
endif

# The program is optimized as a whole: that pays for the hardening. Its objects hold code as well, so
# that tests link in no time.
ifeq ($(origin WHOLE),undefined)
WHOLE := $(shell sh contrib/hardening.sh --whole $(CC))
endif
ifneq ($(WHOLE),)
export WHOLE
endif

# The checks of the C library want an optimizer, and the user's level before ours.
THEIRS   := $(CPPFLAGS) $(CFLAGS)
UNHARDEN := $(if $(findstring _FORTIFY_SOURCE,$(THEIRS))$(filter -O0,$(THEIRS)),%_FORTIFY_SOURCE %_FORTIFY_SOURCE=2 %_FORTIFY_SOURCE=3)

# V=1: the commands themselves.
Q := $(if $(V),,@)

# The release variant is the product; the others have a folder of their own below build/.
OUT          := $(if $(filter release,$(VARIANT)),build,build/$(VARIANT))
BINARY       := $(OUT)/dragoman
OPT_release  := -O2 -g $(filter-out $(UNHARDEN),$(HARDENING))
# The demo is built in a third of the time, where nothing is built yet.
OPT_demo     := -O1 $(filter-out $(UNHARDEN),$(HARDENING))
OPT_asan     := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
OPT_tsan     := -O1 -g -fsanitize=thread
OPT_fuzz     := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LINK_release := $(if $(HARDENING),-pie -Wl$(comma)-z$(comma)relro -Wl$(comma)-z$(comma)now)
LINK_demo    := $(LINK_release)

# Run for each member of a room or each byte of a frame: only arrays are guarded there. What is
# guarded elsewhere beside them costs these 5 % of their instructions.
HOT       := bridge/client/fanout.c bridge/client/session.c bridge/routing/routing.c codecs/model/envelope.c \
	     codecs/model/frame.c codecs/simple/codec.c $(wildcard codecs/text/json_*.c)
HOT_FLAGS := $(if $(filter -fstack-protector-strong,$(OPT_$(VARIANT))),-fstack-protector)

WARN   := -Wall -Wextra -Wpedantic -Wshadow -Wconversion
WERROR :=
OURS   := -std=c11 -D_GNU_SOURCE -I. -pthread
LIBS   := $(if $(NATS),-lnats) -lwebsockets -luv -lconfig -lsodium -lsqlite3 -licui18n -licuuc -lpcre2-8 -lzmq -lssl -lcrypto -lz -lcurl -ljansson -pthread

COMPILE = $(CC) $(OURS) -DDRAGOMAN_VERSION='"$(VERSION)"' $(WARN) $(OPT_$(VARIANT)) $(CPPFLAGS) $(CFLAGS)
WHOLE_release = $(WHOLE)
LINK    = $(CC) $(OPT_$(VARIANT)) -pthread $(LINK_$(VARIANT)) $(CFLAGS) $(LDFLAGS)
# A tool of the tests or the benchmark.
TOOL    = $(CC) $(OURS) $(WARN) $(WERROR) -O2 -g $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)

FLOORS  := codecs routes conf bridge
# Every folder of ours, however deep.
in = $(sort $(wildcard $(foreach depth,* */* */*/* */*/*/*,$(addsuffix /$(depth)$(2),$(1)))))
# What is built into a program with clusters alone, and what stands there in one without.
APART   := $(if $(NATS),bridge/cluster/engine_none.c,bridge/cluster/nats/% tests/bridge/cluster/nats/%)
SOURCES := $(filter-out $(APART),$(call in,$(FLOORS),.c))
# The console's files, as constant data.
CONSOLE := $(sort $(wildcard contrib/console/*.* contrib/console/*/*.*))
OBJECTS := $(SOURCES:%.c=$(OUT)/o/%.o) $(OUT)/o/console.o
PARTS   := $(filter-out $(OUT)/o/bridge/command/main.o,$(OBJECTS))

SUPPORT := $(sort $(wildcard tests/support/*.c))
TESTS   := $(foreach test,$(call in,$(addprefix tests/,$(FLOORS)),.c),$(if $(filter test_%,$(notdir $(test))),$(filter-out $(APART),$(test))))
FUZZERS := $(sort $(wildcard tests/fuzz/fuzz_*.c))
TESTBIN := $(TESTS:%.c=$(OUT)/%) $(FUZZERS:%.c=$(OUT)/%)
REPLAY  := $(OUT)/tests/replay
ECHO    := $(OUT)/tests/echo
SWARM   := build/tests/system/swarm
# Preloaded into the server, which may not be instrumented.
CUT     := $(if $(filter release,$(VARIANT)),$(OUT)/tests/power_cut.so)
FORMATTED := $(call in,$(FLOORS) tests,.c) $(call in,$(FLOORS) tests,.h)

.PHONY: fuzz check-doors screenshots newcomer endure all warned deps test-deps bench-deps demo check check-run unit transcripts system rows asan tsan bench bench-tools bench-build bench-count matrix soak layers format format-check clang-format install uninstall dist deb check-deb clean FORCE

all: build/.found
	@$(MAKE) --no-print-directory $(JOBS) $(BINARY)

# ---- what is needed: looked for once, and installed for those only who ask for it ----
deps: build/.packages
test-deps: build/.packages-tests
bench-deps: test-deps
	@sh tests/bench/install.sh $(BENCH)/npm apt

PACKAGES = CC=$(call quoted,$(CC)) FLAGS=$(call quoted,$(THEIRS)) sh contrib/packages.sh

build/.packages: contrib/packages.sh
	@mkdir -p build
	@$(PACKAGES)
	@touch $@

build/.packages-tests: contrib/packages.sh
	@mkdir -p build
	@$(PACKAGES) tests
	@touch $@ build/.packages

build/.packages-deb: contrib/packages.sh
	@mkdir -p build
	@$(PACKAGES) deb
	@touch $@ build/.packages

build/.found: contrib/packages.sh
	@mkdir -p build
	@$(PACKAGES) look
	@touch $@

build/.found-tests: contrib/packages.sh
	@mkdir -p build
	@$(PACKAGES) look tests
	@touch $@ build/.found

# ---- building ----
# What was built with other flags is built again. It would be the same with errors for warnings.
$(OUT)/.flags: FORCE
	@mkdir -p $(@D)
	@echo $(call quoted,$(COMPILE) - $(LINK) $(LIBS) $(LDLIBS)) >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

FORCE:

$(BINARY): $(OBJECTS) $(OUT)/.flags
	@echo "  LINK    $@"
	$(Q)$(LINK) $(WHOLE_$(VARIANT)) -o $@ $(filter %.o,$^) $(LIBS) $(LDLIBS)

# What the compiler has to say is kept, for `warned`.
$(OUT)/o/%.o: %.c Makefile $(OUT)/.flags
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(COMPILE) $(WERROR) $(if $(filter $(HOT),$<),$(HOT_FLAGS)) $(if $(filter tests/%,$<),,$(WHOLE_$(VARIANT))) $(if $(MAKE_TERMERR),-fdiagnostics-color) \
		-MMD -MP -c -o $@ $< 2>$@.said; status=$$?; cat $@.said >&2; \
		[ -s $@.said ] || rm -f $@.said; exit $$status

# What was taken with a warning is compiled again, now that a warning is an error.
warned:
	@find build -name '*.o.said' 2>/dev/null | sed 's/\.said$$//' | xargs -r rm -f

$(OUT)/libdragoman.a: $(PARTS)
	@rm -f $@
	@$(AR) rcs $@ $^

$(OUT)/tests/%: $(OUT)/o/tests/%.o $(SUPPORT:%.c=$(OUT)/o/%.o) $(OUT)/libdragoman.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(LINK) $(if $(WHOLE_$(VARIANT)),-fno-lto) -o $@ $^ -lcmocka $(LIBS) $(LDLIBS)

# A fuzz driver has libFuzzer's main() in its own variant; in the others, one that replays its corpus.
FUZZ_MAIN = $(if $(filter fuzz,$(VARIANT)),-fsanitize=fuzzer,$(OUT)/o/tests/fuzz/replay.o)

$(OUT)/tests/fuzz/%: $(OUT)/o/tests/fuzz/%.o $(OUT)/o/tests/fuzz/replay.o $(SUPPORT:%.c=$(OUT)/o/%.o) $(OUT)/libdragoman.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(LINK) $(if $(WHOLE_$(VARIANT)),-fno-lto) -o $@ $< $(FUZZ_MAIN) $(filter-out %/replay.o,$(wordlist 2,$(words $^),$^)) -lcmocka $(LIBS) $(LDLIBS)

$(OUT)/o/console.c: contrib/embed.sh $(CONSOLE)
	@mkdir -p $(@D)
	@sh contrib/embed.sh $(CONSOLE) >$@

$(OUT)/o/console.o: $(OUT)/o/console.c Makefile $(OUT)/.flags
	@echo "  CC      $<"
	$(Q)$(COMPILE) $(WERROR) $(WHOLE_$(VARIANT)) -MMD -MP -c -o $@ $<

# The load client is never instrumented: what is tested is the server.
$(SWARM): $(wildcard tests/system/*.[ch]) Makefile
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(TOOL) -o $@ $(filter %.c,$^)

$(CUT): $(wildcard tests/power_cut/*.[ch]) Makefile
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(TOOL) -shared -fPIC -pthread -o $@ $(filter %.c,$^)

-include $(shell find build -name '*.d' 2>/dev/null)

# ---- running ----
# Where `make` was not there before: quickly, and build/dragoman leads there until it is. URLs first, on a
# tree that is built.
demo: QUICK := $(if $(filter release,$(VARIANT)),$(if $(wildcard build/.flags),,yes))
demo: deps
	@date +%s >build/.began
	@$(MAKE) --no-print-directory $(if $(QUICK),$(JOBS) VARIANT=demo build/demo/dragoman,all)
	$(if $(QUICK),@ln -sf demo/dragoman build/dragoman)
	@took=$$(($$(date +%s) - $$(cat build/.began))); [ $$took -lt 2 ] || echo "Building took $$took s."
	@exec ./$(BINARY) demo --port $(PORT) --address $(ADDRESS)

check: test-deps warned
	@$(MAKE) --no-print-directory $(JOBS) WERROR=-Werror check-run

# ---- tests: every program prints its own closing lines; tests/run adds them up ----
check-run: $(BINARY) $(TESTBIN) $(REPLAY) $(ECHO) $(SWARM) $(CUT)
	@VARIANT=$(VARIANT) OUT=$(OUT) /usr/bin/python3 tests/run $(TESTBIN)

unit: $(TESTBIN)
	@for t in $(TESTBIN); do $$t || exit 1; done

transcripts: $(REPLAY)
	@$(REPLAY) tests/transcripts/*.chat

system: $(BINARY) $(ECHO) $(SWARM) $(CUT)
	@OUT=$(OUT) VARIANT=$(VARIANT) /usr/bin/python3 tests/system/run.py

# With real proxies, a real browser, fail2ban and systemd's tools; not a part of check. See tests/doors/.
check-doors: test-deps
	@sh tests/doors/install.sh
	@$(MAKE) --no-print-directory $(JOBS) $(BINARY)
	@OUT=$(OUT) VARIANT=$(VARIANT) /usr/bin/python3 tests/doors/doors.py
	@OUT=$(OUT) VARIANT=$(VARIANT) /usr/bin/python3 tests/doors/service.py

# The pictures in README, of the page as it is; and how long somebody new needs for a first message.
screenshots newcomer: test-deps
	@$(MAKE) --no-print-directory $(JOBS) $(BINARY)
	@/usr/bin/python3 tests/system/$@.py

# The mixed run of tests/system/endure.py, long. Not a part of check, which has the short one.
endure: ENDURED := $(if $(filter file undefined,$(origin SECONDS)),600,$(SECONDS))
endure: test-deps
	@$(MAKE) --no-print-directory $(JOBS) $(BINARY)
	@SECONDS=$(ENDURED) WITHIN=$$(($(ENDURED) + 300)) OUT=$(OUT) VARIANT=$(VARIANT) /usr/bin/python3 \
		tests/system/run.py endure

rows:
	@sh tests/rows

asan tsan: build/.found-tests warned
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=$@ WERROR=-Werror check-run

# ---- fuzzing: each tests/fuzz/fuzz_NAME.c is a driver, tests/fuzz/corpus/NAME what it begins with.
# What it finds stays below build/fuzz/: new inputs in corpus/NAME, and crash-... in the folder. ----
SECONDS ?= 60
CLANG   ?= clang
FUZZ    ?= $(FUZZERS:tests/fuzz/fuzz_%.c=%)

fuzz: build/.found-tests
	@mkdir -p build/fuzz
	@echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | \
		$(CLANG) -fsanitize=fuzzer -x c -o build/fuzz/found - 2>/dev/null || { \
		echo "install Debian's packages clang and libclang-rt-14-dev (19 on Debian 13)"; exit 1; }
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=fuzz CC="$(CLANG)" HARDENING= WHOLE= \
		$(FUZZ:%=build/fuzz/tests/fuzz/fuzz_%)
	@for name in $(FUZZ); do echo "  FUZZ    $$name, $(SECONDS) s"; mkdir -p build/fuzz/corpus/$$name; \
		build/fuzz/tests/fuzz/fuzz_$$name -max_total_time=$(SECONDS) -timeout=10 -print_final_stats=1 \
			-artifact_prefix=build/fuzz/ build/fuzz/corpus/$$name tests/fuzz/corpus/$$name \
			>build/fuzz/$$name.log 2>&1 || { tail -40 build/fuzz/$$name.log; exit 1; }; \
		grep -E "^stat::number_of|^Done" build/fuzz/$$name.log; done

# ---- measuring: see tests/bench/README.md. Not a part of check. ----
BENCH := build/bench

$(BENCH)/load: $(wildcard tests/bench/load*.[ch]) Makefile
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(TOOL) -o $@ $(filter %.c,$^) -lssl -lcrypto -lz $(LDLIBS)

$(BENCH)/stored: tests/bench/stored.c tests/bench/load_usage.c tests/bench/load.h Makefile
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(TOOL) -o $@ $(filter %.c,$^) $(LDLIBS)

$(BENCH)/requests: tests/bench/requests.c tests/bench/load_usage.c tests/bench/load.h Makefile
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(TOOL) -o $@ $(filter %.c,$^) -lssl -lcrypto $(LDLIBS)

$(BENCH)/limit $(BENCH)/relay $(BENCH)/zmq_echo $(BENCH)/backend: $(BENCH)/%: tests/bench/%.c Makefile
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(TOOL) -o $@ $< $(LIBS_$*) $(LDLIBS)

LIBS_relay    := -lwebsockets
LIBS_zmq_echo := -lzmq
LIBS_backend  := -lzmq

# Links the product itself, and the tests' codec probe and stage.
$(BENCH)/count: build/o/tests/bench/count.o $(SUPPORT:%.c=build/o/%.o) build/libdragoman.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(LINK) $(WHOLE) -o $@ $^ -lcmocka $(LIBS) $(LDLIBS)

# What the store's database costs alone: see the file.
$(BENCH)/store: build/o/tests/bench/store.o build/libdragoman.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(LINK) $(WHOLE) -o $@ $^ $(LIBS) $(LDLIBS)

bench-tools: build/.found-tests
	@sh tests/bench/install.sh $(BENCH)/npm

bench-build: $(BINARY) $(BENCH)/load $(BENCH)/stored $(BENCH)/requests $(BENCH)/limit $(BENCH)/relay $(BENCH)/zmq_echo $(BENCH)/backend $(BENCH)/count

bench: bench-tools
	@$(MAKE) --no-print-directory $(JOBS) bench-build
	@/usr/bin/python3 tests/bench/bench.py $(if $(FULL),--full) $(BENCH_FLAGS)

bench-count: bench-tools
	@$(MAKE) --no-print-directory $(JOBS) bench-build
	@/usr/bin/python3 tests/bench/counts.py $(if $(UPDATE),--update)

# What each dialect carries, as its codec declares it: check compares.
matrix: $(BINARY)
	@$(BINARY) matrix --markdown >$(OUT)/matrix.md
	@sed -i -e '/^<!-- made by .make matrix. -->$$/,/^<!-- end of what is made -->$$/{//!d}' \
		-e '/^<!-- made by .make matrix. -->$$/r $(OUT)/matrix.md' README.md

SOAK   ?= 1000000
WORLDS ?= 100000

soak: build/.found-tests
	@$(MAKE) --no-print-directory $(JOBS) $(OUT)/tests/routes/deliver/test_matrix $(OUT)/tests/routes/chain/test_world
	@SOAK=$(SOAK) $(OUT)/tests/routes/deliver/test_matrix
	@SOAK=$(WORLDS) $(OUT)/tests/routes/chain/test_world

layers:
	@/usr/bin/python3 tests/layers

format: clang-format
	@clang-format -i $(FORMATTED)

format-check: clang-format
	@clang-format --dry-run -Werror $(FORMATTED)

clang-format:
	@command -v clang-format >/dev/null || { echo "install Debian's package clang-format (14)"; exit 1; }

# ---- handing it on ----
PUT = BINARY=$(BINARY) PREFIX=$(call quoted,$(PREFIX)) DESTDIR=$(call quoted,$(DESTDIR)) sh contrib/install.sh

install: $(BINARY)
	@$(PUT) install

uninstall:
	@$(PUT) uninstall

dist:
	@mkdir -p build
	@sh contrib/dist.sh $(VERSION)

deb: build/.packages-deb
	@sh contrib/deb.sh $(VERSION)

RELEASE ?= bookworm

check-deb: dist
	@sh tests/packages/try.sh $(RELEASE) build/dragoman-$(VERSION).tar.gz

clean:
	rm -rf build
