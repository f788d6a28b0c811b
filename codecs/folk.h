/* folk.h - who is who at a server that we call, for the calling sides of codecs (codecs/calls.h):
 * names by foreign id, and frames that wait until somebody's name is known.
 *
 * A zeroed struct is empty. All of it is bounded: when it is full, everybody is forgotten; names
 * are asked for a few at a time; who waits for too long, or behind too much, is told of without a
 * name. One thread at a time. */
#ifndef CODECS_FOLK_H
#define CODECS_FOLK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/calls.h"
#include "codecs/text/slice.h"

#define FOLK_PEOPLE_MAX 20000
#define FOLK_NAME_MAX   256 /* bytes; longer names are cut */
#define FOLK_ASKED_MAX  16
#define FOLK_HELD_MAX   32
#define FOLK_HELD_BYTES 262144
#define FOLK_WAIT_MS    15000 /* so long an answer is waited for */
#define FOLK_AGAIN_MS   5000  /* after so long what was asked in vain is asked again */

struct folk {
	struct folk_person *people;
	struct folk_asked {
		char id[FOREIGN_ID_MAX];
		size_t len; /* 0: free */
		uint64_t since_ms;
	} asked[FOLK_ASKED_MAX];
	struct folk_frame *first, *last; /* those that wait */
	size_t held, held_bytes;
	uint64_t held_since_ms;
};

/* Frees what it holds, and empties it. */
void folk_clear(struct folk *folk);

/* ---- people ---- */

/* Somebody's name (absent: as it was), and whether they are there. An id is at most FOREIGN_ID_MAX
 * bytes. */
void folk_put(struct folk *folk, struct slice id, struct slice name, bool online);

/* Absent: not known. Borrows until the folk changes. */
struct slice folk_name(const struct folk *folk, struct slice id);

/* As far as was told. */
bool folk_online(const struct folk *folk, struct slice id);

/* Is a request to be made for the name of somebody? Returns what stands for them until it is
 * answered, 1 .. FOLK_ASKED_MAX; 0: no: it is known, or asked for already, or was in vain just
 * now, or too many are asked for. */
uint32_t folk_ask(struct folk *folk, struct slice id, uint64_t now_ms);

/* That request was answered. Whose name it was for; absent: nobody's. Lies in id. */
struct slice folk_answered(struct folk *folk, uint32_t asked, char id[FOREIGN_ID_MAX]);

/* It brought nothing: nobody waits for that name for a while. */
void folk_in_vain(struct folk *folk, struct slice id, uint64_t now_ms);

/* Is the name of somebody asked for, and may still come? */
bool folk_waits(const struct folk *folk, struct slice id, uint64_t now_ms);

/* ---- frames ---- */

/* Does a frame have to wait behind others? */
bool folk_holds(const struct folk *folk, uint64_t now_ms);

/* Keeps a copy of a frame. False: there is no room. */
bool folk_hold(struct folk *folk, struct slice frame, uint64_t now_ms);

/* Tells of a frame, which was read before. False: it has to wait (on), which it must not with
 * anyway. */
typedef bool folk_tell(struct call_peer *peer, struct slice frame, struct call_sink *sink,
		       bool anyway);

/* Has what waits told, in order, up to the first that still has to wait; anyway: all. */
void folk_release(struct folk *folk, struct call_peer *peer, struct call_sink *sink,
		  folk_tell *tell, bool anyway);

#endif
