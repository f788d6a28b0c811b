/* directory_accounts.h - the accounts of a directory (directory.h, which says the rest), and its
 * inside, for these two and its strangers alone. */
#ifndef BRIDGE_CORE_PEOPLE_DIRECTORY_ACCOUNTS_H
#define BRIDGE_CORE_PEOPLE_DIRECTORY_ACCOUNTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/people/parted.h"
#include "bridge/core/people/people.h"
#include "routes/room/room.h"

#define GUEST_NUMBER_FIRST ROOM_NUMBERS_LASTING /* below are claims and accounts */
#define BRIDGE_NUMBER      UINT32_C(2147483647)
#define BRIDGE_NAME        "Dragoman"

struct directory {
	pthread_mutex_t lock;
	struct people people;
	uint64_t owner_key; /* keyed hash of the owner secret; 0: there is none */
	uint32_t next_guest;
	uint64_t keep_ms; /* for so long a guest who left keeps the number */
	struct parted *parted;
	uint32_t *seen; /* owned: numbers of accounts that logged in since directory_take_seen() */
	size_t seen_count, seen_room;
};

/* One has logged in. With the lock. */
void directory_note_seen(struct directory *directory, struct user_record *record);

/* A free number for a name: the same for the same name while that is free. With the lock. */
uint32_t directory_number_of(struct directory *directory, struct slice name);

/* What stands for the secret of an account or a guest, and changes with it; 0: there is none. It
 * tells nothing of the secret to who does not know the key. */
uint64_t people_credential(const struct people *people, const struct user_record *record);

/* At start only. Copies. False when the name is empty after cleaning or it or the number is
 * taken. */
bool directory_add_account(struct directory *directory, const struct account *account)
    __attribute__((warn_unused_result));

/* Could these be the accounts of a running server? False: *which is one that nobody can have, or
 * whose name or number is the bridge's, a backend's, or that of another one of them. Fills in what
 * directory_change() needs. */
bool directory_fits(struct directory *directory, struct account *accounts, size_t count,
		    size_t *which) __attribute__((warn_unused_result));

/* From now on these are the accounts, which fit, as directory_fits() has said. Logins are judged by
 * them at once; who is connected keeps the roles it has. An account that is no more, or has another
 * number or spelling, and whoever else has a new one's name or number: their connections have to
 * end, which the caller sees to. Until they have, nobody gets that name. Main thread. Fills in what
 * of each account, and *change, which is cleared by people_change_clear(). */
void directory_change(struct directory *directory, struct account *accounts, size_t count,
		      struct people_change *change);

/* Could one more account have that name (borrows) and that number; 0: whichever? */
enum account_clash {
	ACCOUNT_FITS,
	ACCOUNT_NO_NAME,    /* nobody can have it */
	ACCOUNT_NAME_TAKEN, /* another account, a backend or the server has it */
	ACCOUNT_NUMBER_TAKEN
};
enum account_clash directory_clash(struct directory *directory, struct slice name, uint32_t number);

/* The first number from there on that nobody has, below those of guests; 0: there is none. */
uint32_t directory_free_number(struct directory *directory, uint32_t from);

/* One account more, which fits, or the secret and the roles that one has from now on. As
 * directory_change(). */
void directory_put(struct directory *directory, struct account *account,
		   struct people_change *change);

/* The account of that name (borrows), if there is one, is none any more. As directory_change(). */
void directory_drop(struct directory *directory, struct slice name, struct people_change *change);

/* An account that somebody vouches for, by its number, or its name (borrows; compared folded):
 * *who, name_out and *credential as of directory_identify(). False: it is none, or nobody's who
 * logs in. Any thread. */
bool directory_vouch(struct directory *directory, uint32_t number, struct person *who,
		     char *name_out, uint64_t *credential) __attribute__((warn_unused_result));
bool directory_vouch_name(struct directory *directory, struct slice name, struct person *who,
			  char *name_out, uint64_t *credential) __attribute__((warn_unused_result));

/* All accounts there are, by number. Returns new. */
struct directory_account {
	uint32_t number, roles, online; /* online: connections */
	char name[NAME_BYTES_MAX + 1];
};
struct directory_account *directory_accounts(struct directory *directory, size_t *count);

/* The numbers of accounts that logged in since this was called last, each once. Returns new in
 * *numbers, or NULL for none. */
size_t directory_take_seen(struct directory *directory, uint32_t **numbers);

/* Has whoever is connected under that number to go, as directory_change() said? False once they are
 * gone, and somebody else has it. Any thread. */
bool directory_evicts(struct directory *directory, uint32_t number);

#endif
