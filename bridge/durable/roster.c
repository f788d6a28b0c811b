#include "bridge/durable/roster.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/log/log.h"
#include "codecs/text/memory.h"

#define WARNINGS_MOST 8

struct roster *roster_new(void)
{
	struct roster *roster = memory_zeroed(1, sizeof(*roster));

	roster->next = ROSTER_NUMBER_FIRST;
	return roster;
}

void roster_free(struct roster *roster)
{
	if (!roster)
		return;
	while (roster->names)
		roster_remove(roster, roster->names);
	free(roster);
}

size_t roster_count(const struct roster *roster)
{
	return HASH_CNT(by_name, roster->names);
}

static struct slice fold(struct slice name, char folded[NAME_FOLDED_MAX])
{
	return slice_span(folded, name_fold(name, folded));
}

static struct roster_entry *find_folded(const struct roster *roster, struct slice folded)
{
	struct roster_entry *entry = NULL;

	if (folded.len)
		HASH_FIND(by_name, roster->names, folded.data, (unsigned)folded.len, entry);
	return entry;
}

struct roster_entry *roster_find(const struct roster *roster, struct slice name)
{
	char folded[NAME_FOLDED_MAX];

	return find_folded(roster, fold(name, folded));
}

struct roster_entry *roster_find_number(const struct roster *roster, uint32_t number)
{
	struct roster_entry *entry;

	HASH_FIND(by_number, roster->numbers, &number, sizeof(number), entry);
	return entry;
}

struct roster_entry *roster_add(struct roster *roster, const struct lasting_person *person)
{
	char buffer[NAME_FOLDED_MAX];
	struct slice folded = fold(slice_of(person->name), buffer);
	struct roster_entry *entry;

	if (folded.len == 0 || find_folded(roster, folded) ||
	    roster_find_number(roster, person->number))
		return NULL;
	entry = memory_zeroed(1, sizeof(*entry) + folded.len);
	entry->person = *person;
	entry->folded_len = folded.len;
	memcpy(entry->folded, folded.data, folded.len);
	HASH_ADD(by_name, roster->names, folded, (unsigned)folded.len, entry);
	HASH_ADD(by_number, roster->numbers, person.number, sizeof(entry->person.number), entry);
	return entry;
}

void roster_remove(struct roster *roster, struct roster_entry *entry)
{
	HASH_DELETE(by_name, roster->names, entry);
	HASH_DELETE(by_number, roster->numbers, entry);
	explicit_bzero(entry->person.hash, sizeof(entry->person.hash));
	free(entry);
}

struct roster_entry *roster_next(const struct roster *roster, const struct roster_entry *entry)
{
	return entry ? entry->by_name.next : roster->names;
}

static void plan_shadows(struct roster *roster, const struct conf *conf)
{
	for (struct roster_entry *entry = NULL; (entry = roster_next(roster, entry));)
		entry->to_shadow = false;
	for (size_t i = 0; i < conf->account_count && roster->names; i++) {
		char clean[NAME_BYTES_MAX];
		size_t len = name_clean(slice_of(conf->accounts[i].name), clean);
		struct roster_entry *named = roster_find(roster, slice_span(clean, len));
		struct roster_entry *numbered =
		    roster_find_number(roster, (uint32_t)conf->accounts[i].number);

		if (named)
			named->to_shadow = true;
		if (numbered)
			numbered->to_shadow = true;
	}
}

bool roster_holds(const struct roster_entry *entry)
{
	return !entry->coming && !entry->shadowed && !entry->barred;
}

struct account roster_account(const struct roster_entry *entry)
{
	return (struct account){ .name = entry->person.name,
				 .secret = entry->person.hash,
				 .number = entry->person.number,
				 .roles = entry->person.roles,
				 .hashed = true };
}

struct account *roster_plan(struct roster *roster, const struct conf *conf,
			    struct account *accounts, size_t *count)
{
	size_t most = conf->account_count + roster_count(roster);

	plan_shadows(roster, conf);
	*count = conf->account_count;
	accounts = memory_resize(accounts, (most ? most : 1) * sizeof(*accounts));
	for (const struct roster_entry *entry = NULL; (entry = roster_next(roster, entry));)
		if (!entry->coming && !entry->to_shadow && !entry->barred)
			accounts[(*count)++] = roster_account(entry);
	return accounts;
}

static void warn_of(const struct roster_entry *entry)
{
	char name[4 * NAME_BYTES_MAX + 1];

	text_escape(slice_of(entry->person.name), name, sizeof(name));
	log_line(LOG_WARNING,
		 "the account \"%s\" (number %u), made at run time, does not count: %s", name,
		 entry->person.number,
		 entry->shadowed ? "the configuration has one of that name or number"
				 : "a backend or the server has the name");
}

static void warn_of_all(const struct roster *roster)
{
	size_t count = 0;

	for (const struct roster_entry *entry = NULL; (entry = roster_next(roster, entry));)
		if ((entry->shadowed || entry->barred) && count++ < WARNINGS_MOST)
			warn_of(entry);
	if (count > WARNINGS_MOST)
		log_line(LOG_WARNING, "and %zu more", count - WARNINGS_MOST);
}

void roster_follow(struct roster *roster)
{
	for (struct roster_entry *entry = NULL; (entry = roster_next(roster, entry));)
		entry->shadowed = entry->to_shadow;
	warn_of_all(roster);
}
