/* accounts.h - accounts for tests of the directory. */
#ifndef TESTS_SUPPORT_ACCOUNTS_H
#define TESTS_SUPPORT_ACCOUNTS_H

#include "bridge/core/directory.h"

/* By argon2id with little memory: of "right", of "other", and of "right" with another salt. */
#define HASH_RIGHT                                                                                 \
	"$argon2id$v=19$m=64,t=1,p=1$+xvYM18BOd4s2MmUSRtjYQ$"                                      \
	"+zlKlNPtuUPyz2eTmV7JJwm6voj+jviYQNBzvtSjU1Y"
#define HASH_OTHER                                                                                 \
	"$argon2id$v=19$m=64,t=1,p=1$T5b0emQAfp1fq42fkSMTCA$"                                      \
	"0z2bbDcRJE9QnUKiT5MDdmcjTg2FLn9cBUtC+FyPvkw"
#define HASH_AGAIN                                                                                 \
	"$argon2id$v=19$m=64,t=1,p=1$sKqS6J00296VLTT2iEgNmQ$"                                      \
	"NsHd5wGmSZjKYRMt50B/tAACfqxbNbHQKiVF6QVhUgM"

static inline struct account account_of(const char *name, uint32_t number, const char *secret,
					uint32_t roles)
{
	return (struct account){ .name = name, .number = number, .secret = secret, .roles = roles };
}

static inline bool add_account(struct directory *directory, const char *name, uint32_t number,
			       const char *secret, uint32_t roles)
{
	struct account account = account_of(name, number, secret, roles);

	return directory_add_account(directory, &account);
}

/* The same of which a hash is kept. */
static inline struct account hashed_account(const char *name, uint32_t number, const char *hash)
{
	return (struct account){ .name = name, .number = number, .secret = hash, .hashed = true };
}

#endif
