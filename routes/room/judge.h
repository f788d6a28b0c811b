/* judge.h - the one place where a room's events are judged and ordered.
 *
 * A room has one room; one worker's thread owns it. Here, at the moment of ordering, membership,
 * bans, mutes and rights are judged, the id, time and sequence are given, and the room's state
 * is folded. Nothing here does I/O: the caller passes the time and carries out the results.
 * design section 7; who may do what: the table in judge.c. */
#ifndef ROUTES_ROOM_JUDGE_H
#define ROUTES_ROOM_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/model/identity.h"
#include "codecs/registry.h"
#include "codecs/text/reason.h"

#define WORKERS_MAX 16

/* Names one connection on one worker. Two are the same when all three fields are. */
struct session_ref {
	uint32_t worker, slot, generation;
};

bool session_ref_equal(struct session_ref a, struct session_ref b);

/* What the configuration says of a room; immutable and alive as long as the room. */
struct room_rules {
	struct slice name;
	bool open;                  /* anyone may enter; else members, moderators and the invited */
	const struct slice *admins; /* account names: may moderate here */
	size_t admin_count;
	const struct slice *banned; /* names that may not enter */
	size_t banned_count;
	const struct slice *members; /* account names that may enter a closed room */
	size_t member_count;
	size_t history;    /* messages kept with content, 0: none */
	size_t remembered; /* messages whose author and reactions are remembered */
};

/* How many connections the room has, by worker and dialect: who needs a broadcast, and which
 * frames to make. Borrowed from the room; valid until its next change. */
struct room_presence {
	uint32_t count[WORKERS_MAX][DIALECTS];
};

struct room;

/* rules and clock (one per worker, shared by its rooms) are borrowed for the room's life;
 * worker is the index put into ids. Returns new. */
struct room *room_new(const struct room_rules *rules, struct id_clock *clock, unsigned worker);
void room_free(struct room *room);

const struct room_presence *room_presence(const struct room *room);

/* One connection wants in. person->number 0: an anonymous reader, who is in no list and may not
 * speak. guest_address: a keyed hash of where a guest comes from, 0: not to be judged by it
 * (an account, or loopback). On REASON_NONE the connection is a member from now on, *roles is
 * the person's roles in this room (their own, and ROLE_MOD for an admin), and *enter is the
 * sealed ENTER event (returns new) when it is the person's first connection here, else NULL.
 * REASON_ALREADY: this ref is a member. REASON_BANNED, REASON_CLOSED_ROOM: judged. */
enum reason room_enter(struct room *room, struct session_ref ref, size_t dialect,
		       const struct person *person, uint64_t guest_address, uint64_t now_ms,
		       uint32_t *roles, struct envelope **enter);

/* One connection is out (left, or its socket ended). False when it was no member. *exit: the
 * sealed EXIT event (returns new) when it was the person's last connection here, else NULL. */
bool room_leave(struct room *room, struct session_ref ref, uint64_t now_ms, struct envelope **exit);

/* Judges, orders and folds one draft of any kind but ENTER and EXIT. draft: sealed, with a
 * count of one; taken when *ordered is set (which may be the same block), else the caller's still.
 * from: the member who asks; NULL: the bridge itself, to whom everything is allowed. The author is
 * set from the member, whatever the draft says; the subject is completed (by number, else by name
 * among members, else, for PURGE and TIMEOUT, among remembered authors).
 *
 * REASON_NONE: *ordered is the event as everyone is to see it, sealed (returns new), or NULL
 * when the request was right but changed nothing (a reaction that was there already). Its
 * audience: FLAG_PRIVATE and KIND_INVITE go to the subject's connections only and have no place
 * in the sequence (0); all else goes to every member. A KICK's victims are still members, so that
 * they hear it: call room_drop() after making the broadcast. Else: the reason, *ordered NULL.
 *
 * The roles a USER_UPDATE gives hold until the person's last connection leaves; ROLE_BANNED and
 * ROLE_MUTED, as bans and timeouts, outlast that (see home_marks.h for how many). */
enum reason room_order(struct room *room, const struct session_ref *from, struct envelope *draft,
		       uint64_t now_ms, struct envelope **ordered);

/* The same for somebody who is no member: a message, or an action, that was under way when its
 * author left, or that a rule passes on from another room. The author is as the draft says; their
 * bans and mutes here are judged, the room being closed is not. Any other kind, and a private
 * message, is refused: REASON_NOT_MEMBER. */
enum reason room_order_visitor(struct room *room, struct envelope *draft, uint64_t now_ms,
			       struct envelope **ordered);

/* Who is here: at most max people, readers left out. Returns new: one block with the names they
 * point at (free()), and how many in *count; NULL when there is nobody. */
struct person *room_members(const struct room *room, size_t max, size_t *count);

/* Removes all connections of a person, silently (their KICK was their exit). False when they had
 * none here. */
bool room_drop(struct room *room, uint32_t person);

/* A member by folded name; 0 when nobody present has it. */
uint32_t room_find(const struct room *room, struct slice name);

/* Does any connection of this person in this room speak a dialect that keeps a private message
 * private? */
bool room_can_whisper(const struct room *room, uint32_t person);

/* Is this connection a member (readers included)? */
bool room_has(const struct room *room, struct session_ref ref);

/* The roles here of whoever has this connection; 0: it is no member, or a reader. */
uint32_t room_roles(const struct room *room, struct session_ref ref);

/* Is the message remembered here (deleted or not)? */
bool room_knows(const struct room *room, uint64_t id);

/* At most count newest messages, oldest first, each held for the caller. from must be a member,
 * else 0. */
size_t room_history(const struct room *room, struct session_ref from, size_t count,
		    const struct envelope **out);

/* Ends what is due (a poll). Returns new: the POLL_END event to broadcast, or NULL. Call again
 * until NULL. */
struct envelope *room_tick(struct room *room, uint64_t now_ms);

/* When room_tick() next has something to do, ms since 1970; UINT64_MAX: nothing pending. */
uint64_t room_due(const struct room *room);

#endif
