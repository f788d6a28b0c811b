#include "bridge/core/people/directory_accounts.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"

bool directory_add_account(struct directory *directory, const struct account *account)
{
	char clean[NAME_BYTES_MAX];
	struct slice text = { clean, name_clean(slice_of(account->name), clean) };
	struct keys keys;

	if (text.len == 0 || account->number == 0 ||
	    !people_keys(&directory->people, text, &keys) ||
	    people_by_key(&directory->people, keys.name) ||
	    people_by_number(&directory->people, account->number))
		return false;
	people_add_account(&directory->people, account, text, &keys);
	return true;
}

bool directory_fits(struct directory *directory, struct account *accounts, size_t count,
		    size_t *which)
{
	bool fit;

	/* There may be many: no worker has to wait for this. */
	people_prepare(&directory->people, accounts, count);
	pthread_mutex_lock(&directory->lock);
	fit = people_fit(&directory->people, accounts, count, which);
	pthread_mutex_unlock(&directory->lock);
	return fit;
}

void directory_change(struct directory *directory, struct account *accounts, size_t count,
		      struct people_change *change)
{
	pthread_mutex_lock(&directory->lock);
	people_change(&directory->people, accounts, count, change);
	pthread_mutex_unlock(&directory->lock);
}

bool directory_evicts(struct directory *directory, uint32_t number)
{
	const struct user_record *record;
	bool evicts;

	pthread_mutex_lock(&directory->lock);
	record = people_by_number(&directory->people, number);
	evicts = record && record->evicted;
	pthread_mutex_unlock(&directory->lock);
	return evicts;
}

/* ---- one at a time ---- */

static enum account_clash clash_of(const struct people *people, const struct keys *keys,
				   uint32_t number)
{
	if (people_is_account(people_by_key(people, keys->name)) ||
	    people_waits_for(people, keys->name, 0))
		return ACCOUNT_NAME_TAKEN;
	if (number && (people_is_account(people_by_number(people, number)) ||
		       people_waits_for(people, 0, number)))
		return ACCOUNT_NUMBER_TAKEN;
	return ACCOUNT_FITS;
}

enum account_clash directory_clash(struct directory *directory, struct slice name, uint32_t number)
{
	char clean[NAME_BYTES_MAX];
	struct slice text = { clean, name_clean(name, clean) };
	enum account_clash clash;
	struct keys keys;

	if (text.len == 0 || !people_keys(&directory->people, text, &keys))
		return ACCOUNT_NO_NAME;
	pthread_mutex_lock(&directory->lock);
	clash = clash_of(&directory->people, &keys, number);
	pthread_mutex_unlock(&directory->lock);
	return clash;
}

uint32_t directory_free_number(struct directory *directory, uint32_t from)
{
	pthread_mutex_lock(&directory->lock);
	while (from < GUEST_NUMBER_FIRST && !people_number_is_free(&directory->people, from))
		from++;
	pthread_mutex_unlock(&directory->lock);
	return from < GUEST_NUMBER_FIRST ? from : 0;
}

void directory_put(struct directory *directory, struct account *account,
		   struct people_change *change)
{
	people_prepare(&directory->people, account, 1);
	pthread_mutex_lock(&directory->lock);
	people_put(&directory->people, account, change);
	pthread_mutex_unlock(&directory->lock);
}

void directory_drop(struct directory *directory, struct slice name, struct people_change *change)
{
	uint64_t key = 0;

	*change = (struct people_change){ 0 };
	if (!people_key(&directory->people, name, &key))
		return;
	pthread_mutex_lock(&directory->lock);
	people_drop(&directory->people, key, change);
	pthread_mutex_unlock(&directory->lock);
}

static int by_number(const void *a, const void *b)
{
	uint32_t left = ((const struct directory_account *)a)->number;
	uint32_t right = ((const struct directory_account *)b)->number;

	return (left > right) - (left < right);
}

struct directory_account *directory_accounts(struct directory *directory, size_t *count)
{
	const struct people *people = &directory->people;
	struct directory_account *accounts;
	const struct user_record *record;
	size_t place = 0;

	*count = 0;
	pthread_mutex_lock(&directory->lock);
	accounts = memory_zeroed(people->numbers.count + 1, sizeof(*accounts));
	while ((record = index_next(&people->numbers, &place)))
		if (record->configured) {
			struct directory_account *account = &accounts[(*count)++];

			account->number = record->number;
			account->roles = record->roles;
			account->online = record->online;
			memcpy(account->name, record->name, record->name_len);
		}
	pthread_mutex_unlock(&directory->lock);
	qsort(accounts, *count, sizeof(*accounts), by_number);
	return accounts;
}

/* ---- vouched for ---- */

uint64_t people_credential(const struct people *people, const struct user_record *record)
{
	uint64_t key = record->secret_key;

	if (record->hash)
		return keyed_hash(people->key, record->hash, strlen(record->hash));
	return key ? keyed_hash(people->key, &key, sizeof(key)) : 0;
}

/* With the lock. */
static bool vouch(const struct people *people, const struct user_record *record, struct person *who,
		  char *name_out, uint64_t *credential)
{
	if (!record || !record->configured)
		return false;
	memcpy(name_out, record->name, record->name_len);
	*credential = people_credential(people, record);
	*who = (struct person){ .name = slice_span(name_out, record->name_len),
				.number = record->number,
				.roles = record->roles };
	identity_uuid(people->key, ID_PERSON, record->number, 0, who->uuid);
	return true;
}

bool directory_vouch(struct directory *directory, uint32_t number, struct person *who,
		     char *name_out, uint64_t *credential)
{
	const struct people *people = &directory->people;
	bool vouched;

	pthread_mutex_lock(&directory->lock);
	vouched = vouch(people, people_by_number(people, number), who, name_out, credential);
	pthread_mutex_unlock(&directory->lock);
	return vouched;
}

bool directory_vouch_name(struct directory *directory, struct slice name, struct person *who,
			  char *name_out, uint64_t *credential)
{
	const struct people *people = &directory->people;
	bool vouched;
	uint64_t key;

	if (!people_key(people, name, &key))
		return false;
	pthread_mutex_lock(&directory->lock);
	vouched = vouch(people, people_by_key(people, key), who, name_out, credential);
	pthread_mutex_unlock(&directory->lock);
	return vouched;
}

/* ---- who was there ---- */

void directory_note_seen(struct directory *directory, struct user_record *record)
{
	if (record->noted || !record->configured)
		return;
	record->noted = true;
	if (directory->seen_count == directory->seen_room) {
		directory->seen_room = directory->seen_room ? 2 * directory->seen_room : 64;
		directory->seen =
		    memory_resize(directory->seen, directory->seen_room * sizeof(*directory->seen));
	}
	directory->seen[directory->seen_count++] = record->number;
}

size_t directory_take_seen(struct directory *directory, uint32_t **numbers)
{
	size_t count;

	pthread_mutex_lock(&directory->lock);
	count = directory->seen_count;
	*numbers = directory->seen;
	directory->seen = NULL;
	directory->seen_count = directory->seen_room = 0;
	for (size_t i = 0; i < count; i++) {
		struct user_record *record = people_by_number(&directory->people, (*numbers)[i]);

		if (record)
			record->noted = false;
	}
	pthread_mutex_unlock(&directory->lock);
	return count;
}
