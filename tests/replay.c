/* replay.c - plays transcripts against the real bridge: every floor, no sockets, no real time.
 *
 *   replay FILE.chat...
 *
 * Prints "ok FILE", or "FAILED FILE:LINE: ...", for each and "N passed, N failed" at the end; exits
 * with 1 when any failed. A transcript is played twice, on one worker and on four, unless it says
 * how many. tests/transcripts/README tells the language. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/log.h"
#include "codecs/memory.h"
#include "codecs/registry.h"
#include "tests/support/actors.h"
#include "tests/support/pattern.h"
#include "tests/support/script.h"
#include "tests/support/stage.h"

#define WORDS_MAX 16

static const char default_config[] = "limits: { messages_per_second = 0; };\n";

/* ---- one transcript being played ---- */

struct play {
	struct script script;
	struct stage *stage;
	unsigned workers;
	uint64_t start_ms;
	bool quiet; /* within `times`: what was sent is looked at afterwards */
	jmp_buf out;
	char why[4096];
};
