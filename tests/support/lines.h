/* lines.h - backends and taps without sockets: instances that exist only in memory, attached to a
 * stage's bridge. Each has an inbox of what was sent to it, one text for each message:
 * "COMMAND | META | ENVELOPE" of an instance, "TOPIC | ENVELOPE" of a tap's listener. */
#ifndef TESTS_SUPPORT_LINES_H
#define TESTS_SUPPORT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/text/slice.h"

struct stage;
struct stage_frame;
struct stage_lines;

#define LINE_NAME_MAX 32

/* An instance of a backend, or who listens to a tap. */
struct stage_instance {
	struct stage_instance *next;
	char name[LINE_NAME_MAX]; /* also its routing identity */
	struct stage_lines *line;
	struct stage_frame *inbox, **inbox_end;
	bool ready;   /* it said READY, and no BYE */
	bool silent;  /* it sends no heartbeats by itself */
	bool dead;    /* the bridge cannot send to it any more */
	bool blocked; /* its queue is full */
	unsigned beats;
};

/* Attaches lines to all backends and taps. Called by stage_new(). Returns new. */
struct stage_lines *stage_lines_new(struct stage *stage);
void stage_lines_free(struct stage_lines *lines);

/* A new instance of the backend, or a listener of the tap, of that name. NULL: there is none. */
struct stage_instance *stage_instance_new(struct stage *stage, const char *name,
					  struct slice backend);
struct stage_instance *stage_instance_find(const struct stage *stage, struct slice name);

/* An instance says frames, parted by " | " in text; "DGM1" is put before them unless raw. */
void stage_instance_say(struct stage *stage, struct stage_instance *instance, struct slice text,
			bool raw);

/* Every instance that is ready sends a HEARTBEAT, but for the silent and the dead. */
void stage_lines_beat(struct stage *stage);

/* Is anything said that was not received yet? */
bool stage_lines_busy(const struct stage *stage);

void stage_instance_drop(struct stage_instance *instance);

/* All instances of the stage, linked. */
struct stage_instance *stage_instances(const struct stage *stage);

#endif
