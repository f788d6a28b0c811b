#include "bridge/core/directory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"

#define RESERVED_SPAN (UINT32_C(1) << 20)

/* Both tables are keyed by numbers a client cannot choose freely: the person's number, and a
 * keyed hash of the folded name. */
struct record {
	char name[NAME_BYTES_MAX + 1];
	size_t name_len;
	uint64_t name_key;
	uint32_t number;
	unsigned char uuid[16];
	uint32_t roles;
	uint64_t secret_key; /* keyed hash of the secret; 0: none was shown */
	bool account;
	bool admitted;                /* by a backend */
	uint32_t connections, online; /* logged in; of those, not on their way out */
	UT_hash_handle by_name, by_number;
};

struct directory {
	pthread_mutex_t lock;
	const struct id_key *key;
	uint64_t owner_key; /* keyed hash of the owner secret; 0: there is none */
	uint32_t next_guest;
	struct record *names, *numbers;
};

static uint64_t secret_hash(const struct directory *directory, struct slice secret)
{
	uint64_t hash;

	if (!secret.data || secret.len == 0)
		return 0;
	hash = keyed_hash(directory->key, secret.data, secret.len);
	return hash ? hash : 1;
}

static bool name_key(const struct directory *directory, struct slice name, uint64_t *key)
{
	char folded[NAME_FOLDED_MAX];
	size_t len = name_fold(name, folded);

	if (len == 0)
		return false;
	*key = keyed_hash(directory->key, folded, len);
	return true;
}

static struct record *find_key(const struct directory *directory, uint64_t key)
{
	struct record *record;

	HASH_FIND(by_name, directory->names, &key, sizeof(key), record);
	return record;
}

static struct record *find_number(const struct directory *directory, uint32_t number)
{
	struct record *record;

	HASH_FIND(by_number, directory->numbers, &number, sizeof(number), record);
	return record;
}

static struct record *record_add(struct directory *directory, struct slice clean, uint64_t key,
				 uint32_t number)
{
	struct record *record = memory_zeroed(1, sizeof(*record));

	memcpy(record->name, clean.data, clean.len);
	record->name_len = clean.len;
	record->name_key = key;
	record->number = number;
	identity_uuid(directory->key, ID_PERSON, number, 0, record->uuid);
	HASH_ADD(by_name, directory->names, name_key, sizeof(record->name_key), record);
	HASH_ADD(by_number, directory->numbers, number, sizeof(record->number), record);
	return record;
}

static void record_remove(struct directory *directory, struct record *record)
{
	HASH_DELETE(by_name, directory->names, record);
	HASH_DELETE(by_number, directory->numbers, record);
	free(record);
}

static struct person record_person(const struct record *record)
{
	struct person person = { .name = slice_span(record->name, record->name_len),
				 .number = record->number,
				 .roles = record->roles };

	memcpy(person.uuid, record->uuid, sizeof(person.uuid));
	return person;
}

struct directory *directory_new(const struct id_key *key, const char *owner_secret)
{
	struct directory *directory = memory_zeroed(1, sizeof(*directory));
	struct slice bridge = SLICE(BRIDGE_NAME);
	struct record *record;
	uint64_t bridge_key = 0;

	pthread_mutex_init(&directory->lock, NULL);
	directory->key = key;
	directory->next_guest = GUEST_NUMBER_FIRST;
	directory->owner_key = secret_hash(directory, slice_of(owner_secret));
	/* The bridge's own name is an account nobody has the secret of. */
	if (name_key(directory, bridge, &bridge_key)) {
		record = record_add(directory, bridge, bridge_key, BRIDGE_NUMBER);
		record->account = true;
		record->connections = 1;
		record->roles = ROLE_USER;
	}
	return directory;
}

void directory_free(struct directory *directory)
{
	struct record *record, *next;

	if (!directory)
		return;
	HASH_ITER(by_number, directory->numbers, record, next) record_remove(directory, record);
	pthread_mutex_destroy(&directory->lock);
	free(directory);
}

bool directory_add_account(struct directory *directory, const char *name, uint32_t number,
			   const char *secret, uint32_t roles)
{
	char clean[NAME_BYTES_MAX];
	struct slice text = { clean, name_clean(slice_of(name), clean) };
	struct record *record;
	uint64_t key;

	if (text.len == 0 || number == 0 || !name_key(directory, text, &key) ||
	    find_key(directory, key) || find_number(directory, number))
		return false;
	record = record_add(directory, text, key, number);
	record->account = true;
	record->roles = roles | ROLE_USER;
	record->secret_key = secret_hash(directory, slice_of(secret));
	return true;
}

