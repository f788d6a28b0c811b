/* calls.h - requests under way: what an operator asked for, until it is answered. Main thread, but
 * for what an inquiry's carry_out() does.
 *
 * A call asks workers by inquiries (bridge/core/post.h) and waits for all of them, but never
 * without bound: when the time is over it goes on with what it has. What comes later is freed. */
#ifndef BRIDGE_ADMIN_CONTROL_CALLS_H
#define BRIDGE_ADMIN_CONTROL_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/admin/control/request.h"
#include "bridge/core/bridge.h"
#include "bridge/core/post.h"
#include "bridge/durable/lasting.h"

#define CALL_STATUS_MS 80   /* for a worker to answer, where somebody looks */
#define CALL_SIGN_MS   1000 /* a sign of life, while who asks waits */
#define CALL_ACT_MS    5000 /* where something is changed, or a list is made */

struct call;

/* What the server does for a verb; all on the main thread. */
struct control_server {
	void *server;
	const char *file; /* the configuration; NULL: there is none */
	/* Has the configuration read again. Returns which reload it is: bridge->reloads.ended comes
	 * to it when that is over. */
	uint64_t (*reload)(void *server);
	/* Opens the room of a configuration that has it alone (takes), or closes one. NULL, or why
	 * not (free()). Not while changes_rooms(): it is done when that says no. NULL: nobody uses
	 * rooms. */
	char *(*add_room)(struct bridge *bridge, struct conf *made);
	char *(*remove_room)(struct bridge *bridge, const char *name);
	/* The same for a room that is there, which is as this configuration says from then on. */
	char *(*change_room)(struct bridge *bridge, struct conf *made);
	bool (*changes_rooms)(const struct bridge *bridge);
	/* Ends the server as TERM does. */
	void (*end)(void *server);
};

struct calls {
	struct bridge *bridge;
	const struct control_server *server;
	/* Writes one line to who asked; last: nothing follows for this request. Borrows line. */
	void (*send)(void *peer, const char *line, size_t len, bool last);
	uint64_t now_ms; /* a steady clock */
	uint64_t started_ms, serial;
	struct call *first;
	bool draining; /* a call is about it: drain.h */
};

struct call {
	struct calls *calls;
	struct call *next;
	struct request request;
	void *peer; /* NULL: who asked is gone */
	unsigned uid;
	int pid;
	uint64_t serial;  /* of what it waits for; 0: for no worker */
	uint32_t awaited; /* workers that did not answer yet: a bit each */
	uint64_t deadline_ms;
	uint64_t said_ms; /* when anything was written last */
	/* One answer of a worker; borrows. NULL: none is of interest. */
	void (*hear)(struct call *, struct inquiry *);
	/* All have answered, or the time is over: those who have not are in awaited. Or what was
	 * written by call_rows() is out. */
	void (*proceed)(struct call *);
	/* Is what it waits for, beside workers, so far? Asked whenever the main thread has done
	 * something. NULL: it waits for nothing else. */
	bool (*ready)(struct call *);
	/* What was given to the store is stored, or not; borrows. NULL: it waits for nothing there.
	 */
	void (*kept)(struct call *, const struct lasting *);
	bool writing; /* waits for call_rows() */
	bool listed;  /* call_rows() wrote some */
	bool over;
	struct room_entry *room; /* which it is about: stays while the call does; NULL: none */
	void *own;               /* the verb's */
	void (*own_free)(void *);
};

/* A call for a request that was read (takes what it holds), which serve() (serve.h) is to begin.
 * peer: for calls->send, until call_orphan(). Called by the control socket. Returns new; borrowed:
 * calls_sweep() frees it once it is over. */
struct call *call_new(struct calls *calls, struct request *request, void *peer, unsigned uid,
		      int pid);

/* Who asked is gone: what only shows something ends, what changes something goes on. */
void call_orphan(struct call *call);

/* What call_rows() wrote is out. */
void call_written(struct call *call);

