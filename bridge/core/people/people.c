#include "bridge/core/people/people.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/likeness.h"
#include "codecs/text/memory.h"

/* An account whose name or number somebody still has who is on the way out. */
struct waiting {
	struct waiting *next;
	char name[NAME_BYTES_MAX];
	size_t name_len;
	struct keys keys;
	uint64_t secret_key;
	char *hash; /* owned; NULL: none */
	uint32_t number, roles;
};

static uint64_t record_name(const void *record)
{
	return ((const struct user_record *)record)->name_key;
}

static uint64_t record_number(const void *record)
{
	return ((const struct user_record *)record)->number;
}

static uint64_t record_look(const void *record)
{
	return ((const struct user_record *)record)->looks[0];
}

static uint64_t record_other_look(const void *record)
{
	return ((const struct user_record *)record)->looks[1];
}

void people_init(struct people *people, const struct id_key *key)
{
	*people = (struct people){
		.key = key,
		.names.key_of = record_name,
		.numbers = { .key_of = record_number, .salt = keyed_hash(key, "numbers", 7) },
		.looks = { { .key_of = record_look }, { .key_of = record_other_look } },
	};
}

uint64_t people_secret(const struct people *people, struct slice secret)
{
	uint64_t hash;

	if (!secret.data || secret.len == 0)
		return 0;
	hash = keyed_hash(people->key, secret.data, secret.len);
	return hash ? hash : 1;
}

bool people_key(const struct people *people, struct slice name, uint64_t *key)
{
	char folded[NAME_FOLDED_MAX];
	size_t len = name_fold(name, folded);

	if (len == 0)
		return false;
	*key = keyed_hash(people->key, folded, len);
	return true;
}

bool people_keys(const struct people *people, struct slice name, struct keys *keys)
{
	struct looks looks;

	if (!people_key(people, name, &keys->name))
		return false;
	name_looks(name, &looks);
	for (size_t i = 0; i < LOOKS; i++)
		keys->looks[i] = keyed_hash(people->key, looks.text[i], looks.len[i]);
	return looks.len[0] && looks.len[1];
}

static struct user_record *people_alike(const struct people *people, const struct keys *keys)
{
	struct user_record *record = NULL;

	for (size_t i = 0; i < LOOKS; i++)
		for (size_t j = 0; j < LOOKS && !record; j++)
			record = index_find(&people->looks[j], keys->looks[i]);
	return record;
}

struct user_record *people_by_key(const struct people *people, uint64_t key)
{
	return index_find(&people->names, key);
}

struct user_record *people_by_number(const struct people *people, uint32_t number)
{
	return index_find(&people->numbers, number);
}

_Static_assert(NAME_BYTES_MAX <= UINT8_MAX, "as a record keeps it");

/* Most names have one look only. */
static size_t look_count(const struct user_record *record)
{
	return record->looks[0] == record->looks[1] ? 1 : LOOKS;
}

struct user_record *people_add(struct people *people, struct slice clean, const struct keys *keys,
			       uint32_t number)
{
	struct user_record *record = memory_zeroed(1, sizeof(*record) + clean.len);

	memcpy(record->name, clean.data, clean.len);
	record->name_len = (uint8_t)clean.len;
	record->name_key = keys->name;
	memcpy(record->looks, keys->looks, sizeof(record->looks));
	record->number = number;
	index_add(&people->names, record);
	index_add(&people->numbers, record);
	for (size_t i = 0; i < look_count(record); i++)
		index_add(&people->looks[i], record);
	return record;
}

static void record_free(struct user_record *record)
{
	free(record->hash);
	free(record);
}

/* Where a hash is kept there is no key: the hash itself is no secret. */
static uint64_t account_key(const struct people *people, const struct account *account)
{
	return account->hashed ? 0 : people_secret(people, slice_of(account->secret));
}

/* Returns new, or NULL. */
static char *account_hash(const struct account *account)
{
	return account->hashed ? memory_text(account->secret, strlen(account->secret)) : NULL;
}

/* Makes a record an account of the configuration's. Takes hash. */
static void configure(struct user_record *record, uint64_t secret_key, char *hash, uint32_t roles)
{
	record->account = record->configured = true;
	record->roles = roles | ROLE_USER;
	record->secret_key = secret_key;
	free(record->hash);
	record->hash = hash;
}

