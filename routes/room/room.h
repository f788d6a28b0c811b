/* room.h - what is said of a room outside of it: its rules, and which connections are in it.
 * judge.h makes one, and orders what is said there; members.h lets people in and out. */
#ifndef ROUTES_ROOM_ROOM_H
#define ROUTES_ROOM_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/form.h"
#include "codecs/text/slice.h"

#define WORKERS_MAX 16

/* Numbers from this on are those of guests, and somebody else's later. */
#define ROOM_NUMBERS_LASTING (UINT32_C(1) << 30)

static inline bool room_number_lasts(uint32_t person)
{
	return person && person < ROOM_NUMBERS_LASTING;
}

/* Names one connection on one worker. Two are the same when all three fields are. worker: below
 * WORKERS_MAX. In the rooms of a cluster it also says of which start of which node
 * (room_node_set()): a ref without that is of this one. */
struct session_ref {
	uint32_t worker, slot, generation;
};

#define ROOM_NODE_NONE       UINT32_C(0)
#define ROOM_NODES           8 /* numbers of nodes are less */
#define ROOM_INCARNATION_MAX ((UINT32_C(1) << 25) - 1)

/* A start of a node: its number, and its incarnation from 1. */
static inline uint32_t room_node(unsigned number, uint32_t incarnation)
{
	return incarnation * ROOM_NODES + number;
}

static inline unsigned room_node_number(uint32_t node)
{
	return node % ROOM_NODES;
}

static inline uint32_t room_node_incarnation(uint32_t node)
{
	return node / ROOM_NODES;
}

/* Which start of which node a ref of a cluster's room is of. */
static inline uint32_t session_ref_node(struct session_ref ref)
{
	return ref.worker / WORKERS_MAX;
}

/* What the configuration says of a room; alive as long as the room, and changed only as
 * room_change() says. */
struct room_rules {
	struct slice name;
	bool open;                  /* anyone may enter; else members, moderators and the invited */
	const struct slice *admins; /* account names: may moderate here */
	size_t admin_count;
	const struct slice *banned; /* names that may not enter */
	size_t banned_count;
	const struct slice *members; /* account names that may enter a closed room */
	size_t member_count;
	size_t history;      /* messages kept with content, 0: none */
	size_t remembered;   /* messages whose author and reactions are remembered */
	size_t removed_most; /* ids of removed messages in one event; 0: as many as may be */
	bool threads;        /* messages keep the thread they were said in */
	uint32_t owner;      /* the number of who made it; 0: nobody, it was configured */
	/* Admins and members by numbers, of accounts alone: a guest may claim one that is free. */
	const uint32_t *admin_numbers, *member_numbers;
	size_t admin_number_count, member_number_count;
};

/* Who wants in by one connection. */
struct room_entrant {
	const struct person *person; /* borrowed; number 0: an anonymous reader, who is in no list
				      * and may not speak */
	bool guest;                  /* no account, nor known to a backend */
	uint64_t guest_address; /* a keyed hash of where a guest comes from; 0: not to be judged by
				 * it (an account, or loopback) */
};

/* One moment on two clocks, in ms. What people are shown and ids are made of goes by the wall
 * clock, which may be set; how long something lasts goes by the steady one. */
struct room_time {
	uint64_t wall_ms;   /* since 1970 UTC */
	uint64_t steady_ms; /* never steps, in either direction */
};

/* Where a room has connections, and which forms they are sent: who needs a broadcast, and which
 * frames to make. Borrowed from the room; valid until its next change. */
struct room_presence {
	uint64_t forms;   /* the shared forms of its connections: a set, see codecs/form.h */
	uint32_t workers; /* those that have some: a bit each */
	uint32_t by_worker[WORKERS_MAX], by_form[FORMS_MAX]; /* how many */
};

struct room;

#endif
