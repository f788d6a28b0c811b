/* people.h - the records of the directory: who has which name and number. For directory.c, which
 * holds a lock around every call. */
#ifndef BRIDGE_CORE_PEOPLE_PEOPLE_H
#define BRIDGE_CORE_PEOPLE_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/model/identity.h"
#include "codecs/text/index.h"
#include "codecs/text/name.h"
#include "codecs/text/slice.h"

#define LOOKS 2

/* Where somebody is found by the name, or by how it looks: keyed hashes. */
struct keys {
	uint64_t name, looks[LOOKS];
};

/* An account as a configuration says. */
struct account {
	const char *name, *secret;
	uint32_t number, roles;                                   /* roles: enum person_role bits */
	bool hashed;                                              /* secret is one by argon2id */
	enum { ACCOUNT_SAME, ACCOUNT_NEW, ACCOUNT_CHANGED } what; /* by people_change() */
	/* By people_prepare(). */
	char clean[NAME_BYTES_MAX];
	size_t clean_len; /* 0: nobody can have it */
	struct keys keys;
};

/* It is found by numbers a client cannot choose freely: keyed hashes of the folded name and of its
 * looks; and by the person's number. */
struct user_record {
	uint64_t name_key, looks[LOOKS];
	uint64_t secret_key; /* keyed hash of the secret; 0: none was shown, or there is ... */
	char *hash;          /* ... an account's by argon2id; owned; NULL: none */
	uint32_t number;
	uint32_t roles;
	uint32_t connections, online; /* logged in; of those, not on their way out */
	uint32_t following;           /* of these, can come into other rooms */
	bool account : 1;             /* of the configuration, or nobody's who logs in */
	bool configured : 1;          /* of the configuration */
	bool kept : 1, replaced : 1;  /* of people_change(): it is one still, or in part */
	bool evicted : 1;             /* its last connections are on their way out */
	bool admitted : 1;            /* by a backend */
	bool stranger : 1;            /* of a server that we call: directory_strangers.h */
	bool noted : 1;               /* that it logged in: directory_take_seen() */
	uint8_t name_len;             /* bytes, at most NAME_BYTES_MAX */
	char name[];
};

struct waiting;

struct people {
	const struct id_key *key;
	struct index names, numbers;
	/* By either look; the second only where it differs. Accounts that look alike are all
	 * there. */
	struct index looks[LOOKS];
	struct waiting *waiting; /* accounts whose name or number somebody still has */
	char **hashes;           /* those of all accounts of the configuration; owned, each */
	size_t hash_count;
};

/* Nobody yet. Borrows key for as long as people are kept. */
void people_init(struct people *people, const struct id_key *key);

/* Frees all records. */
void people_clear(struct people *people);

/* The keyed hash of a secret; 0: there is none. */
uint64_t people_secret(const struct people *people, struct slice secret);

/* The keyed hash of a folded name. False when nobody can have it. */
bool people_key(const struct people *people, struct slice name, uint64_t *key);

/* The same with the looks, for who comes to stay: some microseconds, for which no lock is needed.
 */
bool people_keys(const struct people *people, struct slice name, struct keys *keys);

/* Does nobody have a name that looks like this one, and no account wait for one? */
bool people_looks_are_free(const struct people *people, const struct keys *keys);

/* NULL: nobody has it. */
struct user_record *people_by_key(const struct people *people, uint64_t key);
struct user_record *people_by_number(const struct people *people, uint32_t number);

/* Does nobody have it, and no account wait for it? */
bool people_key_is_free(const struct people *people, uint64_t key);
bool people_number_is_free(const struct people *people, uint32_t number);

/* Is it one of an account's, of a backend's, or the server's? NULL is not. */
bool people_is_account(const struct user_record *record);

/* Does an account wait for that key, or that number? 0: for none. */
bool people_waits_for(const struct people *people, uint64_t key, uint32_t number);

/* Somebody new; clean (copied), keys->name and number are nobody else's. */
struct user_record *people_add(struct people *people, struct slice clean, const struct keys *keys,
			       uint32_t number);

/* Frees the record. Who waited for its name or number gets it. */
void people_remove(struct people *people, struct user_record *record);

/* One of an account of the configuration's hashes, always the same for the same key. NULL: there is
 * none. Borrows until accounts change. */
const char *people_some_hash(const struct people *people, uint64_t key);

/* ---- accounts ---- */

/* Adds one at start: clean is its name, cleaned, which like its number nobody has. */
void people_add_account(struct people *people, const struct account *account, struct slice clean,
			const struct keys *keys);

/* What people_change() found. */
struct people_change {
	uint32_t *gone; /* owned: whose connections have to end now; nobody joins them any more */
	size_t gone_count;
	char **removed; /* owned, each: names of accounts that are no more */
	size_t removed_count;
};

/* Fills in where each is found, for what follows: some microseconds for each, for which no lock is
 * needed. */
void people_prepare(const struct people *people, struct account *accounts, size_t count);

/* See directory_fits(), directory_change(). The accounts are prepared. */
bool people_fit(const struct people *people, const struct account *accounts, size_t count,
		size_t *which);
void people_change(struct people *people, struct account *accounts, size_t count,
		   struct people_change *change);

/* See directory_put(), directory_drop(). */
void people_put(struct people *people, struct account *account, struct people_change *change);
void people_drop(struct people *people, uint64_t key, struct people_change *change);

/* Frees what is owned. */
void people_change_clear(struct people_change *change);

#endif
