/* strangers.h - the people of a server that we call, as people here. Each has a name and a number
 * of its own in the directory: the same name has the same number whenever the server starts, as
 * long as nobody else has taken it meanwhile.
 *
 * They are shown under their name there, cleaned; if that is taken here, or looks like one that is,
 * or speaks as the bridge does, as "NAME@UPSTREAM", then as "NAME-2@UPSTREAM" and so on; a name
 * that cannot be one, as "user-ID@UPSTREAM".
 *
 * What roles they have there gives them no right here: only those that are for show count.
 *
 * One thread at a time: that of the room that the upstream is linked to. */
#ifndef BRIDGE_UPSTREAM_STRANGERS_H
#define BRIDGE_UPSTREAM_STRANGERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/bridge.h"
#include "codecs/calls.h"
#include "codecs/model/envelope.h"
#include "codecs/text/slice.h"

#define STRANGERS_MAX (UINT32_C(1) << 24)

struct strangers;

/* Valid until it is gone; what the slices point at, until it is met the next time. */
struct stranger {
	struct slice id;   /* there */
	struct slice name; /* the same: its first NAME_BYTES_MAX bytes; absent: not known */
	struct person person;
	uint32_t roles_there; /* enum person_role bits, as it was said last */
	bool online;          /* as strangers_set_online() said; at first not */
	bool seated;          /* as strangers_set_seated() said; at first not */
	bool ours;            /* as strangers_alias() said */
	uint32_t place;       /* below STRANGERS_MAX: nobody else's as long as it is here */
	uint64_t used_ms;     /* when it was met last */
};

/* Somebody goes: it is not at hand any more, or is about to have another name. In that case it
 * comes back by what strangers_meet() returns then: at the same place, as online as before, with
 * the same number (but for one that an account is to have), not seated. Calls nothing of this
 * header but the setters. */
typedef void strangers_gone(void *owner, const struct stranger *stranger);

/* Of the upstream of that name (copied), at most that many, 1 or more; bridge is borrowed. Returns
 * new. */
struct strangers *strangers_new(struct bridge *bridge, const char *upstream, size_t most,
				strangers_gone *gone, void *owner);

/* NULL is ignored. Nobody is told that they are gone. now_ms: as of directory_login(). */
void strangers_free(struct strangers *strangers, uint64_t now_ms);

/* Who that is here; made if it is new: in place of the one who was not met for the longest time, of
 * those who are not online if there are any. Without a name it has the one it had. NULL: it has no
 * id, or one longer than FOREIGN_ID_MAX, or no name could be found. */
const struct stranger *strangers_meet(struct strangers *strangers,
				      const struct foreign_person *person, uint64_t now_ms);

/* NULL: not met (any more). */
const struct stranger *strangers_find_id(const struct strangers *strangers, struct slice id);
const struct stranger *strangers_find_number(const struct strangers *strangers, uint32_t number);

/* All, one by one: *place is 0 at first. NULL: that was the last. */
const struct stranger *strangers_next(const struct strangers *strangers, uint32_t *place);

void strangers_set_online(struct strangers *strangers, const struct stranger *stranger,
			  bool online);
void strangers_set_seated(struct strangers *strangers, const struct stranger *stranger,
			  bool seated);

/* That id there (at most FOREIGN_ID_MAX bytes) is somebody who is here by other means, as long as
 * strangers_unalias() is not called: nothing of it is admitted, renamed, or goes to make room.
 * Copies; who it was before is gone. False: it cannot be an id. */
bool strangers_alias(struct strangers *strangers, struct slice id, const struct person *person,
		     uint64_t now_ms) __attribute__((warn_unused_result));

/* Ignored when it is none. */
void strangers_unalias(struct strangers *strangers, struct slice id, uint64_t now_ms);

/* Accounts were made or changed: who has a name or a number that one of them is to have goes. */
void strangers_yield(struct strangers *strangers, uint64_t now_ms);

size_t strangers_count(const struct strangers *strangers); /* but for those that are ours */

#endif
