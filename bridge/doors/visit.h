/* visit.h - one call: a request of HTTP to a dialect's door, from its arrival to its answer. For
 * the files of bridge/doors only. One worker's thread. */
#ifndef BRIDGE_DOORS_VISIT_H
#define BRIDGE_DOORS_VISIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/asker.h"
#include "bridge/core/door.h"
#include "bridge/core/worker.h"
#include "bridge/doors/arrive.h"
#include "bridge/doors/pace.h"
#include "bridge/net/http/http_answer.h"
#include "bridge/secrets/pass.h"
#include "codecs/http.h"

struct lane;

#define REPLY_HEADERS (ANSWER_HEADERS + 1) /* see reply.h */

struct visit {
	struct worker *worker;
	uint32_t slot, generation;    /* its place among those of the worker */
	struct door_wire wire;        /* of a refusal alone: zeroed */
	struct visit *next, **link;   /* of its connection */
	const struct mount *mount;    /* whose door it came to */
	const struct codec_path *row; /* NULL: it is refused before there is one */
	struct codec_call said;
	struct codec_peer peer;
	unsigned steps;  /* wants so far */
	uint32_t ticket; /* of the answer that is waited for, or TICKET_NONE */
	bool identifying;
	bool dragoman;        /* another Dragoman calls */
	bool answered;        /* by the connection */
	bool exact, open;     /* of what it makes: struct codec_want */
	bool done;            /* it is made, and looked at */
	uint64_t target;      /* of what it reads: struct codec_want's target, or number, ... */
	size_t offset, count; /* ... and these */
	uint64_t until_tick;  /* when a pause is over; 0: it makes none */
	enum want_kind wants; /* what that is about */
	struct lane *lane;    /* drafts under way */
	/* Whom the caller is: peer.self, whose name lies here. */
	enum holder_kind kind;
	enum login_way way;
	uint64_t credential;
	uint64_t login_until_ms; /* as struct login_result has until_ms */
	char name[NAME_BYTES_MAX];
	uint64_t place; /* where it comes from: address_key() */
	struct peer_address address;
	struct slice origin; /* of a page that may read the answer; absent: none */
	char *scratch;
	size_t size; /* of the block */
};

/* All calls of a worker. */
struct doors {
	struct visit **slots; /* NULL: a free one */
	uint32_t *generations, *free_slots;
	uint32_t slot_count, free_count, open;
	uint32_t pausing;           /* of these */
	struct pace pace;           /* of addresses */
	struct pace spoken;         /* of people's messages */
	struct codec_answer worded; /* by word(); valid until the next */
	struct http_header headers[REPLY_HEADERS];
	struct http_cors cors;
};

/* A call for a row, or, row NULL, for whom only a refusal is to be worded. Copies what it keeps of
 * the arrival. wire NULL: it is in no list, and has no slot. Returns new. */
struct visit *visit_new(const struct door_arrival *arrival, const struct door_wire *wire,
			const struct arrived *arrived, const struct codec_path *row);

/* Frees it, whatever it waits for. */
void visit_free(struct visit *visit);

/* Readies what a codec may look at, as of nobody. */
void visit_prepare(struct visit *visit);

/* It is not wanted any more: frees it. */
void visit_gone(struct visit *visit);

/* The return address of what it wants now: what was waited for before is not, any more. */
struct asker visit_asker(struct visit *visit);

/* The same of what it waits for already. */
struct asker visit_awaiting(const struct visit *visit);

/* How the caller comes, for the room that judges. */
struct calling visit_calling(const struct visit *visit);

/* The one of that address, if it still waits for that; NULL: it is gone, or does not. */
struct visit *visit_find(const struct worker *worker, const struct asker *asker);

#endif
