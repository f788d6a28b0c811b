/* errand.h - one errand, and what the files of bridge/admin/errands share: errands.c has it. */
#ifndef BRIDGE_ADMIN_ERRANDS_ERRAND_H
#define BRIDGE_ADMIN_ERRANDS_ERRAND_H

#include <stdbool.h>

#include "bridge/admin/control/calls.h"
#include "bridge/core/post.h"

struct errands;

struct errand {
	struct errand *next;
	struct errands *errands;
	struct bridge *bridge;
	const struct control_server *hooks;
	struct asker asker;
	enum errand_kind kind;
	char asked[NAME_BYTES_MAX + 1]; /* the name, cleaned; may be empty */
	char name[NAME_BYTES_MAX + 1];  /* the one that is tried */
	unsigned tries;
	bool exact, open;
	uint32_t owner;
	char hash[PASSWORD_HASH_BYTES];
	struct conf *conf; /* owned: of the room to be opened */
	uint32_t number;   /* of the account */
	uint64_t serial;   /* of what the store was given */
	void (*kept)(struct errand *, bool failed);
	void (*proceed)(struct errand *); /* when no reload is under way; NULL: it waits for none */
	bool over;
};

/* The next name to be tried: the one asked for, then with a number added. False: there is none. */
bool errand_next_name(struct errand *errand, const char *otherwise);

/* Gives it to the store (takes), if there is one; kept() follows in any case. */
void errand_keep(struct errand *errand, struct lasting *lasting,
		 void (*kept)(struct errand *, bool failed));

/* proceed() follows, when workers have all taken what is new, and nothing else is being changed. */
void errand_when_idle(struct errand *errand, void (*proceed)(struct errand *));

/* Ends it. room: what was made; person: the same (its name is copied). Either may be NULL. */
void errand_end(struct errand *errand, enum reason reason, struct room_entry *room,
		const struct person *person);

#endif
