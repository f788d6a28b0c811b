#include "bridge/logins/tokens.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/secrets/token_text.h"
#include "codecs/text/index.h"
#include "codecs/text/memory.h"

_Static_assert(TOKEN_ROW_HASH == TOKEN_HASH_BYTES, "as it is kept");

#define LOOKED_AT 1024 /* in one search for what has expired */

struct token {
	struct token_row row;
	struct token *next; /* of the same person, the newest first */
	bool coming;
};

struct holder {
	uint32_t number, count;
	struct token *newest;
};

struct tokens {
	pthread_mutex_t lock;
	struct token_limits limits; /* constant */
	struct index hashes, holders;
	size_t guests; /* of them, how many are guests' */
	size_t place;  /* where the search for what has expired goes on */
};

/* Of 256 random bits, that no client chose. */
static uint64_t hash_key(const unsigned char hash[TOKEN_ROW_HASH])
{
	uint64_t key;

	memcpy(&key, hash, sizeof(key));
	return key;
}

static uint64_t token_key(const void *thing)
{
	return hash_key(((const struct token *)thing)->row.hash);
}

static uint64_t holder_key(const void *thing)
{
	return ((const struct holder *)thing)->number;
}

struct tokens *tokens_new(struct token_limits limits)
{
	struct tokens *tokens = memory_zeroed(1, sizeof(*tokens));

	pthread_mutex_init(&tokens->lock, NULL);
	tokens->limits = limits;
	tokens->hashes.key_of = token_key;
	tokens->holders.key_of = holder_key;
	return tokens;
}

static void token_free(struct token *token)
{
	explicit_bzero(token, sizeof(*token));
	free(token);
}

void tokens_free(struct tokens *tokens)
{
	struct token *token;
	struct holder *holder;
	size_t place = 0;

	if (!tokens)
		return;
	while ((token = index_next(&tokens->hashes, &place)))
		token_free(token);
	place = 0;
	while ((holder = index_next(&tokens->holders, &place)))
		free(holder);
	index_clear(&tokens->hashes);
	index_clear(&tokens->holders);
	pthread_mutex_destroy(&tokens->lock);
	free(tokens);
}

uint64_t tokens_last_ms(const struct tokens *tokens)
{
	return tokens->limits.lasts_ms;
}

/* ---- with the lock ---- */

/* By the first bits of the hash; that all of it fits is compared in constant time. NULL: none. */
static struct token *find(const struct tokens *tokens, const unsigned char hash[TOKEN_ROW_HASH])
{
	struct token *token = index_find(&tokens->hashes, hash_key(hash));

	return token && token_hash_equal(token->row.hash, hash) ? token : NULL;
}

static struct holder *holder_of(struct tokens *tokens, uint32_t number)
{
	struct holder *holder = index_find(&tokens->holders, number);

	if (holder)
		return holder;
	holder = memory_zeroed(1, sizeof(*holder));
	holder->number = number;
	index_add(&tokens->holders, holder);
	return holder;
}

static void take_out(struct tokens *tokens, struct token *token)
{
	struct holder *holder = index_find(&tokens->holders, token->row.number);
	struct token **link = &holder->newest;

	while (*link != token)
		link = &(*link)->next;
	*link = token->next;
	if (--holder->count == 0) {
		index_remove(&tokens->holders, holder);
		free(holder);
	}
	tokens->guests -= token->row.kind == HOLDER_GUEST;
	index_remove(&tokens->hashes, token);
	token_free(token);
}

static bool oldest_goes(struct tokens *tokens, uint32_t number, struct token_row *was)
{
	const struct holder *holder = index_find(&tokens->holders, number);
	struct token *oldest;

	if (!holder || holder->count < tokens->limits.per_person)
		return false;
	oldest = holder->newest;
	while (oldest->next)
		oldest = oldest->next;
	*was = oldest->row;
	take_out(tokens, oldest);
	return true;
}

static void add(struct tokens *tokens, const struct token_row *row, bool coming)
{
	struct holder *holder = holder_of(tokens, row->number);
	struct token *token = memory_zeroed(1, sizeof(*token));
	struct token **link = &holder->newest;

	token->row = *row;
	token->coming = coming;
	while (*link && (*link)->row.issued_ms > row->issued_ms)
		link = &(*link)->next;
	token->next = *link;
	*link = token;
	holder->count++;
	tokens->guests += row->kind == HOLDER_GUEST;
	index_add(&tokens->hashes, token);
}

