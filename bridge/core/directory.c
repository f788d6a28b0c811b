#include "bridge/core/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/people/directory_accounts.h"
#include "codecs/text/likeness.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

#define RESERVED_SPAN (UINT32_C(1) << 20)

/* The UUID is made from the number: that is quick, and saves every record its room. */
static struct person record_person(const struct directory *directory,
				   const struct user_record *record)
{
	struct person person = { .name = slice_span(record->name, record->name_len),
				 .number = record->number,
				 .roles = record->roles };

	identity_uuid(directory->people.key, ID_PERSON, record->number, 0, person.uuid);
	return person;
}

struct directory *directory_new(const struct id_key *key, const char *owner_secret)
{
	struct directory *directory = memory_zeroed(1, sizeof(*directory));
	struct slice bridge = SLICE(BRIDGE_NAME);
	struct user_record *record;
	struct keys keys;

	pthread_mutex_init(&directory->lock, NULL);
	people_init(&directory->people, key);
	directory->parted = parted_new();
	directory->next_guest = GUEST_NUMBER_FIRST;
	directory->owner_key = people_secret(&directory->people, slice_of(owner_secret));
	/* The bridge's own name is an account nobody has the secret of. */
	if (people_keys(&directory->people, bridge, &keys)) {
		record = people_add(&directory->people, bridge, &keys, BRIDGE_NUMBER);
		record->account = true;
		record->connections = 1;
		record->roles = ROLE_USER;
	}
	return directory;
}

void directory_free(struct directory *directory)
{
	if (!directory)
		return;
	people_clear(&directory->people);
	parted_free(directory->parted);
	free(directory->seen);
	pthread_mutex_destroy(&directory->lock);
	free(directory);
}

void directory_keep_numbers(struct directory *directory, uint64_t keep_ms)
{
	pthread_mutex_lock(&directory->lock);
	directory->keep_ms = keep_ms;
	pthread_mutex_unlock(&directory->lock);
}

/* ---- logins ---- */

/* Nobody has it, no account waits for it, and it is kept for nobody who left. */
static bool number_is_free(const struct directory *directory, uint32_t number, uint64_t now_ms)
{
	return people_number_is_free(&directory->people, number) &&
	       !parted_has(directory->parted, number, now_ms);
}

static uint32_t guest_number(struct directory *directory, uint64_t claimed, uint64_t now_ms)
{
	if (claimed > 0 && claimed < GUEST_NUMBER_FIRST &&
	    number_is_free(directory, (uint32_t)claimed, now_ms))
		return (uint32_t)claimed;
	/* The numbers come round after a billion guests; skip those still in use or kept. */
	while (directory->next_guest >= BRIDGE_NUMBER ||
	       !number_is_free(directory, directory->next_guest, now_ms))
		directory->next_guest = directory->next_guest >= BRIDGE_NUMBER
					    ? GUEST_NUMBER_FIRST
					    : directory->next_guest + 1;
	return directory->next_guest++;
}

void directory_start_guests(struct directory *directory, uint32_t first)
{
	pthread_mutex_lock(&directory->lock);
	directory->next_guest =
	    first >= GUEST_NUMBER_FIRST && first < BRIDGE_NUMBER ? first : GUEST_NUMBER_FIRST;
	pthread_mutex_unlock(&directory->lock);
}

uint32_t directory_next_guest(struct directory *directory)
{
	uint32_t next;

	pthread_mutex_lock(&directory->lock);
	next = directory->next_guest;
	pthread_mutex_unlock(&directory->lock);
	return next;
}

/* A login as it is looked at while the directory is locked. */
struct candidate {
	struct slice name; /* cleaned */
	struct keys keys;
	bool named; /* else keys are not set */
	bool speaks;
	uint64_t secret;
	const struct secret_check *checked; /* NULL: it was not */
};

/* clean is where its name lies. One without a name has one of its number. */
static struct candidate candidate_of(const struct directory *directory,
				     const struct directory_login *login,
				     char clean[NAME_BYTES_MAX])
{
	struct candidate candidate = { .checked = login->checked };
	struct slice name = login->name;
	char made[NAME_BYTES_MAX];

	if (!name.data && login->claimed_number > 0)
		name =
		    slice_span(made, (size_t)snprintf(made, sizeof(made), "user%llu",
						      (unsigned long long)login->claimed_number));
	candidate.name = slice_span(clean, name_clean(name, clean));
	candidate.secret = login->credential ? login->credential
					     : people_secret(&directory->people, login->secret);
	candidate.named =
	    candidate.name.len && people_keys(&directory->people, candidate.name, &candidate.keys);
	candidate.speaks = candidate.named && name_speaks(candidate.name);
	return candidate;
}

