#include "bridge/logins/slowing.h"

#include <pthread.h>
#include <stdlib.h>

#include "codecs/text/memory.h"

#define WAYS         4 /* places that a key may have */
#define SETS         (SLOWING_PLACES / WAYS)
#define FIRST_MS     UINT64_C(1000)
#define FORGET_TIMES 10

/* An address, or a name. */
struct suspect {
	uint64_t key; /* 0: a free place */
	uint64_t failed_ms, until_ms;
	uint32_t failures;
	uint32_t looked_at; /* logins under way */
};

struct slowing {
	pthread_mutex_t lock;
	struct slowing_limits limits;
	struct suspect addresses[SLOWING_PLACES], names[SLOWING_PLACES];
	uint64_t known[SLOWING_PLACES]; /* a name and an address that it came from */
};

struct slowing *slowing_new(struct slowing_limits limits)
{
	struct slowing *slowing = memory_zeroed(1, sizeof(*slowing));

	pthread_mutex_init(&slowing->lock, NULL);
	slowing->limits = limits;
	return slowing;
}

void slowing_free(struct slowing *slowing)
{
	if (!slowing)
		return;
	pthread_mutex_destroy(&slowing->lock);
	free(slowing);
}

/* ---- with the lock ---- */

static bool is_forgotten(const struct slowing *slowing, const struct suspect *suspect,
			 uint64_t now_ms)
{
	return suspect->looked_at == 0 &&
	       (suspect->failures == 0 ||
		now_ms >= suspect->failed_ms + FORGET_TIMES * slowing->limits.most_ms);
}

/* NULL: nothing is known of it. */
static struct suspect *find(struct suspect *suspects, uint64_t key)
{
	struct suspect *set = &suspects[key % SETS * WAYS];

	for (size_t i = 0; i < WAYS; i++)
		if (key && set[i].key == key)
			return &set[i];
	return NULL;
}

/* Who failed more is worth more: else whoever tries many names makes room. */
static bool is_worth_less(const struct suspect *a, const struct suspect *b)
{
	if (!a->looked_at != !b->looked_at)
		return !a->looked_at;
	return a->failures != b->failures ? a->failures < b->failures : a->failed_ms < b->failed_ms;
}

static struct suspect *find_or_make(struct slowing *slowing, struct suspect *suspects, uint64_t key,
				    uint64_t now_ms)
{
	struct suspect *set = &suspects[key % SETS * WAYS], *found = find(suspects, key);
	struct suspect *place = &set[0];

	if (found && !is_forgotten(slowing, found, now_ms))
		return found;
	for (size_t i = 1; i < WAYS && !found; i++)
		if (is_forgotten(slowing, &set[i], now_ms) ||
		    (!is_forgotten(slowing, place, now_ms) && is_worth_less(&set[i], place)))
			place = &set[i];
	place = found ? found : place;
	*place = (struct suspect){ .key = key };
	return place;
}

