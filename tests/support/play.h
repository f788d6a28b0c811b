/* play.h - one transcript being played: what the statements of tests/replay.c share. */
#ifndef TESTS_SUPPORT_PLAY_H
#define TESTS_SUPPORT_PLAY_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/support/cast.h"
#include "tests/support/script.h"
#include "tests/support/stage.h"

struct play {
	struct script script;
	struct stage *stage; /* made by the first statement that needs it */
	struct cast cast;
	char *config;       /* NULL: the usual */
	char folder[256];   /* where its files are; "": it has none */
	char reloaded[512]; /* the configuration taken over last */
	unsigned workers;
	bool workers_said;
	uint64_t start_ms;
	bool repeating;           /* within `times`: what was sent is looked at afterwards */
	char *statement, *filled; /* kept here so that failing frees them */
	jmp_buf out;              /* where play_fail() goes */
	char why[8192];
};

/* Ends the transcript: it failed. Goes to play->out. */
_Noreturn void play_fail(struct play *play, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The stage, made now if need be. */
struct stage *play_stage(struct play *play);

/* The text of a configuration as it is read: "@files" in it is the folder. Returns new. */
char *play_config(const struct play *play, const char *text);

/* Fails unless all that was sent has been looked at: before anything new happens. */
void play_check_read(struct play *play);

/* Everybody forgets what they were sent so far. */
void play_skip_everything(struct play *play);

/* Replaces the names in what is sent. Borrows until the next call. */
struct slice play_fill(struct play *play, struct slice text);

/* How much of a frame an error message shows. */
int play_shown(struct slice text);

/* A word as a C string, cut to size. Returns buffer. */
const char *play_text(struct slice word, char *buffer, size_t size);

/* Carries out NAME[, NAME]... VERB REST, where word is the first and rest all that follows. */
void play_clients(struct play *play, struct slice word, struct slice rest);

#endif
