#include "bridge/admin/control/stored/accounts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/calls.h"
#include "bridge/admin/control/stored/eviction.h"
#include "bridge/core/directory.h"
#include "bridge/durable/roster.h"
#include "bridge/logins/issue.h"
#include "codecs/text/memory.h"

/* own: a change of one account. */
struct change {
	uint32_t number;
	struct lasting_person person; /* as it is to be */
	size_t closed;
};

static void change_free(void *own)
{
	explicit_bzero(own, sizeof(struct change));
	free(own);
}

static struct roster *roster_of(const struct call *call)
{
	return call->calls->bridge->roster;
}

static struct directory *directory_of(const struct call *call)
{
	return call->calls->bridge->directory;
}

static struct change *change_new(struct call *call, const struct lasting_person *person)
{
	struct change *change = memory_zeroed(1, sizeof(*change));

	change->number = person->number;
	change->person = *person;
	call->own = change;
	call->own_free = change_free;
	return change;
}

/* It stays while something of it is under way. */
static struct roster_entry *entry_of(const struct call *call)
{
	return roster_find_number(roster_of(call), ((const struct change *)call->own)->number);
}

static void fail_unstored(struct call *call, const struct lasting *lasting)
{
	call_fail(call, 1, reason_code(REASON_UNSTORED), "not done: it cannot be stored: %s",
		  lasting->why);
}

static void hear_closed(struct call *call, struct inquiry *head)
{
	((struct change *)call->own)->closed += ((const struct eviction *)head)->closed;
}

static void end(struct call *call)
{
	const struct change *change = call->own;
	const struct lasting_person *person = &change->person;

	call_end(call, json_pack("{s:o,s:I,s:o,s:I,s:o}", "name", json_of(slice_of(person->name)),
				 "number", (json_int_t)person->number, "roles",
				 json_of_roles(person->roles | ROLE_USER), "connections",
				 (json_int_t)change->closed, "silent_workers", call_silent(call)));
}

/* The directory has it as the roster does. */
static void publish(struct call *call, const struct roster_entry *entry)
{
	struct people_change change = { 0 };
	struct account account = roster_account(entry);

	if (roster_holds(entry))
		directory_put(directory_of(call), &account, &change);
	evict(call, &change, hear_closed, end);
}

/* ---- add ---- */

static bool fits(struct call *call, struct slice name, uint32_t number)
{
	const char *text = request_text(&call->request, "name");
	enum account_clash clash = directory_clash(directory_of(call), name, number);

	if (roster_find(roster_of(call), name))
		call_fail(call, 1, reason_code(REASON_NAME_TAKEN), "there is an account '%s'",
			  text);
	else if (clash == ACCOUNT_NO_NAME)
		call_fail(call, 2, "bad_argument", "'%s' cannot be a name", text);
	else if (clash == ACCOUNT_NAME_TAKEN)
		call_fail(call, 1, reason_code(REASON_NAME_TAKEN),
			  "the configuration, a backend or the server has the name '%s'", text);
	else if (clash == ACCOUNT_NUMBER_TAKEN ||
		 (number && roster_find_number(roster_of(call), number)))
		call_fail(call, 1, "number_taken", "another account has the number %u", number);
	else
		return true;
	return false;
}

/* 0: there is none. */
static uint32_t next_number(const struct call *call)
{
	uint32_t number = roster_of(call)->next;

	do
		number = directory_free_number(directory_of(call), number);
	while (number && roster_find_number(roster_of(call), number) && number++);
	return number;
}

static uint32_t roles_asked(const struct call *call)
{
	const char *words[REQUEST_WORDS_MAX];
	size_t count = request_words(&call->request, "role", words);
	uint32_t roles = 0;

	for (size_t i = 0; i < count; i++)
		roles |= person_role_find(slice_of(words[i]));
	return roles;
}

static void added(struct call *call, const struct lasting *lasting)
{
	struct roster_entry *entry = entry_of(call);

	if (lasting->failed) {
		roster_remove(roster_of(call), entry);
		fail_unstored(call, lasting);
		return;
	}
	entry->coming = false;
	publish(call, entry);
}

static void add(struct call *call, const struct lasting_person *person, bool numbered)
{
	struct lasting *lasting = lasting_new(LASTING_PERSON);
	struct roster_entry *entry = roster_add(roster_of(call), person);

	entry->coming = true;
	lasting->person = *person;
	if (!numbered) {
		roster_of(call)->next = person->number + 1;
		lasting->number = ROSTER_NUMBER_NEXT;
		lasting->value = person->number + 1;
	}
	change_new(call, person);
	call_keep(call, lasting, added);
}

void accounts_add_serve(struct call *call)
{
	const char *given = request_text(&call->request, "number");
	struct lasting_person person = { .number = given ? (uint32_t)atol(given) : 0 };
	struct slice name = slice_of(request_text(&call->request, "name"));
	char clean[NAME_BYTES_MAX];
	size_t len = name_clean(name, clean);

	if (!call_keeps(call, "accounts made at run time") || !fits(call, name, person.number))
		return;
	if (!given && !(person.number = next_number(call))) {
		call_fail(call, 1, "no_number", "no number is left");
		return;
	}
	memcpy(person.name, clean, len);
	snprintf(person.hash, sizeof(person.hash), "%s",
		 request_text(&call->request, REQUEST_SECRET));
	person.roles = roles_asked(call);
	add(call, &person, given != NULL);
	explicit_bzero(&person, sizeof(person));
}

