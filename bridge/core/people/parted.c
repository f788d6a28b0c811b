#include "bridge/core/people/parted.h"

#include <stdlib.h>

#include <utlist.h>

#include "codecs/text/hash.h"
#include "codecs/text/memory.h"

struct leaver {
	uint64_t guest;
	uint32_t number;
	uint64_t until_ms;
	struct leaver *prev, *next;
	UT_hash_handle by_guest, by_number;
};

struct parted {
	struct leaver *guests, *numbers; /* tables of the same */
	struct leaver *oldest;           /* a list of them */
	uint32_t count;
};

struct parted *parted_new(void)
{
	return memory_zeroed(1, sizeof(struct parted));
}

static void forget(struct parted *parted, struct leaver *leaver)
{
	HASH_DELETE(by_guest, parted->guests, leaver);
	HASH_DELETE(by_number, parted->numbers, leaver);
	DL_DELETE(parted->oldest, leaver);
	parted->count--;
	free(leaver);
}

void parted_free(struct parted *parted)
{
	if (!parted)
		return;
	while (parted->oldest)
		forget(parted, parted->oldest);
	free(parted);
}

/* Workers' clocks differ by a turn, and a reload may change how long: the rest waits its time. */
static void forget_old(struct parted *parted, uint64_t now_ms)
{
	while (parted->oldest && parted->oldest->until_ms <= now_ms)
		forget(parted, parted->oldest);
}

void parted_keep(struct parted *parted, uint64_t guest, uint32_t number, uint64_t now_ms,
		 uint64_t keep_ms)
{
	struct leaver *leaver;

	forget_old(parted, now_ms);
	HASH_FIND(by_guest, parted->guests, &guest, sizeof(guest), leaver);
	if (leaver)
		forget(parted, leaver);
	if (!keep_ms)
		return;
	if (parted->count == PARTED_MAX)
		forget(parted, parted->oldest);
	leaver = memory_zeroed(1, sizeof(*leaver));
	leaver->guest = guest;
	leaver->number = number;
	leaver->until_ms = now_ms + keep_ms;
	HASH_ADD(by_guest, parted->guests, guest, sizeof(leaver->guest), leaver);
	HASH_ADD(by_number, parted->numbers, number, sizeof(leaver->number), leaver);
	DL_APPEND(parted->oldest, leaver);
	parted->count++;
}

uint32_t parted_take(struct parted *parted, uint64_t guest, uint64_t now_ms)
{
	struct leaver *leaver;
	uint32_t number = 0;

	forget_old(parted, now_ms);
	HASH_FIND(by_guest, parted->guests, &guest, sizeof(guest), leaver);
	if (!leaver)
		return 0;
	if (leaver->until_ms > now_ms)
		number = leaver->number;
	forget(parted, leaver);
	return number;
}

bool parted_has(struct parted *parted, uint32_t number, uint64_t now_ms)
{
	struct leaver *leaver;

	forget_old(parted, now_ms);
	HASH_FIND(by_number, parted->numbers, &number, sizeof(number), leaver);
	return leaver != NULL;
}