static enum reason account_login(struct record *record, uint64_t secret, bool exclusive)
{
	if (record->secret_key == 0 || record->secret_key != secret)
		return record->number == BRIDGE_NUMBER ? REASON_NAME_TAKEN : REASON_BAD_LOGIN;
	if (exclusive && record->connections > 0)
		return REASON_NAME_TAKEN;
	return REASON_NONE;
}

static uint32_t guest_number(struct directory *directory, uint64_t claimed)
{
	if (claimed > 0 && claimed < GUEST_NUMBER_FIRST &&
	    !find_number(directory, (uint32_t)claimed))
		return (uint32_t)claimed;
	/* The numbers come round after a billion guests; skip those still in use. */
	while (find_number(directory, directory->next_guest) ||
	       directory->next_guest >= BRIDGE_NUMBER)
		directory->next_guest = directory->next_guest >= BRIDGE_NUMBER
					    ? GUEST_NUMBER_FIRST
					    : directory->next_guest + 1;
	return directory->next_guest++;
}

static enum reason guest_login(struct directory *directory, const struct directory_login *login,
			       struct slice clean, uint64_t secret, struct record **out)
{
	uint64_t key;
	struct record *record;

	if (clean.len == 0 || !name_key(directory, clean, &key))
		return REASON_BAD_LOGIN;
	record = find_key(directory, key);
	if (record && record->account) {
		*out = record;
		return account_login(record, secret, login->exclusive);
	}
	if (!login->guests)
		return REASON_BAD_LOGIN;
	if (record) {
		*out = record;
		return login->exclusive || secret == 0 || record->secret_key != secret
			   ? REASON_NAME_TAKEN
			   : REASON_NONE;
	}
	record = record_add(directory, clean, key, guest_number(directory, login->claimed_number));
	record->secret_key = secret;
	record->roles = ROLE_USER;
	if (directory->owner_key != 0 && secret == directory->owner_key)
		record->roles |= ROLE_OWNER;
	*out = record;
	return REASON_NONE;
}

/* An account may come by its number and secret alone. */
static struct record *account_by_number(const struct directory *directory,
					const struct directory_login *login, uint64_t secret)
{
	struct record *record;

	if (login->claimed_number == 0 || login->claimed_number > UINT32_MAX || secret == 0)
		return NULL;
	record = find_number(directory, (uint32_t)login->claimed_number);
	return record && record->account && record->secret_key == secret ? record : NULL;
}

enum reason directory_login(struct directory *directory, const struct directory_login *login,
			    struct person *who, bool *guest)
{
	char clean[NAME_BYTES_MAX], made[NAME_BYTES_MAX];
	struct slice name = login->name;
	uint64_t secret;
	struct record *record;
	enum reason reason;

	if (!name.data && login->claimed_number > 0)
		name =
		    slice_span(made, (size_t)snprintf(made, sizeof(made), "user%llu",
						      (unsigned long long)login->claimed_number));
	name = slice_span(clean, name_clean(name, clean));
	pthread_mutex_lock(&directory->lock);
	secret = secret_hash(directory, login->secret);
	record = account_by_number(directory, login, secret);
	reason = record ? account_login(record, secret, login->exclusive)
			: guest_login(directory, login, name, secret, &record);
	if (reason == REASON_NONE) {
		record->connections++;
		record->online++;
		*who = record_person(record);
		*guest = !record->account;
	}
	pthread_mutex_unlock(&directory->lock);
	return reason;
}

/* From the top down, beginning where the name says: far from what guests and accounts have. */
static uint32_t reserved_number(struct directory *directory, struct slice folded)
{
	uint32_t number = BRIDGE_NUMBER - 1;

	for (size_t i = 0; i < folded.len; i++)
		number = number * 31 + (unsigned char)folded.data[i];
	number = BRIDGE_NUMBER - 1 - number % RESERVED_SPAN;
	while (find_number(directory, number) || number >= BRIDGE_NUMBER)
		number = number >= BRIDGE_NUMBER ? BRIDGE_NUMBER - RESERVED_SPAN : number + 1;
	return number;
}