/* Those go on that have what they wait for, see ready. */
void calls_look(struct calls *calls);

/* POST_INQUIRED. Borrows; what it has is the call's, or is freed with it. */
void calls_hear(struct calls *calls, struct post_inquiry *post);

/* Those whose time is over go on. Call it every 10 ms or so while there are some. */
void calls_tick(struct calls *calls);

/* Frees those that are over. At the end of whatever the main thread does for calls. */
void calls_sweep(struct calls *calls);

/* The server ends: whoever waits is told so. */
void calls_close(struct calls *calls);

/* Frees all. */
void calls_clear(struct calls *calls);

/* ---- for the verbs ---- */

/* A new inquiry of that size, which free() frees, to be filled in by the caller and sent by
 * call_ask(). One that expires is carried out in time for the answer, or not at all; but with a
 * store its answer may come too late. */
void *inquiry_new(size_t size, void (*carry_out)(struct worker *, struct inquiry *));

/* The room of that name, which the call is about from now on. NULL: there is none, and the call has
 * failed with that. Once. */
struct room_entry *call_find_room(struct call *call, const char *name);

/* Begins to wait for answers, for at most so long; call_ask() follows. */
void call_wait(struct call *call, uint64_t ms, void (*hear)(struct call *, struct inquiry *),
	       void (*proceed)(struct call *));

/* Waits, without a bound, for something else than workers. */
void call_wait_until(struct call *call, bool (*ready)(struct call *),
		     void (*proceed)(struct call *));

/* Sends an inquiry (takes) to a worker. */
void call_ask(struct call *call, unsigned worker, void *inquiry);

/* Is there a store? Else the call has failed: "WHAT are kept in the state folder, ...". */
bool call_keeps(struct call *call, const char *what);

/* Gives something to the store (takes), and waits for that without a bound: it is stored, or it
 * fails. There is a store. */
void call_keep(struct call *call, struct lasting *lasting,
	       void (*kept)(struct call *, const struct lasting *));

/* Waits, without a bound, for one answer of somebody who is no worker; returns the inquiry (takes)
 * as it is to be handed on: who has it answers by inquiry_answer(). */
void *call_ask_other(struct call *call, void *inquiry,
		     void (*hear)(struct call *, struct inquiry *), void (*proceed)(struct call *));

/* Sends it back (takes). Any thread. */
void inquiry_answer(struct bridge *bridge, struct inquiry *inquiry);

/* Sends a part of a long list (takes the array) and goes on with proceed when it is written; or
 * ends the call, when nobody is there any more. */
void call_rows(struct call *call, struct json_t *rows, void (*proceed)(struct call *));

/* Ends it well; takes the object. */
void call_end(struct call *call, struct json_t *result);

/* The same of a list, which is written as an empty one when call_rows() wrote nothing of it. */
void call_end_list(struct call *call, struct json_t *result);

/* Ends it badly. code: a word for programs. exit_code: of the command, 1, 2 or 78. */
void call_fail(struct call *call, int exit_code, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Writes the line that says so, for who could not even ask. Returns its length, below size. */
size_t calls_refusal(char *line, size_t size, const char *code, const char *text, int exit_code);

/* Ends it badly for a reason of the rooms', with exit code 1. */
void call_refuse(struct call *call, enum reason reason);

/* Ends it badly because of the workers that did not answer in time. */
void call_fail_silent(struct call *call);

/* The workers that did not answer, as an array of their indices. Returns new. */
struct json_t *call_silent(const struct call *call);

/* The roles of a person, as an array of words. Returns new; any thread, as what follows. */
struct json_t *json_of_roles(uint32_t roles);

/* Text that may hold anything, as a JSON string. Returns new. */
struct json_t *json_of(struct slice text);

/* Milliseconds since 1970, as "2026-01-31T12:00:00Z". Returns new. */
struct json_t *json_of_time(uint64_t wall_ms);

#endif
