/* note.h - who hears what in dragoman translate, and sentences to standard error. */
#ifndef BRIDGE_COMMAND_TRANSLATE_NOTE_H
#define BRIDGE_COMMAND_TRANSLATE_NOTE_H

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

/* The beginning of a sentence to errors: "line 3: simple: ", or whose "". */
void report_note_begin(const struct report *report, const char *whose);

/* A sentence to errors: "line 3: simple: ...". */
void report_note(const struct report *report, const char *whose, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
