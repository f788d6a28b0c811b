/* roster.h - the accounts made at run time, in memory, as the store has them. Those of the
 * configuration are authoritative: where it has the name or the number of one of these, this one is
 * shadowed, and holds again when the configuration lets go. Main thread. */
#ifndef BRIDGE_DURABLE_ROSTER_H
#define BRIDGE_DURABLE_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/people/people.h"
#include "bridge/durable/lasting.h"
#include "codecs/text/hash.h"
#include "conf/conf.h"

/* Numbers that accounts made at run time get unless they are told one: each once, whatever becomes
 * of the account. Guests' are above (bridge/core/directory.h). */
#define ROSTER_NUMBER_FIRST UINT32_C(500000000)

/* Of struct roster's next, in the store. */
#define ROSTER_NUMBER_NEXT "account_next"

struct roster_entry {
	UT_hash_handle by_name, by_number;
	struct lasting_person person;
	bool coming;    /* it is being stored, and no account yet */
	bool changing;  /* a change of it is being stored */
	bool shadowed;  /* by the configuration, ... */
	bool to_shadow; /* ... and by the one of roster_plan() */
	bool barred;    /* a backend or the server has the name */
	size_t folded_len;
	char folded[];
};

struct roster {
	struct roster_entry *names, *numbers; /* tables of the same */
	uint32_t
	    guests_end; /* guests get no number from there on, until a higher mark is stored: */
	bool guests_under_way, guests_unstored; /* it is being; it could not be */
	uint32_t next; /* no number from here on was given, of those that are given by themselves */
};

/* Returns new, empty. */
struct roster *roster_new(void);

/* NULL is ignored. */
void roster_free(struct roster *roster);

size_t roster_count(const struct roster *roster);

/* Adds one (copies). NULL: the name is none, or name or number is another one's. Borrowed. */
struct roster_entry *roster_add(struct roster *roster, const struct lasting_person *person);

/* Frees it. */
void roster_remove(struct roster *roster, struct roster_entry *entry);

/* NULL: there is none. name: folded here. */
struct roster_entry *roster_find(const struct roster *roster, struct slice name);
struct roster_entry *roster_find_number(const struct roster *roster, uint32_t number);

/* All, in the order they were added; NULL for the first, and when that was the last. */
struct roster_entry *roster_next(const struct roster *roster, const struct roster_entry *entry);

/* The accounts of a configuration (borrows; as many as it has, takes the array) and those here that
 * it leaves (borrows), in one. *count: how many. It is not in force before roster_follow(). Returns
 * new. */
struct account *roster_plan(struct roster *roster, const struct conf *conf,
			    struct account *accounts, size_t *count);

/* The configuration of the last roster_plan() holds. Warns in the log of accounts that do not count
 * then. */
void roster_follow(struct roster *roster);

/* Does it count, neither shadowed nor barred nor about to come? */
bool roster_holds(const struct roster_entry *entry);

/* As the directory takes it; borrows from the entry. */
struct account roster_account(const struct roster_entry *entry);

#endif