static void hashes_add(struct people *people, const struct account *account)
{
	if (!account->hashed)
		return;
	people->hashes =
	    memory_resize(people->hashes, (people->hash_count + 1) * sizeof(*people->hashes));
	people->hashes[people->hash_count++] = account_hash(account);
}

/* Equal hashes are those of one secret and one salt: whose it is does not matter. */
static void hashes_remove(struct people *people, const char *hash)
{
	size_t i = 0;

	if (!hash)
		return;
	while (i < people->hash_count && strcmp(people->hashes[i], hash) != 0)
		i++;
	if (i == people->hash_count)
		return;
	free(people->hashes[i]);
	people->hashes[i] = people->hashes[--people->hash_count];
}

static void hashes_clear(struct people *people)
{
	for (size_t i = 0; i < people->hash_count; i++)
		free(people->hashes[i]);
	free(people->hashes);
	people->hashes = NULL;
	people->hash_count = 0;
}

const char *people_some_hash(const struct people *people, uint64_t key)
{
	return people->hash_count ? people->hashes[key % people->hash_count] : NULL;
}

void people_add_account(struct people *people, const struct account *account, struct slice clean,
			const struct keys *keys)
{
	configure(people_add(people, clean, keys, account->number), account_key(people, account),
		  account_hash(account), account->roles);
	hashes_add(people, account);
}

static void waiting_free(struct waiting *account)
{
	free(account->hash);
	free(account);
}

static bool waiting_begin(struct people *people, struct waiting *account)
{
	struct user_record *record;

	if (people_by_key(people, account->keys.name) || people_by_number(people, account->number))
		return false;
	record = people_add(people, slice_span(account->name, account->name_len), &account->keys,
			    account->number);
	configure(record, account->secret_key, account->hash, account->roles);
	account->hash = NULL;
	return true;
}

/* Somebody is gone: who waited for the name or the number? */
static void waiting_try(struct people *people)
{
	struct waiting **link = &people->waiting;

	while (*link) {
		struct waiting *account = *link;

		if (waiting_begin(people, account)) {
			*link = account->next;
			waiting_free(account);
		} else {
			link = &account->next;
		}
	}
}

static const struct waiting *waiting_for(const struct people *people, uint64_t key, uint32_t number)
{
	const struct waiting *account = people->waiting;

	while (account && account->keys.name != key && account->number != number)
		account = account->next;
	return account;
}

bool people_is_account(const struct user_record *record)
{
	return record && record->account;
}

bool people_waits_for(const struct people *people, uint64_t key, uint32_t number)
{
	return waiting_for(people, key, number) != NULL;
}

bool people_key_is_free(const struct people *people, uint64_t key)
{
	return !people_by_key(people, key) && !waiting_for(people, key, 0);
}

static bool looks_alike(const struct keys *keys, const struct keys *other)
{
	for (size_t i = 0; i < LOOKS; i++)
		for (size_t j = 0; j < LOOKS; j++)
			if (keys->looks[i] == other->looks[j])
				return true;
	return false;
}

bool people_looks_are_free(const struct people *people, const struct keys *keys)
{
	const struct waiting *account = people->waiting;

	while (account && !looks_alike(keys, &account->keys))
		account = account->next;
	return !account && !people_alike(people, keys);
}

bool people_number_is_free(const struct people *people, uint32_t number)
{
	return !people_by_number(people, number) && !waiting_for(people, 0, number);
}

static void waiting_clear(struct people *people)
{
	while (people->waiting) {
		struct waiting *account = people->waiting;

		people->waiting = account->next;
		waiting_free(account);
	}
}

void people_remove(struct people *people, struct user_record *record)
{
	index_remove(&people->names, record);
	index_remove(&people->numbers, record);
	for (size_t i = 0; i < look_count(record); i++)
		index_remove(&people->looks[i], record);
	record_free(record);
	waiting_try(people);
}

void people_clear(struct people *people)
{
	struct user_record *record;
	size_t place = 0;

	waiting_clear(people);
	hashes_clear(people);
	while ((record = index_next(&people->names, &place)))
		record_free(record);
	index_clear(&people->names);
	index_clear(&people->numbers);
	for (size_t i = 0; i < LOOKS; i++)
		index_clear(&people->looks[i]);
}

