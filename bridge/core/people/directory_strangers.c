#include "bridge/core/people/directory_strangers.h"

#include <string.h>

#include "bridge/core/directory.h"

static struct person record_person(const struct directory *directory,
				   const struct user_record *record)
{
	struct person person = { .name = slice_span(record->name, record->name_len),
				 .number = record->number,
				 .roles = record->roles };

	identity_uuid(directory->people.key, ID_PERSON, record->number, 0, person.uuid);
	return person;
}

/* Outside of the lock: some microseconds. */
static bool keys_of(const struct directory *directory, struct slice name, struct keys *keys)
{
	return name.len > 0 && people_keys(&directory->people, name, keys);
}

static bool is_free(const struct people *people, const struct keys *keys)
{
	return people_key_is_free(people, keys->name) && people_looks_are_free(people, keys);
}

static struct user_record *add(struct people *people, struct slice name, const struct keys *keys,
			       uint32_t number)
{
	struct user_record *record = people_add(people, name, keys, number);

	record->admitted = record->stranger = true;
	record->connections = 1;
	return record;
}

bool directory_admit_stranger(struct directory *directory, const struct person *known,
			      struct person *who)
{
	struct user_record *record = NULL;
	struct keys keys;

	if (!keys_of(directory, known->name, &keys))
		return false;
	pthread_mutex_lock(&directory->lock);
	if (is_free(&directory->people, &keys)) {
		record = add(&directory->people, known->name, &keys,
			     directory_number_of(directory, known->name));
		record->roles = known->roles | ROLE_USER;
		*who = record_person(directory, record);
	}
	pthread_mutex_unlock(&directory->lock);
	return record != NULL;
}

/* Its own name is no obstacle to one that looks like it: so it is taken out first. */
static bool rename_record(struct people *people, struct user_record **record, struct slice name,
			  const struct keys *keys)
{
	struct user_record was = **record, *now;
	struct keys old = { .name = was.name_key };
	char text[NAME_BYTES_MAX];
	bool fits;

	memcpy(old.looks, was.looks, sizeof(old.looks));
	memcpy(text, (*record)->name, was.name_len);
	people_remove(people, *record);
	fits = is_free(people, keys);
	now = fits ? add(people, name, keys, was.number)
		   : add(people, slice_span(text, was.name_len), &old, was.number);
	now->roles = was.roles;
	now->online = was.online;
	*record = now;
	return fits;
}

/* An account that waits for either would have it as soon as it is free. */
static bool may_change(const struct directory *directory, const struct user_record *record)
{
	return record && record->stranger && !record->evicted &&
	       !people_waits_for(&directory->people, record->name_key, record->number);
}

bool directory_change_stranger(struct directory *directory, const struct person *known,
			       struct person *who)
{
	struct user_record *record;
	struct keys keys;
	bool done;

	if (!keys_of(directory, known->name, &keys))
		return false;
	pthread_mutex_lock(&directory->lock);
	record = people_by_number(&directory->people, known->number);
	done = may_change(directory, record) &&
	       rename_record(&directory->people, &record, known->name, &keys);
	if (done) {
		record->roles = known->roles | ROLE_USER;
		*who = record_person(directory, record);
	}
	pthread_mutex_unlock(&directory->lock);
	return done;
}

void directory_online_stranger(struct directory *directory, uint32_t number)
{
	struct user_record *record;

	pthread_mutex_lock(&directory->lock);
	record = people_by_number(&directory->people, number);
	if (record && record->stranger)
		record->online = 1;
	pthread_mutex_unlock(&directory->lock);
}

bool directory_is_stranger(struct directory *directory, uint32_t number)
{
	const struct user_record *record;
	bool stranger;

	pthread_mutex_lock(&directory->lock);
	record = people_by_number(&directory->people, number);
	stranger = record && record->stranger;
	pthread_mutex_unlock(&directory->lock);
	return stranger;
}
