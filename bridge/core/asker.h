/* asker.h - the return address: who asked for something, and what comes back. Every request that
 * goes to another thread, or to a backend, carries one; every answer goes to worker_answer(). */
#ifndef BRIDGE_CORE_ASKER_H
#define BRIDGE_CORE_ASKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/text/reason.h"
#include "codecs/text/slice.h"
#include "routes/room/members.h"
#include "routes/room/room.h"

struct login_claim;
struct survey;
struct room_entry;

enum asker_kind {
	ASKER_NOBODY,   /* no answer is wanted */
	ASKER_SESSION,  /* a client's request: slot, generation, ticket */
	ASKER_ROUTING,  /* a draft that waits: asker_serial() */
	ASKER_BACKEND,  /* a backend's request: slot is the backend's index, ticket the request's
			 * place, generation that place's */
	ASKER_CALL,     /* a request of HTTP: slot and generation of the call, ticket its step */
	ASKER_UPSTREAM, /* what a server that we call said: slot is the upstream's index, generation
			 * and ticket a number of its own */
	ASKER_KINDS
};

#define TICKET_NONE UINT32_MAX

struct asker {
	uint8_t kind;   /* enum asker_kind */
	uint8_t worker; /* where it waits */
	uint32_t slot, generation;
	uint32_t ticket; /* TICKET_NONE: of who is known, but wants no answer: a session, a call */
};

static inline struct asker asker_of_session(struct session_ref ref, uint32_t ticket)
{
	return (struct asker){ ASKER_SESSION, (uint8_t)ref.worker, ref.slot, ref.generation,
			       ticket };
}

/* The connection that asks, or speaks. Only of ASKER_SESSION. */
static inline struct session_ref asker_session(const struct asker *asker)
{
	return (struct session_ref){ asker->worker, asker->slot, asker->generation };
}

static inline struct asker asker_of_routing(unsigned worker, uint64_t serial)
{
	return (struct asker){ ASKER_ROUTING, (uint8_t)worker, (uint32_t)serial,
			       (uint32_t)(serial >> 32), TICKET_NONE };
}

static inline uint64_t asker_serial(const struct asker *asker)
{
	return (uint64_t)asker->generation << 32 | asker->slot;
}

/* Is an answer expected? */
static inline bool asker_waits(const struct asker *asker)
{
	return asker->kind == ASKER_SESSION || asker->kind == ASKER_CALL
		   ? asker->ticket != TICKET_NONE
		   : asker->kind != ASKER_NOBODY;
}

/* The same speaker, who waits for nothing (any more). */
struct asker asker_silent(struct asker asker);

enum answer_kind {
	ANSWER_DONE,    /* event: what became of it, may be NULL; or the draft that was refused */
	ANSWER_HISTORY, /* history, count, correlation */
	ANSWER_MEMBERS, /* members, count */
	ANSWER_LOOK,    /* look, caller, room; members or history, count; total of some */
	ANSWER_SURVEY,  /* survey; of a post_message room, too, and history if words are old */
	ANSWER_MADE,    /* of a struct post_errand: room, or members and count */
	ANSWER_LOCATED, /* room, or NULL; roles of who asks there */
	ANSWER_VERDICT, /* of a backend about a draft: changes_text (text), changes_action (action)
			 */
	ANSWER_LOGIN    /* of a backend about a login: login */
};

/* What comes back. reason REASON_NONE: as was asked. Owns what it points at, but for room. */
struct answer {
	enum answer_kind kind;
	enum reason reason;
	struct room_entry *room;      /* where; may be NULL */
	const struct envelope *event; /* held; or NULL */
	char *text;                   /* the reason as a text; or the new text; NULL: none */
	size_t text_len;
	char *correlation; /* of a request that was no event; NULL: none */
	size_t correlation_len;
	uint32_t roles;
	bool changes_text, changes_action, action;
	size_t count;
	const struct envelope **history; /* each held */
	struct person *members;          /* one block with the names they point at */
	struct login_claim *login;
	struct survey *survey;
	struct room_look look, caller; /* who was asked about, and who asks */
	size_t total;                  /* of members, in all */
};

/* Keeps a copy of text as the answer's (borrows). An absent slice clears it. */
void answer_put_text(struct answer *answer, struct slice text);

/* Absent: none. Borrow. */
struct slice answer_text(const struct answer *answer);
struct slice answer_correlation(const struct answer *answer);

/* Frees what it owns. */
void answer_clear(struct answer *answer);

#endif