/* Anybody can be any number of guests: half is left to others. */
static bool has_room(const struct tokens *tokens, enum holder_kind kind)
{
	return tokens->hashes.count < tokens->limits.count &&
	       (kind != HOLDER_GUEST || tokens->guests < (tokens->limits.count + 1) / 2);
}

/* ---- without ---- */

bool tokens_add(struct tokens *tokens, const struct token_row *row, bool coming, bool *gone,
		struct token_row *was)
{
	bool added;

	*gone = false;
	pthread_mutex_lock(&tokens->lock);
	added = !find(tokens, row->hash);
	if (added)
		*gone = oldest_goes(tokens, row->number, was);
	added = added && has_room(tokens, row->kind);
	if (added)
		add(tokens, row, coming);
	pthread_mutex_unlock(&tokens->lock);
	return added;
}

void tokens_settle(struct tokens *tokens, const unsigned char hash[TOKEN_ROW_HASH], bool stored)
{
	struct token *token;

	pthread_mutex_lock(&tokens->lock);
	token = find(tokens, hash);
	if (token && stored)
		token->coming = false;
	else if (token)
		take_out(tokens, token);
	pthread_mutex_unlock(&tokens->lock);
}

static bool has_expired(const struct token *token, uint64_t wall_ms)
{
	return token->row.expires_ms && token->row.expires_ms <= wall_ms;
}

bool tokens_find(struct tokens *tokens, struct slice text, uint64_t wall_ms, struct token_row *row)
{
	unsigned char hash[TOKEN_HASH_BYTES];
	const struct token *token;

	if (!token_text_is(text))
		return false;
	token_text_hash(text, hash);
	pthread_mutex_lock(&tokens->lock);
	token = find(tokens, hash);
	if (token && (token->coming || has_expired(token, wall_ms)))
		token = NULL;
	if (token)
		*row = token->row;
	pthread_mutex_unlock(&tokens->lock);
	return token != NULL;
}

bool tokens_remove(struct tokens *tokens, const unsigned char hash[TOKEN_ROW_HASH],
		   struct token_row *row)
{
	struct token *token;

	pthread_mutex_lock(&tokens->lock);
	token = find(tokens, hash);
	if (token) {
		*row = token->row;
		take_out(tokens, token);
	}
	pthread_mutex_unlock(&tokens->lock);
	return token != NULL;
}

static int by_number(const void *a, const void *b)
{
	const struct token_row *left = a, *right = b;

	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	if (left->issued_ms != right->issued_ms)
		return left->issued_ms < right->issued_ms ? -1 : 1;
	return memcmp(left->hash, right->hash, TOKEN_ROW_HASH);
}

size_t tokens_list(struct tokens *tokens, uint32_t number, struct token_row **rows)
{
	const struct token *token;
	size_t count = 0, place = 0;

	pthread_mutex_lock(&tokens->lock);
	*rows = memory_zeroed(tokens->hashes.count + 1, sizeof(**rows));
	while ((token = index_next(&tokens->hashes, &place)))
		if (!token->coming && (!number || token->row.number == number))
			(*rows)[count++] = token->row;
	pthread_mutex_unlock(&tokens->lock);
	qsort(*rows, count, sizeof(**rows), by_number);
	return count;
}

size_t tokens_expire(struct tokens *tokens, uint64_t wall_ms, struct token_row *rows, size_t most)
{
	struct token *token = NULL;
	size_t count = 0, looked = 0;

	pthread_mutex_lock(&tokens->lock);
	while (count < most && looked++ < LOOKED_AT &&
	       (token = index_next(&tokens->hashes, &tokens->place)))
		if (!token->coming && has_expired(token, wall_ms))
			rows[count++] = token->row;
	if (!token)
		tokens->place = 0;
	for (size_t i = 0; i < count; i++)
		take_out(tokens, find(tokens, rows[i].hash));
	pthread_mutex_unlock(&tokens->lock);
	return count;
}
