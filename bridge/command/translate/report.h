/* report.h - what dragoman translate tells: frames, and what became of them. */
#ifndef BRIDGE_COMMAND_TRANSLATE_REPORT_H
#define BRIDGE_COMMAND_TRANSLATE_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/command/translate/stage.h"
#include "bridge/core/counters.h"

struct report {
	struct stage *stage;
	FILE *out, *errors;
	bool json, envelope, explain;
	size_t from;                 /* index of the dialect of who speaks */
	bool server;                 /* they are frames of a server */
	struct stage_client *middle; /* hears envelopes */
	struct stage_client *to[DIALECTS_MAX];
	size_t to_count;
	unsigned line;           /* of the input that is at work */
	struct counters *before; /* owned: as it began */
	bool wrong;              /* something was refused, or malformed */
};

/* What follows is of that line of the input. */
void report_begin(struct report *report, unsigned line);

/* Tells what came of it, and drops what was told. speaker: who said it; NULL: nobody. */
void report_end(struct report *report, struct stage_client *speaker);

/* Something could not be said at all, for why. */
void report_wrong(struct report *report, const char *why);

/* The beginning of a sentence to errors: "line 3: simple: ", or whose "". */
void report_note_begin(const struct report *report, const char *whose);

/* A sentence to errors: "line 3: simple: ...". */
void report_note(const struct report *report, const char *whose, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void report_clear(struct report *report);

#endif
