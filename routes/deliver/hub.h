/* hub.h - the members of one room on one worker: who gets a copy when a broadcast arrives.
 * One thread. Order among members has no meaning. */
#ifndef ROUTES_DELIVER_HUB_H
#define ROUTES_DELIVER_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hub_member {
	void *session;   /* the worker's own record of the connection; not looked into here */
	uint32_t person; /* its number; 0: a reader */
};

struct hub {
	struct hub_member *members;
	size_t count, capacity;
};

/* Zeroed is ready for use. Frees the array. */
void hub_clear(struct hub *hub);

/* Adds a member. Returns its place, which hub_remove() needs; places move, see below. */
size_t hub_add(struct hub *hub, struct hub_member member);

/* Removes the member at place; the last one moves there. Returns the session that moved to
 * place (its owner updates the place it noted), or NULL when none did. */
void *hub_remove(struct hub *hub, size_t place);

#endif