static bool is_checked(const struct user_record *record, const struct secret_check *checked)
{
	return checked && checked->account == record->number &&
	       strcmp(checked->hash, record->hash) == 0;
}

static bool has_secret(const struct user_record *record, const struct candidate *candidate)
{
	if (record->hash)
		return is_checked(record, candidate->checked) && candidate->checked->matches;
	return record->secret_key != 0 && record->secret_key == candidate->secret;
}

static enum reason account_login(const struct user_record *record,
				 const struct candidate *candidate, bool exclusive)
{
	if (!has_secret(record, candidate))
		return record->number == BRIDGE_NUMBER ? REASON_NAME_TAKEN : REASON_BAD_LOGIN;
	if (exclusive && record->connections > 0)
		return REASON_NAME_TAKEN;
	return REASON_NONE;
}

/* Of name and secret. */
static uint64_t guest_hash(const struct directory *directory, uint64_t name, uint64_t secret)
{
	uint64_t both[2] = { name, secret };

	return keyed_hash(directory->people.key, both, sizeof(both));
}

/* The number that a guest had before: but a claim to another one comes first. */
static uint32_t number_again(struct directory *directory, const struct candidate *candidate,
			     const struct directory_login *login)
{
	uint64_t guest = guest_hash(directory, candidate->keys.name, candidate->secret);
	uint32_t before = 0;

	if (candidate->secret)
		before = parted_take(directory->parted, guest, login->now_ms);
	if (before && people_number_is_free(&directory->people, before) &&
	    (!login->claimed_number || login->claimed_number >= GUEST_NUMBER_FIRST ||
	     login->claimed_number == before))
		return before;
	/* Who shows what directory_identify() gave had that number. */
	if (login->credential && login->claimed_number && login->claimed_number < BRIDGE_NUMBER &&
	    number_is_free(directory, (uint32_t)login->claimed_number, login->now_ms))
		return (uint32_t)login->claimed_number;
	return guest_number(directory, login->claimed_number, login->now_ms);
}

static enum reason guest_login(struct directory *directory, const struct directory_login *login,
			       const struct candidate *candidate, struct user_record **out)
{
	struct user_record *record;

	if (!candidate->named)
		return REASON_BAD_LOGIN;
	record = people_by_key(&directory->people, candidate->keys.name);
	if (record && record->account) {
		*out = record;
		return account_login(record, candidate, login->exclusive);
	}
	if (!login->guests)
		return REASON_BAD_LOGIN;
	if (record) {
		*out = record;
		return record->evicted || login->exclusive || candidate->secret == 0 ||
			       record->secret_key != candidate->secret
			   ? REASON_NAME_TAKEN
			   : REASON_NONE;
	}
	if (candidate->speaks || !people_key_is_free(&directory->people, candidate->keys.name) ||
	    !people_looks_are_free(&directory->people, &candidate->keys))
		return REASON_NAME_TAKEN;
	record = people_add(&directory->people, candidate->name, &candidate->keys,
			    number_again(directory, candidate, login));
	record->secret_key = candidate->secret;
	record->roles = ROLE_USER;
	if (directory->owner_key != 0 && candidate->secret == directory->owner_key)
		record->roles |= ROLE_OWNER;
	*out = record;
	return REASON_NONE;
}

/* An account may come by its number and secret alone. */
static struct user_record *account_by_number(const struct directory *directory,
					     const struct directory_login *login)
{
	struct user_record *record;

	if (login->claimed_number == 0 || login->claimed_number > UINT32_MAX)
		return NULL;
	record = people_by_number(&directory->people, (uint32_t)login->claimed_number);
	return record && record->account ? record : NULL;
}

/* The account whose hash decides; NULL: none does. */
static const struct user_record *account_to_check(const struct directory *directory,
						  const struct directory_login *login,
						  const struct candidate *candidate)
{
	const struct user_record *numbered = account_by_number(directory, login);
	const struct user_record *named = people_by_key(&directory->people, candidate->keys.name);

	if (numbered && numbered->hash)
		return numbered;
	return named && named->hash ? named : NULL;
}

/* As if no hash were kept: is it going to be refused because of the secret, or as nobody? */
static bool is_refused(const struct directory *directory, const struct directory_login *login,
		       const struct candidate *candidate)
{
	const struct user_record *numbered = account_by_number(directory, login);
	const struct user_record *named = people_by_key(&directory->people, candidate->keys.name);

	if (numbered && has_secret(numbered, candidate))
		return false;
	if (named && named->account)
		return named->number != BRIDGE_NUMBER && !has_secret(named, candidate);
	return !login->guests;
}

