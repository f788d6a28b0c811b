/* reading.h - what a codec makes of a client's frame, looked at without anything coming of it. */
#ifndef BRIDGE_COMMAND_TRANSLATE_READING_H
#define BRIDGE_COMMAND_TRANSLATE_READING_H

#include "bridge/command/translate/stage.h"

struct reading {
	enum reason reason; /* of decode() */
	bool login, query, answer;
	size_t drafts;
	const struct envelope *draft; /* the first: as a session sends it to rules; held; NULL */
};

/* Borrows frame. Of a client that is there. */
void reading_of(struct stage_client *client, struct slice frame, struct reading *out);
void reading_clear(struct reading *reading);

#endif