/* ---- passwd, role, remove ---- */

static void fail_unknown(struct call *call, const char *text)
{
	struct person who;
	char name[NAME_BYTES_MAX];
	bool found =
	    text[0] == '#'
		? directory_find_number(directory_of(call), (uint32_t)atol(text + 1), &who, name)
		: directory_find_name(directory_of(call), slice_of(text), &who, name);

	if (found && directory_clash(directory_of(call), who.name, 0) == ACCOUNT_NAME_TAKEN)
		call_fail(call, 1, "configured",
			  "'%s' was not made at run time: the configuration has it, or a backend",
			  text);
	else
		call_fail(call, 1, reason_code(REASON_UNKNOWN_PERSON), "there is no account '%s'",
			  text);
}

/* The one that is to be changed. NULL: the call has failed. */
static struct roster_entry *find(struct call *call)
{
	const char *text = request_text(&call->request, "name");
	struct roster_entry *entry;

	if (!call_keeps(call, "accounts made at run time"))
		return NULL;
	entry = text[0] == '#' ? roster_find_number(roster_of(call), (uint32_t)atol(text + 1))
			       : roster_find(roster_of(call), slice_of(text));
	if (!entry) {
		fail_unknown(call, text);
	} else if (entry->coming || entry->changing) {
		call_fail(call, 1, reason_code(REASON_BUSY), "'%s' is being changed", text);
		entry = NULL;
	}
	return entry;
}

static void changed(struct call *call, const struct lasting *lasting)
{
	const struct change *change = call->own;
	struct roster_entry *entry = entry_of(call);

	entry->changing = false;
	if (lasting->failed) {
		fail_unstored(call, lasting);
		return;
	}
	memcpy(entry->person.hash, change->person.hash, sizeof(entry->person.hash));
	entry->person.roles = change->person.roles;
	publish(call, entry);
}

static void begin(struct call *call, struct roster_entry *entry,
		  const struct lasting_person *person, enum lasting_kind kind,
		  void (*kept)(struct call *, const struct lasting *))
{
	struct lasting *lasting = lasting_new(kind);

	lasting->person = *person;
	entry->changing = true;
	change_new(call, person);
	call_keep(call, lasting, kept);
}

void accounts_passwd_serve(struct call *call)
{
	struct roster_entry *entry = find(call);
	struct lasting_person person;

	if (!entry)
		return;
	person = entry->person;
	snprintf(person.hash, sizeof(person.hash), "%s",
		 request_text(&call->request, REQUEST_SECRET));
	begin(call, entry, &person, LASTING_PERSON, changed);
}

void accounts_role_serve(struct call *call)
{
	const char *words[REQUEST_WORDS_MAX];
	size_t count = request_words(&call->request, "change", words);
	struct roster_entry *entry = find(call);
	struct lasting_person person;

	if (!entry)
		return;
	person = entry->person;
	for (size_t i = 0; i < count; i++) {
		uint32_t role = person_role_find(slice_of(words[i] + 1));

		person.roles = words[i][0] == '+' ? person.roles | role : person.roles & ~role;
	}
	begin(call, entry, &person, LASTING_PERSON, changed);
}

static void removed(struct call *call, const struct lasting *lasting)
{
	struct roster_entry *entry = entry_of(call);
	struct people_change change = { 0 };

	entry->changing = false;
	if (lasting->failed) {
		fail_unstored(call, lasting);
		return;
	}
	if (roster_holds(entry))
		directory_drop(directory_of(call), slice_of(entry->person.name), &change);
	roster_remove(roster_of(call), entry);
	evict(call, &change, hear_closed, end);
}

void accounts_remove_serve(struct call *call)
{
	struct roster_entry *entry = find(call);

	if (entry)
		begin(call, entry, &entry->person, LASTING_PERSON_GONE, removed);
}

/* ---- for erase ---- */

bool account_claim(struct call *call, uint32_t number)
{
	struct roster_entry *entry = roster_find_number(roster_of(call), number);

	if (entry && (entry->coming || entry->changing)) {
		call_fail(call, 1, reason_code(REASON_BUSY), "the account is being changed");
		return false;
	}
	if (entry)
		entry->changing = true;
	return true;
}

void account_free(struct roster *roster, uint32_t number)
{
	struct roster_entry *entry = roster_find_number(roster, number);

	if (entry)
		entry->changing = false;
}

void account_erased(struct call *call, uint32_t number, void (*proceed)(struct call *))
{
	struct roster_entry *entry = roster_find_number(roster_of(call), number);
	struct people_change change = { 0 };

	issue_erase(call->calls->bridge, number);
	if (entry) {
		if (roster_holds(entry))
			directory_drop(directory_of(call), slice_of(entry->person.name), &change);
		roster_remove(roster_of(call), entry);
	}
	evict(call, &change, NULL, proceed);
}
