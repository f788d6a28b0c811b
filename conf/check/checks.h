/* checks.h - what the checks of names share: who exists, who is there twice. Called by the
 * resolve*.c files only. */
#ifndef CONF_CHECK_CHECKS_H
#define CONF_CHECK_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "conf/read/entries.h"
#include "conf/read/reader.h"

struct config_setting_t;

/* The names that others may refer to; those of a list in which some could not be read are unsure.
 * Borrows them from the configuration. */
struct roster {
	struct entries rooms, accounts, backends, taps, upstreams;
};

/* root is the tree conf was read from. */
void roster_init(struct roster *roster, struct config_setting_t *root, const struct conf *conf);
void roster_clear(struct roster *roster);

/* One of a list's groups; NULL when list is NULL or has not so many. */
struct config_setting_t *group_at(struct config_setting_t *list, size_t index);

/* Does group have a directive of that name? False when group is NULL or no group. */
bool group_gives(struct config_setting_t *group, const char *name);

/* Is a fault told of the directive of that name in group, or may it be among what could not be read
 * there? Then nothing that follows from its value is told. False when group is NULL. */
bool group_told(struct config_setting_t *group, const char *name);

/* The fault of a name that is in neither known nor more (may be NULL), with a guess:
 * "unknown room 'loby', did you mean 'lobby'?" */
void unknown_name(struct reader *reader, struct config_setting_t *group, const char *member,
		  const char *what, const char *name, const struct entries *known,
		  const struct entries *more);

/* Whose a key is: "the tap in line 7". */
struct claim {
	struct config_setting_t *group;
	const char *title;
};

/* The groups of a list, all of one title. Returns new; free() it. */
struct claim *claims_of(struct config_setting_t *list, size_t count, const char *title);

/* Sorts and clears entries, whose indices are those of claims; says of each that is there twice
 * where it stood first. */
void refuse_repeated(struct reader *reader, const struct claim *claims, struct entries *entries,
		     const char *member);

#endif