/* ---- other accounts ---- */

/* Who must not have a name or number that an account is to have. */
static bool is_reserved(const struct user_record *record)
{
	return record && record->account && !record->configured;
}

struct place {
	uint64_t key;
	size_t index;
};

static int place_order(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	if (left->key != right->key)
		return left->key < right->key ? -1 : 1;
	return (left->index > right->index) - (left->index < right->index);
}

/* The place of one whose key another has before it; SIZE_MAX: there is none. */
static size_t repeated(struct place *places, size_t count)
{
	qsort(places, count, sizeof(*places), place_order);
	for (size_t i = 1; i < count; i++)
		if (places[i].key == places[i - 1].key)
			return places[i].index;
	return SIZE_MAX;
}

void people_prepare(const struct people *people, struct account *accounts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct account *account = &accounts[i];

		account->clean_len = name_clean(slice_of(account->name), account->clean);
		if (account->clean_len &&
		    !people_keys(people, slice_span(account->clean, account->clean_len),
				 &account->keys))
			account->clean_len = 0;
	}
}

bool people_fit(const struct people *people, const struct account *accounts, size_t count,
		size_t *which)
{
	struct place *names = memory_zeroed(count, sizeof(*names));
	struct place *numbers = memory_zeroed(count, sizeof(*numbers));
	size_t wrong = SIZE_MAX;

	for (size_t i = 0; i < count && wrong == SIZE_MAX; i++) {
		names[i] = (struct place){ accounts[i].keys.name, i };
		numbers[i] = (struct place){ accounts[i].number, i };
		if (accounts[i].number == 0 || accounts[i].clean_len == 0 ||
		    is_reserved(people_by_key(people, accounts[i].keys.name)) ||
		    is_reserved(people_by_number(people, accounts[i].number)))
			wrong = i;
	}
	if (wrong == SIZE_MAX)
		wrong = repeated(names, count);
	if (wrong == SIZE_MAX)
		wrong = repeated(numbers, count);
	free(names);
	free(numbers);
	*which = wrong;
	return wrong == SIZE_MAX;
}

static void evict(struct people_change *change, struct user_record *record)
{
	if (record->evicted)
		return;
	record->evicted = true;
	record->account = record->configured = record->admitted = false;
	free(record->hash);
	record->hash = NULL;
	change->gone =
	    memory_resize(change->gone, (change->gone_count + 1) * sizeof(*change->gone));
	change->gone[change->gone_count++] = record->number;
}

static void retire(struct people *people, struct people_change *change, struct user_record *record)
{
	if (record->connections > 0)
		evict(change, record);
	else
		people_remove(people, record);
}

static bool same_secret(const struct people *people, const struct user_record *record,
			const struct account *account)
{
	if (record->hash && account->hashed)
		return strcmp(record->hash, account->secret) == 0;
	return !record->hash && !account->hashed &&
	       record->secret_key == account_key(people, account);
}

/* Is there such an account already? Then it gets the secret and the roles. */
static bool account_keep(struct people *people, struct account *account)
{
	struct slice text = slice_span(account->clean, account->clean_len);
	struct user_record *record = people_by_key(people, account->keys.name);
	uint32_t roles = account->roles | ROLE_USER;

	account->what = ACCOUNT_NEW;
	if (!record || !record->configured)
		return false;
	account->what = same_secret(people, record, account) && record->roles == roles
			    ? ACCOUNT_SAME
			    : ACCOUNT_CHANGED;
	if (record->number != account->number ||
	    !slice_equal(slice_span(record->name, record->name_len), text)) {
		account->what = ACCOUNT_CHANGED;
		record->replaced = true;
		return false;
	}
	record->kept = true;
	configure(record, account_key(people, account), account_hash(account), account->roles);
	return true;
}

/* Several may, who do not look like each other. Where an account looks like it already, no guest
 * does. */
static void evict_alike(const struct people *people, struct people_change *change,
			const struct keys *keys)
{
	for (size_t i = 0; i < LOOKS; i++)
		for (size_t j = 0; j < LOOKS; j++) {
			struct user_record *record = index_find(&people->looks[j], keys->looks[i]);

			if (record && !record->account)
				evict(change, record);
		}
}

