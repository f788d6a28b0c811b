#include "bridge/admin/control/explained/merge.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static json_t *in(const json_t *object, const char *name)
{
	return json_object_get(object, name);
}

static json_int_t number(const json_t *object, const char *name)
{
	return json_integer_value(in(object, name));
}

static const char *text(const json_t *object, const char *name)
{
	const char *value = json_string_value(in(object, name));

	return value ? value : "";
}

static bool is(const json_t *object, const char *name, const char *value)
{
	return strcmp(text(object, name), value) == 0;
}

static void set(json_t *object, const char *name, json_int_t value)
{
	json_object_set_new(object, name, json_integer(value));
}

/* ---- time ---- */

/* By time; of the same moment, as they stand. */
static void put_in_order(json_t *array, json_t *item)
{
	size_t at = json_array_size(array);

	while (at > 0 && number(json_array_get(array, at - 1), "us") > number(item, "us"))
		at--;
	json_array_insert(array, at, item);
}

static void relative(json_t *object, const char *name, const char *shown, json_int_t from)
{
	json_int_t at = number(object, name);

	if (!in(object, name))
		return;
	json_object_del(object, name);
	set(object, shown, at > from ? at - from : 0);
}

/* ---- one out of many ---- */

/* All of one kind, of all workers. Returns new. */
static json_t *gathered(const json_t *accounts, const char *what)
{
	json_t *all = json_array(), *account, *item;
	size_t i, k;

	json_array_foreach((json_t *)(uintptr_t)accounts, i, account)
	{
		json_array_foreach(in(account, what), k, item)
		{
			put_in_order(all, item);
		}
	}
	return all;
}

/* The first of the workers that has it; borrowed. */
static json_t *first(const json_t *accounts, const char *what)
{
	json_t *account;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)accounts, i, account)
	{
		if (in(account, what))
			return in(account, what);
	}
	return NULL;
}

static json_int_t begin_of(const json_t *life, const json_t *steps, const json_t *destinations)
{
	if (life)
		return number(life, "us");
	if (json_array_size(steps))
		return number(json_array_get(steps, 0), "us");
	if (json_array_size(destinations))
		return number(json_array_get(destinations, 0), "first_us");
	return 0;
}

/* ---- how long others took ---- */

/* What an answer is about: the same destination, when there is one. */
static bool begins(const json_t *step, const json_t *end)
{
	if (is(end, "what", "answer"))
		return is(step, "does", "ask");
	if (!is(step, "to", text(end, "to")))
		return false;
	return is(end, "what", "backend") ? is(step, "does", "backend") : is(step, "what", "waits");
}

/* Each beginning counts for one end. */
static void put_time(json_t *steps, size_t end, bool *used)
{
	json_t *last = json_array_get(steps, end);

	if (!is(last, "what", "answer") && !is(last, "what", "backend") &&
	    !is(last, "what", "upstream"))
		return;
	for (size_t i = 0; i < end; i++) {
		json_t *step = json_array_get(steps, i);

		if (used[i] || !begins(step, last))
			continue;
		used[i] = true;
		set(last, "took_us", number(last, "us") - number(step, "us"));
		if (is(last, "what", "answer"))
			json_object_set(last, "to", in(step, "to"));
		return;
	}
}

#define TIMED_MOST 256

static void put_times(json_t *steps)
{
	bool used[TIMED_MOST] = { false };

	for (size_t i = 0; i < json_array_size(steps) && i < TIMED_MOST; i++)
		put_time(steps, i, used);
}

/* ---- how it ended ---- */

static const json_t *step_that(const json_t *steps, const char *name, const char *value)
{
	json_t *step;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)steps, i, step)
	{
		if (is(step, name, value))
			return step;
	}
	return NULL;
}

static void put_refusal(json_t *message, const json_t *step)
{
	json_object_set_new(message, "end", json_string("refused"));
	if (in(step, "reason"))
		json_object_set(message, "reason", in(step, "reason"));
}

