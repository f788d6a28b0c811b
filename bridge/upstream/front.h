/* front.h - clients of ours whose server is another one: each has a link there of its own. And what
 * links of any kind have to do when they come up or go down. */
#ifndef BRIDGE_UPSTREAM_FRONT_H
#define BRIDGE_UPSTREAM_FRONT_H

#include "bridge/upstream/state.h"

/* A login of a client, post->backend being the upstream: it is answered when its link is up, or
 * refused. Takes the claim out. Without a claim: the asker's logins are over, whether they were
 * answered or not. */
void front_login(struct upstream *upstream, struct post_backend *post);

/* The hooks: see bridge/routing/upstream_hooks.h. */
bool front_take(struct upstream *upstream, struct post_draft *draft);
enum reason front_may_enter(const struct upstream *upstream, const struct asker *asker,
			    const struct person *person, bool guest);
void front_entered(struct upstream *upstream, const struct asker *asker,
		   const struct person *person);
void front_left(struct upstream *upstream, const struct asker *asker);

/* The link's login is done: as whom (borrows). */
void front_link_up(struct link *link, const struct foreign_person *self);

/* It failed; was_up: it had been up. */
void front_link_down(struct link *link, bool was_up);

/* It is over. */
void front_link_ended(struct link *link, enum reason reason);

/* Whose sessions never came in. */
void front_tick(struct upstream *upstream);

#endif