static bool must_check(const struct directory *directory, const struct directory_login *login,
		       const struct candidate *candidate, struct secret_check *check)
{
	const struct user_record *record = account_to_check(directory, login, candidate);
	const struct secret_check *checked = login->checked;
	const char *hash;

	if (checked &&
	    (!record || record->number != checked->account || is_checked(record, checked)))
		return false;
	if (!record && !is_refused(directory, login, candidate))
		return false;
	hash = record ? record->hash : people_some_hash(&directory->people, candidate->keys.name);
	if (!hash)
		return false;
	*check = (struct secret_check){ .account = record ? record->number : 0 };
	snprintf(check->hash, sizeof(check->hash), "%s", hash);
	return true;
}

bool directory_must_check(struct directory *directory, const struct directory_login *login,
			  struct secret_check *check)
{
	char clean[NAME_BYTES_MAX];
	struct candidate candidate;
	bool must;

	if (login->credential)
		return false;
	pthread_mutex_lock(&directory->lock);
	must = directory->people.hash_count > 0;
	pthread_mutex_unlock(&directory->lock);
	if (!must)
		return false;
	candidate = candidate_of(directory, login, clean);
	if (!candidate.named || candidate.secret == 0)
		return false;
	pthread_mutex_lock(&directory->lock);
	must = must_check(directory, login, &candidate, check);
	pthread_mutex_unlock(&directory->lock);
	return must;
}

static enum reason credential_login(const struct directory *directory,
				    const struct directory_login *login,
				    const struct user_record *record)
{
	if (!record || login->credential != people_credential(&directory->people, record))
		return REASON_BAD_LOGIN;
	return login->exclusive && record->connections > 0 ? REASON_NAME_TAKEN : REASON_NONE;
}

/* With the lock. *record: of a guest who is not there yet, too. */
static enum reason judge_login(struct directory *directory, const struct directory_login *login,
			       const struct candidate *candidate, struct user_record **record)
{
	*record = account_by_number(directory, login);
	if (login->by_account)
		return credential_login(directory, login, *record);
	if (*record && has_secret(*record, candidate))
		return account_login(*record, candidate, login->exclusive);
	return guest_login(directory, login, candidate, record);
}

enum reason directory_login(struct directory *directory, const struct directory_login *login,
			    struct person *who, bool *guest)
{
	char clean[NAME_BYTES_MAX];
	struct candidate candidate = candidate_of(directory, login, clean);
	struct user_record *record;
	enum reason reason;

	pthread_mutex_lock(&directory->lock);
	reason = judge_login(directory, login, &candidate, &record);
	if (reason == REASON_NONE) {
		record->connections++;
		record->online++;
		*who = record_person(directory, record);
		*guest = !record->account;
		directory_note_seen(directory, record);
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
	while (people_by_number(&directory->people, number) || number >= BRIDGE_NUMBER)
		number = number >= BRIDGE_NUMBER ? BRIDGE_NUMBER - RESERVED_SPAN : number + 1;
	return number;
}

bool directory_reserve(struct directory *directory, const char *name, struct person *who)
{
	char clean[NAME_BYTES_MAX], folded[NAME_FOLDED_MAX];
	struct slice text = { clean, name_clean(slice_of(name), clean) };
	struct user_record *record;
	struct keys keys;

	if (text.len == 0 || !people_keys(&directory->people, text, &keys) ||
	    people_by_key(&directory->people, keys.name))
		return false;
	record =
	    people_add(&directory->people, text, &keys,
		       reserved_number(directory, slice_span(folded, name_fold(text, folded))));
	/* An account that nobody has the secret of. */
	record->account = true;
	record->roles = ROLE_USER;
	*who = record_person(directory, record);
	return true;
}

/* Below GUEST_NUMBER_FIRST, where claims are; from the name, so that it stays the same. */
static uint64_t number_of_name(struct slice name)
{
	char folded[NAME_FOLDED_MAX];
	size_t len = name_fold(name, folded);

	return slice_fnv(slice_span(folded, len)) % (GUEST_NUMBER_FIRST - 1) + 1;
}

uint32_t directory_number_of(struct directory *directory, struct slice name)
{
	return guest_number(directory, number_of_name(name), 0);
}

/* NULL: taken. */
static struct user_record *admit(struct directory *directory, const struct person *known,
				 const struct keys *keys, bool exclusive)
{
	struct user_record *record = people_by_key(&directory->people, keys->name);

	if (record)
		return record->admitted && !record->stranger &&
			       !(exclusive && record->connections > 0) &&
			       (!known->number || known->number == record->number)
			   ? record
			   : NULL;
	if (!people_key_is_free(&directory->people, keys->name) ||
	    !people_looks_are_free(&directory->people, keys) ||
	    (known->number && !people_number_is_free(&directory->people, known->number)))
		return NULL;
	record =
	    people_add(&directory->people, known->name, keys,
		       known->number ? known->number : directory_number_of(directory, known->name));
	record->admitted = true;
	return record;
}

enum reason directory_admit(struct directory *directory, const struct person *known, bool exclusive,
			    struct person *who)
{
	struct user_record *record = NULL;
	struct keys keys;

