#include "bridge/core/people/bans.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

struct bans {
	pthread_mutex_t lock;
	atomic_size_t count;
	struct ban *each; /* the oldest first */
	size_t capacity;
};

struct bans *bans_new(void)
{
	struct bans *bans = memory_zeroed(1, sizeof(*bans));

	pthread_mutex_init(&bans->lock, NULL);
	return bans;
}

void bans_free(struct bans *bans)
{
	if (!bans)
		return;
	pthread_mutex_destroy(&bans->lock);
	free(bans->each);
	free(bans);
}

bool bans_any(const struct bans *bans)
{
	return atomic_load_explicit(&bans->count, memory_order_relaxed) > 0;
}

/* With the lock. */
static void take_out(struct bans *bans, size_t place)
{
	size_t after = bans->count - place - 1;

	memmove(&bans->each[place], &bans->each[place + 1], after * sizeof(*bans->each));
	bans->count--;
}

static void forget_over(struct bans *bans, uint64_t now_ms)
{
	for (size_t i = bans->count; i-- > 0;)
		if (bans->each[i].until_ms <= now_ms)
			take_out(bans, i);
}

static bool is_target(const struct ban *ban, const char *target, const struct network *network,
		      struct slice folded)
{
	if (network)
		return ban->by_network && ban->network.bits == network->bits &&
		       memcmp(&ban->network.base, &network->base, sizeof(network->base)) == 0;
	if (ban->by_network || target[0] == '#' || ban->target[0] == '#')
		return strcmp(ban->target, target) == 0;
	return slice_equal(slice_span(ban->folded, ban->folded_len), folded);
}

/* NULL: none. */
static struct ban *find(struct bans *bans, const char *target)
{
	char folded[NAME_FOLDED_MAX];
	struct slice name = slice_span(folded, name_fold(slice_of(target), folded));
	struct network network;
	bool by_network = network_read(target, strlen(target), &network);

	for (size_t i = 0; i < bans->count; i++)
		if (is_target(&bans->each[i], target, by_network ? &network : NULL, name))
			return &bans->each[i];
	return NULL;
}

static bool has_address(const struct ban *ban, uint64_t address)
{
	for (size_t i = 0; i < ban->address_count; i++)
		if (ban->addresses[i] == address)
			return true;
	return false;
}

static void add_addresses(struct ban *ban, const uint64_t *addresses, size_t count)
{
	for (size_t i = 0; i < count && ban->address_count < BAN_ADDRESSES_MAX; i++)
		if (!has_address(ban, addresses[i]))
			ban->addresses[ban->address_count++] = addresses[i];
}

static void put(struct bans *bans, const struct ban *ban)
{
	if (bans->count == bans->capacity) {
		bans->capacity = bans->capacity ? 2 * bans->capacity : 16;
		bans->each = memory_resize(bans->each, bans->capacity * sizeof(*bans->each));
	}
	bans->each[bans->count] = *ban;
	bans->count++;
}

bool bans_add(struct bans *bans, const struct ban *ban, uint64_t now_ms)
{
	struct ban *before, added = *ban;
	bool fits;

	pthread_mutex_lock(&bans->lock);
	before = find(bans, ban->target);
	if (before && before->until_ms > now_ms)
		add_addresses(&added, before->addresses, before->address_count);
	if (before)
		take_out(bans, (size_t)(before - bans->each));
	if (bans->count == BANS_MAX)
		forget_over(bans, now_ms);
	fits = bans->count < BANS_MAX;
	if (fits)
		put(bans, &added);
	pthread_mutex_unlock(&bans->lock);
	return fits;
}

void bans_add_addresses(struct bans *bans, const char *target, const uint64_t *addresses,
			size_t count)
{
	struct ban *ban;

	pthread_mutex_lock(&bans->lock);
	ban = find(bans, target);
	if (ban)
		add_addresses(ban, addresses, count);
	pthread_mutex_unlock(&bans->lock);
}

bool bans_get(struct bans *bans, const char *target, struct ban *out)
{
	const struct ban *ban;

	pthread_mutex_lock(&bans->lock);
	ban = find(bans, target);
	if (ban)
		*out = *ban;
	pthread_mutex_unlock(&bans->lock);
	return ban != NULL;
}

bool bans_lift(struct bans *bans, const char *target, struct ban *lifted)
{
	struct ban *ban;

	pthread_mutex_lock(&bans->lock);
	ban = find(bans, target);
	if (ban && lifted)
		*lifted = *ban;
	if (ban)
		take_out(bans, (size_t)(ban - bans->each));
	pthread_mutex_unlock(&bans->lock);
	return ban != NULL;
}

size_t bans_list(struct bans *bans, uint64_t now_ms, size_t from, struct ban *out, size_t max)
{
	size_t count = 0;

	pthread_mutex_lock(&bans->lock);
	forget_over(bans, now_ms);
	for (size_t i = from; i < bans->count && count < max; i++)
		out[count++] = bans->each[i];
	pthread_mutex_unlock(&bans->lock);
	return count;
}

static bool is_about(const struct ban *ban, uint32_t number, struct slice folded,
		     uint64_t guest_address)
{
	if (ban->number && ban->number == number)
		return true;
	if (ban->folded_len && slice_equal(slice_span(ban->folded, ban->folded_len), folded))
		return true;
	for (size_t i = 0; guest_address && i < ban->address_count; i++)
		if (ban->addresses[i] == guest_address)
			return true;
	return false;
}

bool bans_hold_person(struct bans *bans, const struct person *person, uint64_t guest_address,
		      uint64_t now_ms)
{
	char folded[NAME_FOLDED_MAX];
	struct slice name;
	bool held = false;

	if (!bans_any(bans))
		return false;
	name = slice_span(folded, name_fold(person->name, folded));
	pthread_mutex_lock(&bans->lock);
	for (size_t i = 0; i < bans->count && !held; i++)
		held = bans->each[i].until_ms > now_ms &&
		       is_about(&bans->each[i], person->number, name, guest_address);
	pthread_mutex_unlock(&bans->lock);
	return held;
}

bool bans_hold_address(struct bans *bans, const char *address, uint64_t now_ms)
{
	struct network_address read;
	bool held = false;

	if (!bans_any(bans) || !network_address_read(address, strlen(address), &read))
		return false;
	pthread_mutex_lock(&bans->lock);
	for (size_t i = 0; i < bans->count && !held; i++)
		held = bans->each[i].by_network && bans->each[i].until_ms > now_ms &&
		       network_holds(&bans->each[i].network, &read);
	pthread_mutex_unlock(&bans->lock);
	return held;
}
