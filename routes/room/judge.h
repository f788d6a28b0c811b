/* judge.h - the one place where a room's events are judged and ordered.
 *
 * One worker's thread owns a room. Here, at the moment of ordering, membership, bans, mutes and
 * rights are judged, the id, time and sequence are given, and the room's state is changed. Nothing
 * here does I/O: the caller passes the time and carries out the results. Who may do what: the table
 * in judge.c. */
#ifndef ROUTES_ROOM_JUDGE_H
#define ROUTES_ROOM_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/model/identity.h"
#include "codecs/text/reason.h"
#include "routes/room/room.h"

/* rules and clock (one per worker, shared by its rooms) are borrowed for the room's life;
 * shard is put into ids, see shard.h. Returns new. */
struct room *room_new(const struct room_rules *rules, struct id_clock *clock, unsigned shard);
void room_free(struct room *room);

/* From now on the room is one of a cluster's: refs without a node are of this start of this node
 * (room_node(); not ROOM_NODE_NONE), only its connections count in room_presence(), and records
 * that are applied tell the sequence. When nobody is here. */
void room_node_set(struct room *room, uint32_t node);

/* Forgets all that was ever said and decided here; who is here stays, with the roles they have. */
void room_erase(struct room *room);

/* Takes over the rules that the room borrows, which the caller has changed: who may enter or
 * moderate from now on, and what is remembered. Present members stay, with the roles they have. */
void room_change(struct room *room);

/* Judges, orders and applies one draft of any kind but ENTER and EXIT. draft: sealed, with a
 * count of one; taken when *ordered is set (which may be the same block), else the caller's still.
 * from: the member who asks; NULL: the bridge itself, to whom everything is allowed. The author is
 * set from the member, whatever the draft says; the subject is completed (by number, else by name
 * among members, else, for PURGE and TIMEOUT, among remembered authors).
 *
 * REASON_NONE: *ordered is the event as everyone is to see it, sealed (returns new), or NULL
 * when the request was right but changed nothing (a reaction that was there already, a notice that
 * was read). Its
 * audience: FLAG_PRIVATE and KIND_INVITE go to the subject's connections only; all else goes to
 * every member. A KICK's victims are still members, so that
 * they hear it: call room_drop() after making the broadcast. Else: the reason, *ordered NULL.
 *
 * The roles a USER_UPDATE gives hold until the person's last connection leaves; ROLE_BANNED and
 * ROLE_MUTED, as bans and timeouts, outlast that (see restrictions.h for how many). */
enum reason room_order(struct room *room, const struct session_ref *from, struct envelope *draft,
		       struct room_time now, struct envelope **ordered);

/* The same for a person who is not a member: a message, or an action, that was under way when its
 * author left, or that a rule passes on from another room. The author is as the draft says; their
 * bans and mutes here are judged, the room being closed is not. Any other kind, and a private
 * message, is refused: REASON_NOT_MEMBER. */
enum reason room_order_visitor(struct room *room, struct envelope *draft, struct room_time now,
			       struct envelope **ordered);

/* Whose messages may somebody edit or delete? Their own; moderators others', too; any. */
enum whose { WHOSE_USUAL, WHOSE_OWN, WHOSE_ANY };

/* Who asks otherwise than by a connection here. */
struct room_caller {
	uint32_t form;               /* whose dialect they use */
	bool absent;                 /* are they heard without being present? */
	struct room_entrant entrant; /* person: the draft's author */
	enum whose whose;
};

/* The same for such a person. Who is present is judged as by a connection of theirs. Others, if
 * they are heard at all, as if they came in now, with the rights they would have: else
 * REASON_NOT_MEMBER. */
enum reason room_order_person(struct room *room, const struct room_caller *caller,
			      struct envelope *draft, struct room_time now,
			      struct envelope **ordered);

/* How many messages are remembered here at most. */
size_t room_remembers(const struct room *room);

/* Is the message, or what is shown as one, remembered here (deleted or not)? */
bool room_knows(const struct room *room, uint64_t id);

/* At most count newest messages, oldest first, each held for the caller. from must be a member,
 * else 0. */
size_t room_history(const struct room *room, struct session_ref from, size_t count,
		    const struct envelope **out);

/* At most count of the newest messages since that person, whose number lasts, was last here, oldest
 * first, each held for the caller: those with their content. */
size_t room_missed(const struct room *room, uint32_t person, size_t count,
		   const struct envelope **out);

/* Who comes while a poll runs is to know of it: its POLL_START, with FLAG_AGAIN and the tallies so
 * far. Returns new, or NULL when none runs. */
struct envelope *room_poll(const struct room *room);

/* What is due: the end of a poll, or more ids of removed messages (FLAG_AGAIN). Returns new: the
 * event to broadcast, or NULL. Call again until NULL. */
struct envelope *room_tick(struct room *room, struct room_time now);

/* When room_tick() next has something to do, on the steady clock; UINT64_MAX: nothing pending. */
uint64_t room_due(const struct room *room);

#endif
