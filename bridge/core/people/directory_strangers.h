/* directory_strangers.h - people of a server that we call, in the directory (directory.h, which
 * says the rest): each has a name and a number here that nobody shares, not even who comes by a
 * backend. directory_offline() and directory_logout() end it. */
#ifndef BRIDGE_CORE_PEOPLE_DIRECTORY_STRANGERS_H
#define BRIDGE_CORE_PEOPLE_DIRECTORY_STRANGERS_H

#include <stdbool.h>
#include <stdint.h>

#include "codecs/model/envelope.h"

struct directory;

/* Somebody of that name (cleaned) and these roles; the number is found, the same for the same name
 * while it is free. They hold both, and are not online yet. *who: its name borrows as of
 * directory_login(). False: it is no name, or taken, or looks like one that is. */
bool directory_admit_stranger(struct directory *directory, const struct person *known,
			      struct person *who) __attribute__((warn_unused_result));

/* The stranger with known->number has that name and these roles from now on. False: that cannot be,
 * as above, or an account is to have the number; nothing has changed. But what borrowed the name is
 * void, in any case. */
bool directory_change_stranger(struct directory *directory, const struct person *known,
			       struct person *who) __attribute__((warn_unused_result));

/* A stranger is online from now on, if it was not: directory_offline() undoes it. */
void directory_online_stranger(struct directory *directory, uint32_t number);

/* Is it one of them? */
bool directory_is_stranger(struct directory *directory, uint32_t number);

#endif