/* What became of it for who said it: the best of what happened. */
static void put_end(json_t *message, const json_t *life, const json_t *steps)
{
	const json_t *refused = step_that(steps, "what", "refused");
	const char *end = NULL;

	if (!refused)
		refused = step_that(steps, "does", "refuse");
	if (step_that(steps, "what", "unstored"))
		end = "unstored";
	else if (step_that(steps, "what", "ordered"))
		end = "ordered";
	else if (step_that(steps, "does", "drop"))
		end = "dropped";
	else if (step_that(steps, "what", "unchanged"))
		end = "unchanged";
	if (life && in(life, "reason"))
		put_refusal(message, life);
	else if (!end && refused)
		put_refusal(message, refused);
	else if (!end && step_that(steps, "what", "backend") &&
		 in(step_that(steps, "what", "backend"), "reason"))
		put_refusal(message, step_that(steps, "what", "backend"));
	else if (!end && step_that(steps, "what", "backend"))
		end = "routed";
	if (!in(message, "end"))
		json_object_set_new(message, "end", json_string(end ? end : "under_way"));
}

/* ---- all of it ---- */

static const char *const of_life[] = { "kind",   "time_ms",    "room",     "by",          "dialect",
				       "mount",  "backend",    "upstream", "target",      "private",
				       "action", "text_bytes", "frame",    "frame_bytes", NULL };

/* Of what did not come in, its place tells. */
static void put_head(json_t *message, const json_t *life, const json_t *order)
{
	const json_t *who = life ? life : order;

	for (size_t i = 0; life && of_life[i]; i++)
		if (in(life, of_life[i]))
			json_object_set(message, of_life[i], in(life, of_life[i]));
	if (order) {
		json_object_set(message, "id", in(order, "id"));
		json_object_set(message, "uuid", in(order, "uuid"));
		json_object_set(message, "room", in(order, "room"));
	}
	if (!life && order) {
		json_object_set(message, "kind", in(order, "kind"));
		json_object_set(message, "time_ms", in(order, "time_ms"));
		json_object_set_new(message, "by", json_string("server"));
	}
	if (!who)
		return;
	json_object_set_new(
	    message, "author",
	    json_pack("{s:O,s:O}", "name", in(who, "name"), "number", in(who, "number")));
	if (in(who, "roles"))
		json_object_set(in(message, "author"), "roles", in(who, "roles"));
}

/* Something newer may be in the place of what belongs to it. */
static bool is_whole(const json_t *accounts, const json_t *life, json_int_t from)
{
	json_t *account;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)accounts, i, account)
	{
		if (number(account, "whole_us") && number(account, "whole_us") >= from)
			return false;
	}
	return life != NULL;
}

static void make_relative(json_t *array, json_int_t from)
{
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item)
	{
		relative(item, "us", "after_us", from);
		relative(item, "first_us", "first_after_us", from);
		relative(item, "last_us", "last_after_us", from);
	}
}

static json_int_t missed_in_all(const json_t *accounts)
{
	json_int_t sum = 0;
	json_t *account;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)accounts, i, account)
	{
		sum += number(account, "missed_in_all");
	}
	return sum;
}

json_t *merge_accounts(const json_t *accounts)
{
	json_t *message = json_object(), *life = first(accounts, "life");
	json_t *steps = gathered(accounts, "steps"), *about = gathered(accounts, "about");
	json_t *destinations = gathered(accounts, "destinations"),
	       *missed = gathered(accounts, "missed");
	json_int_t from = begin_of(life, steps, destinations);

	put_times(steps);
	put_head(message, life, step_that(steps, "what", "ordered"));
	put_end(message, life, steps);
	json_object_set_new(message, "whole", json_boolean(is_whole(accounts, life, from)));
	if (first(accounts, "envelope"))
		json_object_set(message, "envelope", first(accounts, "envelope"));
	make_relative(steps, from);
	make_relative(destinations, from);
	make_relative(missed, from);
	make_relative(about, from);
	set(message, "unlisted", missed_in_all(accounts) - (json_int_t)json_array_size(missed));
	json_object_set_new(message, "steps", steps);
	json_object_set_new(message, "destinations", destinations);
	json_object_set_new(message, "missed", missed);
	json_object_set_new(message, "about", about);
	return message;
}