bool directory_reserve(struct directory *directory, const char *name, struct person *who)
{
	char clean[NAME_BYTES_MAX], folded[NAME_FOLDED_MAX];
	struct slice text = { clean, name_clean(slice_of(name), clean) };
	struct record *record;
	uint64_t key;

	if (text.len == 0 || !name_key(directory, text, &key) || find_key(directory, key))
		return false;
	record =
	    record_add(directory, text, key,
		       reserved_number(directory, slice_span(folded, name_fold(text, folded))));
	/* An account that nobody has the secret of. */
	record->account = true;
	record->roles = ROLE_USER;
	*who = record_person(record);
	return true;
}

/* Below GUEST_NUMBER_FIRST, where claims are; from the name, so that it stays the same. */
static uint64_t number_of_name(struct slice name)
{
	char folded[NAME_FOLDED_MAX];
	size_t len = name_fold(name, folded);
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)folded[i]) * UINT64_C(1099511628211);
	return hash % (GUEST_NUMBER_FIRST - 1) + 1;
}

/* NULL: taken. */
static struct record *admit(struct directory *directory, const struct person *known, uint64_t key,
			    bool exclusive)
{
	struct record *record = find_key(directory, key);
	uint64_t number = known->number ? known->number : number_of_name(known->name);

	if (record)
		return record->admitted && !(exclusive && record->connections > 0) &&
			       (!known->number || known->number == record->number)
			   ? record
			   : NULL;
	if (known->number && find_number(directory, known->number))
		return NULL;
	record = record_add(directory, known->name, key,
			    known->number ? known->number : guest_number(directory, number));
	record->admitted = true;
	return record;
}

enum reason directory_admit(struct directory *directory, const struct person *known, bool exclusive,
			    struct person *who)
{
	struct record *record = NULL;
	uint64_t key;

	if (known->name.len == 0 || !name_key(directory, known->name, &key))
		return REASON_BAD_LOGIN;
	pthread_mutex_lock(&directory->lock);
	record = admit(directory, known, key, exclusive);
	if (record) {
		record->roles = known->roles | ROLE_USER;
		record->connections++;
		record->online++;
		*who = record_person(record);
	}
	pthread_mutex_unlock(&directory->lock);
	return record ? REASON_NONE : REASON_NAME_TAKEN;
}

void directory_offline(struct directory *directory, uint32_t number)
{
	struct record *record;

	pthread_mutex_lock(&directory->lock);
	record = find_number(directory, number);
	if (record && record->online > 0)
		record->online--;
	pthread_mutex_unlock(&directory->lock);
}

void directory_logout(struct directory *directory, uint32_t number)
{
	struct record *record;

	pthread_mutex_lock(&directory->lock);
	record = find_number(directory, number);
	if (record && record->connections > 0)
		record->connections--;
	if (record && record->online > record->connections)
		record->online = record->connections;
	if (record && record->connections == 0 && !record->account)
		record_remove(directory, record);
	pthread_mutex_unlock(&directory->lock);
}

static bool person_out(const struct record *record, struct person *who, char *name_out)
{
	if (!record)
		return false;
	memcpy(name_out, record->name, record->name_len);
	*who = record_person(record);
	who->name = slice_span(name_out, record->name_len);
	return true;
}

bool directory_find_name(struct directory *directory, struct slice name, struct person *who,
			 char *name_out)
{
	uint64_t key;
	bool found;

	if (!name_key(directory, name, &key))
		return false;
	pthread_mutex_lock(&directory->lock);
	found = person_out(find_key(directory, key), who, name_out);
	pthread_mutex_unlock(&directory->lock);
	return found;
}

bool directory_find_number(struct directory *directory, uint32_t number, struct person *who,
			   char *name_out)
{
	bool found;

	pthread_mutex_lock(&directory->lock);
	found = person_out(find_number(directory, number), who, name_out);
	pthread_mutex_unlock(&directory->lock);
	return found;
}

uint32_t directory_connections(struct directory *directory, uint32_t number)
{
	struct record *record;
	uint32_t connections;

	pthread_mutex_lock(&directory->lock);
	record = find_number(directory, number);
	connections = record ? record->online : 0;
	pthread_mutex_unlock(&directory->lock);
	return connections;
}

struct person directory_bridge(const struct id_key *key)
{
	struct person person = { .name = SLICE(BRIDGE_NAME),
				 .number = BRIDGE_NUMBER,
				 .roles = ROLE_USER };

	identity_uuid(key, ID_PERSON, BRIDGE_NUMBER, 0, person.uuid);
	return person;
}
