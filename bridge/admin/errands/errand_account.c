#include "bridge/admin/errands/errand_account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bridge/admin/control/stored/eviction.h"
#include "bridge/core/directory.h"
#include "bridge/durable/roster.h"
#include "bridge/net/loop.h"

#define ACCOUNT_NAME "Anonymous" /* of one that is given none */

static struct roster *roster_of(const struct errand *errand)
{
	return errand->bridge->roster;
}

/* Could a guest be called so now? Then it is nobody's, looks like nobody's, and nobody goes for it.
 */
static bool is_free(const struct errand *errand)
{
	struct directory *directory = errand->bridge->directory;
	struct directory_login asked = { .name = slice_of(errand->name),
					 .guests = true,
					 .now_ms = clock_steady_ms() };
	char name[NAME_BYTES_MAX];
	struct person who;
	uint64_t credential = 0;
	bool guest = false;

	if (getrandom(&asked.credential, sizeof(asked.credential), 0) !=
	    (ssize_t)sizeof(asked.credential))
		return false;
	asked.credential |= 1;
	return !roster_find(roster_of(errand), asked.name) &&
	       directory_clash(directory, asked.name, 0) == ACCOUNT_FITS &&
	       directory_identify(directory, &asked, &who, name, &guest, &credential) ==
		   REASON_NONE &&
	       guest;
}

/* 0: there is none. */
static uint32_t next_number(const struct errand *errand)
{
	uint32_t number = roster_of(errand)->next;

	do
		number = directory_free_number(errand->bridge->directory, number);
	while (number && roster_find_number(roster_of(errand), number) && number++);
	return number;
}

/* Somebody may have come by that name while it was being stored. */
static void made(struct errand *errand, struct roster_entry *entry)
{
	struct people_change change = { 0 };
	struct account account = roster_account(entry);
	struct person person = { .number = entry->person.number,
				 .roles = ROLE_USER,
				 .name = slice_of(entry->person.name) };

	if (!roster_holds(entry)) {
		errand_end(errand, REASON_NAME_TAKEN, NULL, NULL);
		return;
	}
	directory_put(errand->bridge->directory, &account, &change);
	evict_unheard(errand->bridge, &change);
	identity_uuid(&errand->bridge->key, ID_PERSON, person.number, 0, person.uuid);
	errand_end(errand, REASON_NONE, NULL, &person);
}

static void kept(struct errand *errand, bool failed)
{
	struct roster_entry *entry = roster_find_number(roster_of(errand), errand->number);

	entry->coming = false;
	if (!failed) {
		made(errand, entry);
		return;
	}
	roster_remove(roster_of(errand), entry);
	errand_end(errand, REASON_UNSTORED, NULL, NULL);
}

static void keep(struct errand *errand)
{
	struct lasting *lasting = lasting_new(LASTING_PERSON);
	struct lasting_person *person = &lasting->person;

	person->number = errand->number;
	snprintf(person->name, sizeof(person->name), "%s", errand->name);
	memcpy(person->hash, errand->hash, sizeof(person->hash));
	roster_add(roster_of(errand), person)->coming = true;
	roster_of(errand)->next = errand->number + 1;
	lasting->number = ROSTER_NUMBER_NEXT;
	lasting->value = errand->number + 1;
	errand_keep(errand, lasting, kept);
}

void errand_make_account(struct errand *errand)
{
	bool named = true;

	if (roster_count(roster_of(errand)) >= errand->bridge->limits.made_accounts) {
		errand_end(errand, REASON_TOO_MANY, NULL, NULL);
		return;
	}
	do
		named = errand_next_name(errand, ACCOUNT_NAME);
	while (named && !is_free(errand));
	errand->number = next_number(errand);
	if (!named)
		errand_end(errand, errand->asked[0] ? REASON_NAME_TAKEN : REASON_BAD_ARGUMENT, NULL,
			   NULL);
	else if (!errand->number)
		errand_end(errand, REASON_TOO_MANY, NULL, NULL);
	else
		keep(errand);
}
