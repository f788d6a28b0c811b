/* routing.h - a draft on its way through the steps of the rule that decided about it.
 *
 * Runs on the worker it began on: the session's, or the one that owns the backend which spoke.
 * Passages of one speaker stand in a lane and reach their destinations in the order they were
 * said: while one waits for an answer, later ones may be asked about by the same rule, but go no
 * further. Each ends, for each destination, in one count. */
#ifndef BRIDGE_ROUTING_ROUTING_H
#define BRIDGE_ROUTING_ROUTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/mailbox.h"
#include "bridge/core/worker.h"
#include "codecs/model/envelope.h"

/* The drafts of one speaker, in order. Made when first needed, gone when empty. */
struct lane;

/* Where a draft comes from, and who is told what became of it. */
struct routing_start {
	size_t origin;          /* dialect index, or ROUTE_FROM_BACKEND */
	size_t backend;         /* of ROUTE_FROM_BACKEND: never asked, told or tapped itself */
	struct session_ref ref; /* the member who speaks */
	uint32_t ticket;        /* TICKET_NONE: no reply is wanted */
	struct publication *publication; /* of a backend's request (taken); NULL: a session's */
	struct room_entry *room;         /* NULL: the one that knows the target ... */
	unsigned owner;                  /* ... on this worker */
};

/* Takes draft: sealed, with a count of one, already counted as accepted. *lane is the speaker's;
 * it may be NULL, then and afterwards. */
void routing_begin(struct worker *worker, struct lane **lane, const struct routing_start *start,
		   struct envelope *draft);

/* The speaker is gone: what is under way goes on without it. *lane becomes NULL. */
void routing_detach(struct lane **lane);

/* The speaker is out of a room. What waits to be said there goes on if they left themselves, and
 * not if they were kicked. lane: NULL is ignored. */
void routing_left(struct lane *lane, const struct room_entry *room, bool kicked);

/* POST_VERDICT on an event, POST_LOCATED. Borrows the post; takes out what it keeps. */
void routing_verdict(struct worker *worker, struct post *post);
void routing_located(struct worker *worker, struct post *post);

/* A draft that a rule brought to its room has got its place there: the copies that the rule makes
 * right behind that. Called where it was ordered, with the POST_DRAFT. Borrows both; ordered is
 * immutable from now on. */
void copy_ordered(struct worker *worker, const struct post *post, const struct envelope *ordered);

/* Somebody came into a room or left: rules may tap it or send it to a backend, and backends may
 * have asked to hear of it. Called where it was ordered. Borrows event, which is
 * immutable from now on. dialect: of the connection that came or went. */
void copy_presence(struct worker *worker, struct room_entry *room, const struct envelope *event,
		   size_t dialect);

/* The same for somebody who was kicked out, for backends that asked to hear of it. Borrows kick. */
void copy_kick(struct worker *worker, struct room_entry *room, const struct envelope *kick);

/* The worker takes new rules (takes one count). What began with the old ones ends with them. */
void routing_rules(struct worker *worker, const struct route_table *table);

/* Frees what is left, without counting. Called when the worker is freed. */
void routing_clear(struct worker *worker);

#endif
