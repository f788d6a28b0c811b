/* overview.h - a room, and people in it, as an operator sees them; and lifting bans. Called by who
 * owns the room, on the thread that does. */
#ifndef ROUTES_ROOM_OVERVIEW_H
#define ROUTES_ROOM_OVERVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "routes/room/room.h"

struct room_overview {
	size_t connections; /* readers among them */
	size_t people;      /* who are here by one or more of these */
	size_t history;     /* messages that are kept with content, */
	size_t remembered;  /* and without */
	uint64_t sequence;  /* of the newest event */
};

void room_overview(const struct room *room, struct room_overview *overview);

/* The numbers of the admins whom its owner named; of who is banned, at that time on the steady
 * clock. Those whom the rules name are left out. Return new (free()), how many in *count. */
uint32_t *room_admins(const struct room *room, size_t *count);
uint32_t *room_banned(const struct room *room, uint64_t now_ms, size_t *count);

/* At most count of the newest messages with their words, of those with a lesser id than before (and
 * all: UINT64_MAX), oldest first, each held for the caller, who has seen to it that they may be
 * read. */
size_t room_recent(const struct room *room, uint64_t before, size_t count,
		   const struct envelope **out);

/* journal_message(), journal_authors() of the room. */
struct reactor;
bool room_message(const struct room *room, uint64_t id, const struct envelope **content,
		  struct reactor *out, size_t max, size_t *count)
    __attribute__((warn_unused_result));
void room_authors(const struct room *room,
		  void (*each)(void *context, uint32_t number, struct slice name, uint32_t roles),
		  void *context);

/* What was said here last, before that id: journal_past(). */
size_t room_past(const struct room *room, uint64_t before, const struct envelope **out, size_t max);

/* The person who wrote here last under a name like this; 0: nobody who is remembered. */
uint32_t room_author(const struct room *room, struct slice name);

/* How it stands with somebody here. */
struct room_standing {
	bool present;
	uint32_t roles;       /* in this room, when present */
	bool banned_by_rules; /* the name is in the configuration's list */
	uint64_t banned_ms;   /* from now on; 0: not, UINT64_MAX: until it is lifted */
	uint64_t muted_ms;    /* the same */
};

/* person: by number, by name, or both (borrows). */
void room_standing(const struct room *room, const struct person *person, struct room_time now,
		   struct room_standing *standing);

/* Lifts a ban with all that was banned along with it: name, number and addresses. False: there is
 * none, but perhaps of the rules. */
bool room_pardon(struct room *room, const struct person *person);

#endif