static bool may_try(const struct slowing *slowing, const struct suspect *suspect, uint64_t now_ms)
{
	uint32_t most = slowing->limits.failures;

	if (!suspect || is_forgotten(slowing, suspect, now_ms))
		return true;
	/* All connections of a program may come back at once. */
	if (suspect->failures == 0)
		return suspect->looked_at < SLOWING_AT_ONCE * (uint64_t)most;
	if (suspect->failures < most)
		return suspect->looked_at < most - suspect->failures;
	return suspect->looked_at == 0 && now_ms >= suspect->until_ms;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void count_failure(struct slowing *slowing, struct suspect *suspects, uint64_t key,
			  uint64_t most_ms, uint64_t now_ms)
{
	struct suspect *suspect = find_or_make(slowing, suspects, key, now_ms);
	uint64_t pause_ms = FIRST_MS;

	suspect->failures += suspect->failures < UINT32_MAX;
	suspect->failed_ms = later(suspect->failed_ms, now_ms);
	for (uint32_t i = slowing->limits.failures; i < suspect->failures && pause_ms < most_ms;
	     i++)
		pause_ms *= 2;
	suspect->until_ms =
	    later(suspect->until_ms, now_ms + (pause_ms < most_ms ? pause_ms : most_ms));
}

static void failed(struct slowing *slowing, const struct slowing_who *who, uint64_t now_ms)
{
	uint64_t most_ms = slowing->limits.most_ms;
	uint64_t name_ms = most_ms < SLOWING_NAME_MAX_MS ? most_ms : SLOWING_NAME_MAX_MS;

	if (who->address)
		count_failure(slowing, slowing->addresses, who->address, most_ms, now_ms);
	if (who->name)
		count_failure(slowing, slowing->names, who->name, name_ms, now_ms);
	if (who->other)
		count_failure(slowing, slowing->names, who->other, name_ms, now_ms);
}

/* Both are keyed already. */
static uint64_t pair_of(uint64_t address, uint64_t name)
{
	return (name ^ (address << 32 | address >> 32)) | 1;
}

static uint64_t *known_place(struct slowing *slowing, uint64_t pair)
{
	return &slowing->known[pair / 2 % SLOWING_PLACES];
}

static bool may_try_name(struct slowing *slowing, uint64_t address, uint64_t name, uint64_t now_ms)
{
	uint64_t pair = pair_of(address, name);

	return !name || (address && *known_place(slowing, pair) == pair) ||
	       may_try(slowing, find(slowing->names, name), now_ms);
}

static enum reason judge(struct slowing *slowing, const struct slowing_who *who, uint64_t now_ms)
{
	if (who->address && !may_try(slowing, find(slowing->addresses, who->address), now_ms))
		return REASON_RATE_LIMITED;
	return may_try_name(slowing, who->address, who->name, now_ms) &&
		       may_try_name(slowing, who->address, who->other, now_ms)
		   ? REASON_NONE
		   : REASON_BUSY;
}

static void look_at(struct slowing *slowing, struct suspect *suspects, uint64_t key,
		    uint64_t now_ms)
{
	if (key)
		find_or_make(slowing, suspects, key, now_ms)->looked_at++;
}

static void looked_at(struct suspect *suspects, uint64_t key)
{
	struct suspect *suspect = find(suspects, key);

	if (suspect && suspect->looked_at > 0)
		suspect->looked_at--;
}

/* ---- without ---- */

enum reason slowing_begin(struct slowing *slowing, const struct slowing_who *who, uint64_t now_ms)
{
	enum reason reason;

	if (slowing->limits.failures == 0)
		return REASON_NONE;
	pthread_mutex_lock(&slowing->lock);
	reason = judge(slowing, who, now_ms);
	if (reason == REASON_NONE) {
		look_at(slowing, slowing->addresses, who->address, now_ms);
		look_at(slowing, slowing->names, who->name, now_ms);
		look_at(slowing, slowing->names, who->other, now_ms);
	}
	pthread_mutex_unlock(&slowing->lock);
	return reason;
}

void slowing_end(struct slowing *slowing, const struct slowing_who *who,
		 enum slowing_outcome outcome, uint64_t now_ms)
{
	uint64_t pair = pair_of(who->address, who->name);

	if (slowing->limits.failures == 0)
		return;
	pthread_mutex_lock(&slowing->lock);
	looked_at(slowing->addresses, who->address);
	looked_at(slowing->names, who->name);
	looked_at(slowing->names, who->other);
	if (outcome == SLOWING_FAILED)
		failed(slowing, who, now_ms);
	if (outcome == SLOWING_GIVEN_UP)
		failed(slowing, &(struct slowing_who){ .address = who->address }, now_ms);
	if (outcome == SLOWING_PASSED && who->name && who->address)
		*known_place(slowing, pair) = pair;
	pthread_mutex_unlock(&slowing->lock);
}

void slowing_failed(struct slowing *slowing, const struct slowing_who *who, uint64_t now_ms)
{
	if (slowing->limits.failures == 0)
		return;
	pthread_mutex_lock(&slowing->lock);
	failed(slowing, who, now_ms);
	pthread_mutex_unlock(&slowing->lock);
}