	if (known->name.len == 0 || !people_keys(&directory->people, known->name, &keys))
		return REASON_BAD_LOGIN;
	pthread_mutex_lock(&directory->lock);
	record = admit(directory, known, &keys, exclusive);
	if (record) {
		record->roles = known->roles | ROLE_USER;
		record->connections++;
		record->online++;
		*who = record_person(directory, record);
	}
	pthread_mutex_unlock(&directory->lock);
	return record ? REASON_NONE : REASON_NAME_TAKEN;
}

void directory_follows(struct directory *directory, uint32_t number, bool more)
{
	struct user_record *record;

	pthread_mutex_lock(&directory->lock);
	record = people_by_number(&directory->people, number);
	if (record && more)
		record->following++;
	else if (record && record->following > 0)
		record->following--;
	pthread_mutex_unlock(&directory->lock);
}

bool directory_stays(struct directory *directory, uint32_t number)
{
	const struct user_record *record;
	bool stays;

	pthread_mutex_lock(&directory->lock);
	record = people_by_number(&directory->people, number);
	stays = record && record->online > 0 && record->following == 0;
	pthread_mutex_unlock(&directory->lock);
	return stays;
}

void directory_offline(struct directory *directory, uint32_t number)
{
	struct user_record *record;

	pthread_mutex_lock(&directory->lock);
	record = people_by_number(&directory->people, number);
	if (record && record->online > 0)
		record->online--;
	pthread_mutex_unlock(&directory->lock);
}

static void guest_leaves(struct directory *directory, struct user_record *record, uint64_t now_ms)
{
	if (record->secret_key && !record->evicted)
		parted_keep(directory->parted,
			    guest_hash(directory, record->name_key, record->secret_key),
			    record->number, now_ms, directory->keep_ms);
	people_remove(&directory->people, record);
}

void directory_logout(struct directory *directory, uint32_t number, uint64_t now_ms)
{
	struct user_record *record;

	pthread_mutex_lock(&directory->lock);
	record = people_by_number(&directory->people, number);
	if (record && record->connections > 0)
		record->connections--;
	if (record && record->online > record->connections)
		record->online = record->connections;
	if (record && record->connections == 0 && !record->account)
		guest_leaves(directory, record, now_ms);
	pthread_mutex_unlock(&directory->lock);
}

static bool person_out(const struct directory *directory, const struct user_record *record,
		       struct person *who, char *name_out)
{
	if (!record)
		return false;
	memcpy(name_out, record->name, record->name_len);
	*who = record_person(directory, record);
	who->name = slice_span(name_out, record->name_len);
	return true;
}

enum reason directory_identify(struct directory *directory, const struct directory_login *login,
			       struct person *who, char *name_out, bool *guest,
			       uint64_t *credential)
{
	char clean[NAME_BYTES_MAX];
	struct candidate candidate = candidate_of(directory, login, clean);
	struct user_record *record;
	enum reason reason;

	pthread_mutex_lock(&directory->lock);
	reason = judge_login(directory, login, &candidate, &record);
	if (reason == REASON_NONE) {
		person_out(directory, record, who, name_out);
		*guest = !record->account;
		*credential = record->account ? people_credential(&directory->people, record)
					      : record->secret_key;
		/* One that was made for this. */
		if (record->connections == 0 && !record->account)
			guest_leaves(directory, record, login->now_ms);
	}
	pthread_mutex_unlock(&directory->lock);
	return reason;
}

bool directory_find_name(struct directory *directory, struct slice name, struct person *who,
			 char *name_out)
{
	uint64_t key;
	bool found;

	if (!people_key(&directory->people, name, &key))
		return false;
	pthread_mutex_lock(&directory->lock);
	found = person_out(directory, people_by_key(&directory->people, key), who, name_out);
	pthread_mutex_unlock(&directory->lock);
	return found;
}

bool directory_find_number(struct directory *directory, uint32_t number, struct person *who,
			   char *name_out)
{
	bool found;

	pthread_mutex_lock(&directory->lock);
	found = person_out(directory, people_by_number(&directory->people, number), who, name_out);
	pthread_mutex_unlock(&directory->lock);
	return found;
}

uint32_t directory_connections(struct directory *directory, uint32_t number)
{
	struct user_record *record;
	uint32_t connections;

	pthread_mutex_lock(&directory->lock);
	record = people_by_number(&directory->people, number);
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