static void removed_add(struct people_change *change, const struct user_record *record)
{
	change->removed =
	    memory_resize(change->removed, (change->removed_count + 1) * sizeof(*change->removed));
	change->removed[change->removed_count++] = memory_text(record->name, record->name_len);
}

static void account_begin(struct people *people, struct people_change *change,
			  const struct account *account)
{
	struct waiting *waiting = memory_zeroed(1, sizeof(*waiting));
	struct user_record *by_name, *by_number;

	memcpy(waiting->name, account->clean, account->clean_len);
	waiting->name_len = account->clean_len;
	waiting->keys = account->keys;
	waiting->secret_key = account_key(people, account);
	waiting->hash = account_hash(account);
	waiting->number = account->number;
	waiting->roles = account->roles;
	by_name = people_by_key(people, waiting->keys.name);
	by_number = people_by_number(people, waiting->number);
	if (by_name)
		evict(change, by_name);
	if (by_number)
		evict(change, by_number);
	evict_alike(people, change, &waiting->keys);
	waiting->next = people->waiting;
	people->waiting = waiting;
}

static int record_order(const void *a, const void *b)
{
	uint32_t left = (*(struct user_record *const *)a)->number;
	uint32_t right = (*(struct user_record *const *)b)->number;

	return (left > right) - (left < right);
}

/* All accounts of the configuration, by number. Returns new. */
static struct user_record **accounts_of(const struct people *people, size_t *count)
{
	struct user_record **accounts =
	    memory_zeroed(people->numbers.count, sizeof(struct user_record *));
	struct user_record *record;
	size_t place = 0;

	*count = 0;
	while ((record = index_next(&people->numbers, &place)))
		if (record->configured)
			accounts[(*count)++] = record;
	qsort(accounts, *count, sizeof(struct user_record *), record_order);
	return accounts;
}

void people_change(struct people *people, struct account *accounts, size_t count,
		   struct people_change *change)
{
	bool *kept = memory_zeroed(count, sizeof(*kept));
	struct user_record **before;
	size_t before_count;

	*change = (struct people_change){ 0 };
	waiting_clear(people);
	hashes_clear(people);
	for (size_t i = 0; i < count; i++)
		hashes_add(people, &accounts[i]);
	before = accounts_of(people, &before_count);
	for (size_t i = 0; i < before_count; i++)
		before[i]->kept = before[i]->replaced = false;
	for (size_t i = 0; i < count; i++)
		kept[i] = account_keep(people, &accounts[i]);
	for (size_t i = 0; i < before_count; i++) {
		if (before[i]->kept)
			continue;
		if (!before[i]->replaced)
			removed_add(change, before[i]);
		retire(people, change, before[i]);
	}
	for (size_t i = 0; i < count; i++)
		if (!kept[i])
			account_begin(people, change, &accounts[i]);
	waiting_try(people);
	free(before);
	free(kept);
}

/* One that still waits for its name is forgotten, and its hash. */
static void waiting_forget(struct people *people, uint64_t key)
{
	struct waiting **link = &people->waiting, *account;

	while (*link && (*link)->keys.name != key)
		link = &(*link)->next;
	account = *link;
	if (!account)
		return;
	*link = account->next;
	hashes_remove(people, account->hash);
	waiting_free(account);
}

void people_put(struct people *people, struct account *account, struct people_change *change)
{
	const struct user_record *before = people_by_key(people, account->keys.name);

	*change = (struct people_change){ 0 };
	waiting_forget(people, account->keys.name);
	if (before && before->configured)
		hashes_remove(people, before->hash);
	hashes_add(people, account);
	if (!account_keep(people, account))
		account_begin(people, change, account);
	waiting_try(people);
}

void people_drop(struct people *people, uint64_t key, struct people_change *change)
{
	struct user_record *record = people_by_key(people, key);

	*change = (struct people_change){ 0 };
	waiting_forget(people, key);
	if (!record || !record->configured)
		return;
	hashes_remove(people, record->hash);
	removed_add(change, record);
	retire(people, change, record);
}

void people_change_clear(struct people_change *change)
{
	for (size_t i = 0; i < change->removed_count; i++)
		free(change->removed[i]);
	free(change->removed);
	free(change->gone);
}
